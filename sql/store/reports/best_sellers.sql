-- title: Top ten products of the day by sales
-- chart: bar x=title y=revenue_usd
-- people: customers
select
  title,
  category,
  units,
  revenue_usd,
  revenue_eur,
  customers
from gold.product_performance
where order_date = $date
order by revenue_usd desc, title, product_id
limit 10
