-- description: One row per order, with its latest status and the date of that status.
-- materialize: upsert on order_id
select
  order_id,
  customer_token,
  placed_at,
  cast(placed_at at time zone 'UTC' as date) as order_date,
  status,
  campaign_id,
  payment_method,
  shipping_fee,
  _ingest_date as told_on,
  _source,
  _landed_at,
  _run_id,
  _ingest_date,
  _slot,
  _position
from bronze.shop_orders
