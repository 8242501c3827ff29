-- title: Customers by number of orders, with their revenue
-- chart: bar x=orders y=customers
-- people: customers
select
  orders,
  count(distinct user_token) as customers,
  cast(sum(units) as bigint) as units,
  sum(revenue_usd) as revenue_usd,
  sum(revenue_eur) as revenue_eur
from gold.customer_activity
group by orders
order by orders
