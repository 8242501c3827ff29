-- title: Top ten products by revenue
-- chart: bar x=name y=revenue
-- people: customers
select
  revenue_rank,
  name,
  category,
  units,
  revenue,
  margin,
  margin_percent,
  customers
from gold.shop_product_performance
where customers > 0
order by revenue_rank, name
limit 10
