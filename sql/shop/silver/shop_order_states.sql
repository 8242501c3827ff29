-- description: History of each order's status.
-- materialize: history on order_id (status)
select
  order_id,
  status,
  _source,
  _landed_at,
  _run_id,
  _ingest_date,
  _slot,
  _position
from bronze.shop_orders
