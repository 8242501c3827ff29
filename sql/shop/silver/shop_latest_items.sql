-- description: One row per line that an order ever had: the latest record. `told_on` is the date of that record; a
-- line that is missing from the latest record of its order was removed. Amounts are in euros.
-- materialize: upsert on order_id, line
select
  order_id,
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
