-- description: Cost and revenue of each campaign, over the landed days on which it ran. Amounts are in euros.
-- Name and channel are those of the last day. `orders` and `revenue` cover the orders of the campaign that are neither
-- cancelled nor returned.
-- `roas` (return on ad spend) = revenue / spend; `cost_per_order` = spend / orders; `conversion_percent` =
-- 100 × orders / clicks; `click_percent` = 100 × clicks / impressions. A division by 0 gives null.
-- materialize: table
with costs as (
  select
    campaign_id,
    arg_max(name, day) as name,
    arg_max(channel, day) as channel,
    count(*) as days,
    sum(spend) as spend,
    cast(sum(impressions) as bigint) as impressions,
    cast(sum(clicks) as bigint) as clicks
  from silver.shop_campaign_days
  group by campaign_id
),
returns as (
  select
    campaign_id,
    count(distinct order_id) as orders,
    count(distinct customer_token) as customers,
    sum(revenue) as revenue
  from silver.shop_sales
  where campaign_id is not null
  group by campaign_id
)
select
  costs.campaign_id,
  costs.name,
  costs.channel,
  costs.days,
  costs.spend,
  costs.impressions,
  costs.clicks,
  coalesce(returns.orders, 0) as orders,
  coalesce(returns.customers, 0) as customers,
  coalesce(returns.revenue, 0) as revenue,
  round(coalesce(returns.revenue, 0) / nullif(costs.spend, 0), 2) as roas,
  cast(round(costs.spend / nullif(returns.orders, 0), 2) as decimal(18, 2)) as cost_per_order,
  round(100 * coalesce(returns.orders, 0) / nullif(costs.clicks, 0), 2) as conversion_percent,
  round(100 * costs.clicks / nullif(costs.impressions, 0), 2) as click_percent
from costs
left join returns on costs.campaign_id = returns.campaign_id
