-- title: How many customers have placed how many orders
-- chart: bar x=orders y=customers
-- people: customers
select
  orders,
  count(*) as customers
from gold.customer_activity
group by orders
order by orders
