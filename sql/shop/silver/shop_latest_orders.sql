-- description: One row per order, with the status that was told of last, and the day on which that was.
-- materialize: upsert on order_token
select
  order_token,
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
