-- description: One row per customer token: orders, units, revenue, first and last order. Users without orders have 0.
-- materialize: table
with orders_of_users as (
  select
    user_token,
    count(*) as orders,
    min(order_date) as first_order_date,
    max(order_date) as last_order_date
  from silver.orders
  group by user_token
),
revenue_of_users as (
  select
    user_token,
    cast(sum(quantity) as bigint) as units,
    sum(revenue_usd) as revenue_usd,
    sum(revenue_eur) as revenue_eur
  from silver.sales
  group by user_token
)
select
  users.user_token,
  users.email_provider,
  coalesce(orders_of_users.orders, 0) as orders,
  coalesce(revenue_of_users.units, 0) as units,
  coalesce(revenue_of_users.revenue_usd, 0) as revenue_usd,
  coalesce(revenue_of_users.revenue_eur, 0) as revenue_eur,
  orders_of_users.first_order_date,
  orders_of_users.last_order_date
from silver.users
left join orders_of_users on users.user_token = orders_of_users.user_token
left join revenue_of_users on users.user_token = revenue_of_users.user_token
