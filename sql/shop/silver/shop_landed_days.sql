-- description: The landed days that are still known: each has at least one record.
-- materialize: table
select valid_from as day
from silver.shop_order_states
union
select day
from silver.shop_campaign_days
union
select ingest_date as day
from silver.shop_stock
