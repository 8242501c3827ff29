-- description: One row per customer token, as the shop told of it last, with when and from where that came.
-- materialize: upsert on customer_token
select
  customer_token,
  country_code,
  zip_area,
  -- What follows the marks: a listed provider or `other`. No domain at all counts as `other` too.
  coalesce(nullif(regexp_extract(email, '^\*\*\*@(.+)$', 1), ''), 'other') as email_provider,
  loyalty_tier,
  store_credit,
  marketing_consent,
  signed_up_in,
  _source,
  _landed_at,
  _run_id,
  _ingest_date,
  _slot,
  _position
from bronze.shop_customers
