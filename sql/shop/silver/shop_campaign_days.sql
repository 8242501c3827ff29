-- description: What a campaign cost and brought on each day on which it ran, in euros. By key, so that what it cost is
-- remembered as long as what it sold when raw files are pruned.
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
