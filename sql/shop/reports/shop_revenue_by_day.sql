-- title: Revenue of the last 28 days
-- chart: line x=order_date y=revenue
-- people: customers
select
  order_date,
  is_weekend,
  orders,
  customers,
  revenue,
  average_order,
  revenue_year_before,
  growth_percent
from gold.shop_daily_revenue
where order_date <= $date
  and order_date > $date - interval 28 days
order by order_date desc
