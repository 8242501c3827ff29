-- title: Sales of the last 14 days
-- chart: line x=order_date y=revenue_usd
-- people: customers
select
  order_date,
  orders,
  customers,
  units,
  revenue_usd,
  revenue_eur
from gold.sales_trend
where order_date <= $date
  and order_date > $date - interval 14 days
order by order_date desc
