-- description: One row per customer token: the latest record, with its date and source.
-- materialize: upsert on customer_token
select
  customer_token,
  country_code,
  zip_area,
  -- The domain after `@`: a listed provider or `other`. A missing domain is also `other`.
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
