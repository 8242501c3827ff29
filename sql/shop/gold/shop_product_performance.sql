-- description: What each product has sold over all landed days.
-- `margin` = revenue − cost; `margin_percent` = 100 × margin / revenue. Ranks are by revenue, highest first; products
-- with the same revenue share one, and the next rank is left out.
-- materialize: table
with sales_of_products as (
  select
    product_id,
    count(distinct order_token) as orders,
    count(distinct customer_token) as customers,
    cast(sum(quantity) as bigint) as units,
    sum(revenue) as revenue,
    sum(cost) as cost
  from silver.shop_sales
  group by product_id
),
performance as (
  select
    products.product_id,
    products.name,
    products.category,
    products.is_listed,
    coalesce(sales.orders, 0) as orders,
    coalesce(sales.customers, 0) as customers,
    coalesce(sales.units, 0) as units,
    coalesce(sales.revenue, 0) as revenue,
    coalesce(sales.cost, 0) as cost
  from silver.shop_latest_products as products
  left join sales_of_products as sales on products.product_id = sales.product_id
)
select
  product_id,
  name,
  category,
  is_listed,
  orders,
  customers,
  units,
  revenue,
  cost,
  revenue - cost as margin,
  round(100 * (revenue - cost) / nullif(revenue, 0), 2) as margin_percent,
  rank() over (order by revenue desc) as revenue_rank,
  rank() over (partition by category order by revenue desc) as category_rank
from performance
