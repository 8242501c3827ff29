-- description: Orders with items, units and revenue by day, and the revenue of the seven days that end with it.
-- materialize: table
with daily as (
  select
    order_date,
    count(distinct order_token) as orders,
    count(distinct user_token) as customers,
    cast(sum(quantity) as bigint) as units,
    sum(revenue_usd) as revenue_usd,
    sum(revenue_eur) as revenue_eur
  from silver.sales
  group by order_date
)
select
  order_date,
  orders,
  customers,
  units,
  revenue_usd,
  revenue_eur,
  sum(revenue_usd) over (
    order by order_date range between interval 6 days preceding and current row
  ) as revenue_usd_7_days
from daily
