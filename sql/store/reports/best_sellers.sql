-- title: The ten products that sold best on the day
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
