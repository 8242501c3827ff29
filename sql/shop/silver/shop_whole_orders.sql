-- description: Orders that are known from their own day on. Of the days before the first landed one only those come that
-- change later, so that no figure of these days would be whole.
-- materialize: table
with first_states as (
  select
    order_id,
    min(valid_from) as first_day
  from silver.shop_order_states
  group by order_id
)
select
  orders.order_id,
  orders.customer_token,
  orders.order_date,
  orders.status,
  orders.campaign_id,
  orders.payment_method,
  orders.shipping_fee
from silver.shop_latest_orders as orders
inner join first_states on orders.order_id = first_states.order_id
where first_states.first_day <= orders.order_date
