-- description: One row per order: who, and when. Orders without an item are orders too.
-- materialize: incremental by ingest_date
select
  order_token,
  user_token,
  ordered_at,
  cast(ordered_at at time zone 'UTC' as date) as order_date,
  _ingest_date as ingest_date
from bronze.store_carts
