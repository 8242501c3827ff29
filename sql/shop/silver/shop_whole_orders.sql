-- description: Orders of landed days. For other days only orders that changed later are known, so their figures
-- would be incomplete.
-- materialize: table
select
  orders.order_id,
  orders.customer_token,
  orders.order_date,
  orders.status,
  orders.campaign_id,
  orders.payment_method,
  orders.shipping_fee,
  orders.told_on
from silver.shop_latest_orders as orders
semi join silver.shop_landed_days as days on orders.order_date = days.day
