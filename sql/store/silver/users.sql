-- description: One row per user token, as the newest snapshot has it: city, zip area, mail provider.
-- materialize: upsert on user_token
-- deletes: keep
select
  user_token,
  city,
  zip_area,
  -- What follows the marks: a listed provider or `other`. No domain at all counts as `other` too.
  coalesce(nullif(regexp_extract(email, '^\*\*\*@(.+)$', 1), ''), 'other') as email_provider,
  _ingest_date,
  _slot,
  _position
from bronze.store_users
