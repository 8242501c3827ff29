-- description: What each campaign cost and brought, over the landed days on which it ran. Money is in euros.
-- Name and channel are as they were on the last of them. `orders` and `revenue` are of the orders that name the campaign and are neither cancelled nor returned.
-- `roas` (return on ad spend) = revenue / spend; `cost_per_order` = spend / orders; `conversion_percent` =
-- 100 × orders / clicks; `click_percent` = 100 × clicks / impressions. What would be divided by 0 is null.
-- materialize: table
with costs as (
  select
    campaign_id,
    arg_max(name, day order by name) as name,
    arg_max(channel, day order by channel) as channel,
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
    count(distinct order_token) as orders,
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
