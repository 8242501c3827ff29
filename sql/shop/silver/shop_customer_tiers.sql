-- description: History of each customer's loyalty tier.
-- materialize: history on customer_token (loyalty_tier)
select
  customer_token,
  loyalty_tier,
  _source,
  _landed_at,
  _run_id,
  _ingest_date,
  _slot,
  _position
from bronze.shop_customers
