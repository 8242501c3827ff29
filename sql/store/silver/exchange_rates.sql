-- description: Exchange rates of the US dollar by day and currency. A corrected rate replaces the earlier one.
-- materialize: upsert on rate_date, currency
select
  rate_date,
  currency,
  rate,
  _ingest_date,
  _slot,
  _position
from bronze.store_rates
