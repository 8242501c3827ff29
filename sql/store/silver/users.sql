-- description: One row per user token, from the newest snapshot: city, zip area, mail provider.
-- materialize: upsert on user_token
select
  user_token,
  city,
  zip_area,
  -- The domain after `@`: a listed provider or `other`. A missing domain is also `other`.
  coalesce(nullif(regexp_extract(email, '^\*\*\*@(.+)$', 1), ''), 'other') as email_provider,
  _ingest_date,
  _slot,
  _position
from bronze.store_users
