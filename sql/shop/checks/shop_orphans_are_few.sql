-- description: At most 5 percent of the orders and items have a missing reference; more indicates a source fault.
-- severity: error
with counted as (
  select
    (select count(*) from silver.shop_orphans) as orphans,
    (select count(*) from silver.shop_whole_orders) as orders
)
select
  orphans,
  orders
from counted
where 100 * orphans > 5 * orders + 500
