-- description: Cost and revenue of each campaign by day, in euros. Keyed, so that its cost is kept as long
-- as its sales when raw files are pruned.
-- materialize: upsert on campaign_id, day
select
  campaign_id,
  _ingest_date as day,
  name,
  channel,
  starts_on,
  ends_on,
  budget,
  spend,
  impressions,
  clicks,
  _source,
  _landed_at,
  _run_id,
  _ingest_date,
  _slot,
  _position
from bronze.shop_campaigns
