-- description: What a US dollar was worth on a day, in another currency. A corrected rate replaces the older one.
-- materialize: upsert on rate_date, currency
-- deletes: keep
select
  rate_date,
  currency,
  rate,
  _ingest_date,
  _slot,
  _position
from bronze.store_rates
