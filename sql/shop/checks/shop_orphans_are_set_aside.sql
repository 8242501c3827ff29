-- description: Everything points at something that the shop has told of; what does not is in silver.shop_orphans.
-- severity: warn
select
  kind,
  order_id,
  line
from silver.shop_orphans
