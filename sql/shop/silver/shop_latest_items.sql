-- description: One row per line that an order ever had, as it was told of last. A line that was not told of with its
-- order the last time is gone from it: `told_on` says so. Money is in euros.
-- materialize: upsert on order_token, line
select
  order_token,
  line,
  product_id,
  quantity,
  unit_price,
  discount,
  _ingest_date as told_on,
  _source,
  _landed_at,
  _run_id,
  _ingest_date,
  _slot,
  _position
from bronze.shop_order_items
