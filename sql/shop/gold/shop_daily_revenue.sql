-- description: Orders and revenue by landed day, beside the same day of the year before.
-- `orders` are all that were placed; of them `cancelled` and `returned` so far. `revenue`, `units`, `customers` and
-- `average_order` are of the others. `growth_percent` = 100 × (revenue − revenue_year_before) / revenue_year_before,
-- null where that day is not landed; the day before 29 February is 28 February. Saturday and Sunday are the weekend.
-- materialize: table
with orders_of_days as (
  select
    order_date,
    count(*) as orders,
    count(*) filter (where status = 'cancelled') as cancelled,
    count(*) filter (where status = 'returned') as returned
  from silver.shop_whole_orders
  group by order_date
),
sales_of_days as (
  select
    order_date,
    count(distinct order_token) as sold_orders,
    count(distinct customer_token) as customers,
    cast(sum(quantity) as bigint) as units,
    sum(revenue) as revenue
  from silver.shop_sales
  group by order_date
),
days as (
  select
    landed_days.day as order_date,
    coalesce(orders_of_days.orders, 0) as orders,
    coalesce(orders_of_days.cancelled, 0) as cancelled,
    coalesce(orders_of_days.returned, 0) as returned,
    coalesce(sales_of_days.sold_orders, 0) as sold_orders,
    coalesce(sales_of_days.customers, 0) as customers,
    coalesce(sales_of_days.units, 0) as units,
    coalesce(sales_of_days.revenue, 0) as revenue
  from silver.shop_landed_days as landed_days
  left join orders_of_days on landed_days.day = orders_of_days.order_date
  left join sales_of_days on landed_days.day = sales_of_days.order_date
)
select
  days.order_date,
  isodow(days.order_date) >= 6 as is_weekend,
  days.orders,
  days.cancelled,
  days.returned,
  days.customers,
  days.units,
  days.revenue,
  cast(round(days.revenue / nullif(days.sold_orders, 0), 2) as decimal(18, 2)) as average_order,
  year_before.revenue as revenue_year_before,
  round(100 * (days.revenue - year_before.revenue) / nullif(year_before.revenue, 0), 2) as growth_percent
from days
left join days as year_before on year_before.order_date = cast(days.order_date - interval 1 year as date)
