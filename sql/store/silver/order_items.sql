-- description: One row per order and product, with its quantity.
-- materialize: incremental by ingest_date
select
  order_id,
  product_id,
  quantity,
  _ingest_date as ingest_date
from bronze.store_cart_items
