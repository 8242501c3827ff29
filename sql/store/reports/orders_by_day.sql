-- title: Orders of the fourteen days that end with this one
-- chart: bar x=order_date y=orders
-- people: customers
select
  order_date,
  orders,
  customers,
  orders_7_days
from gold.order_trend
where order_date <= $date
  and order_date > $date - interval 14 days
order by order_date desc
