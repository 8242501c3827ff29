-- description: Every item belongs to an existing order.
-- severity: error
select
  order_items.order_token,
  order_items.product_id
from silver.order_items
anti join silver.orders on order_items.order_token = orders.order_token
