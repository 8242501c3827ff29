-- description: One row per order and product, with how many of it.
-- materialize: incremental by ingest_date
select
  order_token,
  product_id,
  quantity,
  _ingest_date as ingest_date
from bronze.store_cart_items
