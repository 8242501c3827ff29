-- description: One row per order: its customer and date, including orders without items.
-- materialize: incremental by ingest_date
select
  order_id,
  user_token,
  ordered_at,
  cast(ordered_at at time zone 'UTC' as date) as order_date,
  _ingest_date as ingest_date
from bronze.store_carts
