-- description: One row per customer token: orders, first and last. Users without an order stand at 0.
-- materialize: table
with orders_of_users as (
  select
    user_token,
    count(*) as orders,
    min(order_date) as first_order_date,
    max(order_date) as last_order_date
  from silver.orders
  group by user_token
)
select
  users.user_token,
  users.email_provider,
  coalesce(orders_of_users.orders, 0) as orders,
  orders_of_users.first_order_date,
  orders_of_users.last_order_date
from silver.users
left join orders_of_users on users.user_token = orders_of_users.user_token
