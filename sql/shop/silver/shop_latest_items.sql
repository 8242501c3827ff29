-- description: One row per line of an order, as it was told of last. Money is in euros.
-- materialize: upsert on order_id, line
select
  order_id,
  line,
  product_id,
  quantity,
  unit_price,
  discount,
  _source,
  _landed_at,
  _run_id,
  _ingest_date,
  _slot,
  _position
from bronze.shop_order_items
