-- title: Stock that needs attention, worst first
-- chart: bar x=name y=available
-- people: customers_90_days
select
  status,
  name,
  available,
  reorder_point,
  units_a_day,
  days_of_cover,
  customers_90_days
from gold.shop_inventory_health
where status <> 'healthy'
order by
  array_position(['out of stock', 'low stock', 'dead stock', 'overstock'], status),
  available,
  name
limit 20
