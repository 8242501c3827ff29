-- description: Stock in each warehouse at the end of a day, by product.
-- materialize: incremental by ingest_date
select
  product_id,
  warehouse,
  on_hand,
  coalesce(reserved, 0) as reserved,
  reorder_point,
  _source,
  _landed_at,
  _run_id,
  _ingest_date as ingest_date
from bronze.shop_inventory
