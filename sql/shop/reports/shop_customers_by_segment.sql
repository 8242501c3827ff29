-- title: Customers by segment
-- chart: bar x=segment y=customers
-- people: customers
select
  segment,
  count(distinct customer_token) as customers,
  cast(sum(frequency) as bigint) as orders,
  sum(monetary) as revenue,
  cast(median(recency_days) as bigint) as median_days_since_order
from gold.shop_customer_segments
group by segment
order by customers desc, segment
