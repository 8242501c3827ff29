-- description: Orders and customers by day, and the orders of the seven days that end with it.
-- materialize: table
with daily as (
  select
    order_date,
    count(*) as orders,
    count(distinct user_token) as customers
  from silver.orders
  group by order_date
)
select
  order_date,
  orders,
  customers,
  cast(
    sum(orders) over (order by order_date range between interval 6 days preceding and current row) as bigint
  ) as orders_7_days
from daily
