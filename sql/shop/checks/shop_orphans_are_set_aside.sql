-- description: Every reference exists; rows with a missing reference are in silver.shop_orphans.
-- severity: warn
select
  kind,
  order_token,
  line
from silver.shop_orphans
