-- description: Orders of the days that have landed. Of other days only those orders are known that change later, so that
-- no figure of these days would be whole.
-- materialize: table
select
  orders.order_token,
  orders.customer_token,
  orders.order_date,
  orders.status,
  orders.campaign_id,
  orders.payment_method,
  orders.shipping_fee,
  orders.told_on
from silver.shop_latest_orders as orders
semi join silver.shop_landed_days as days on orders.order_date = days.day
