-- title: Top ten mail providers by customers, with their orders
-- chart: bar x=email_provider y=customers
-- people: customers
select
  email_provider,
  count(distinct user_token) as customers,
  cast(sum(orders) as bigint) as orders
from gold.customer_activity
where orders > 0
group by email_provider
order by customers desc, email_provider
limit 10
