-- description: One row per product: the latest record.
-- materialize: upsert on product_id
select
  product_id,
  sku,
  name,
  category,
  price,
  cost,
  is_listed,
  listed_on,
  _source,
  _landed_at,
  _run_id,
  _ingest_date,
  _slot,
  _position
from bronze.shop_products
