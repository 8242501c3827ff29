-- description: Which status an order had, and from when to when.
-- materialize: history on order_token (status)
select
  order_token,
  status,
  _source,
  _landed_at,
  _run_id,
  _ingest_date,
  _slot,
  _position
from bronze.shop_orders
