-- description: The days that have landed, as far as anything remembers them: on each of them something was told of.
-- materialize: table
select valid_from as day
from silver.shop_order_states
union
select day
from silver.shop_campaign_days
union
select ingest_date as day
from silver.shop_stock
