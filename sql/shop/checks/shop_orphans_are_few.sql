-- description: Of the orders and items no more than 5 in 100 point at nothing: more is a fault of the source.
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
