-- description: How long the stock of both warehouses lasts, as of the newest landed date.
-- `available` = on hand − reserved. `units_a_day` = units sold in the last 28 days / landed days among them.
-- `days_of_cover` = available / units_a_day, null if nothing was sold. `status` is the first of these that applies:
-- `out of stock`, nothing is available; `low stock`, the stock on hand is at or below the reorder point; `dead stock`,
-- no sales in 90 days, of which at least 28 landed; `overstock`, more than 180 days of cover; `healthy`.
-- materialize: table
with newest as (
  select max(ingest_date) as day
  from silver.shop_stock
),
stock as (
  select
    product_id,
    cast(sum(on_hand) as bigint) as on_hand,
    cast(sum(on_hand - reserved) as bigint) as available,
    cast(sum(reorder_point) as bigint) as reorder_point
  from silver.shop_stock
  where ingest_date = (select day from newest)
  group by product_id
),
landed_days as (
  select
    count(*) filter (where days.day > newest.day - 28) as landed_of_28,
    count(*) as landed_of_90
  from newest
  inner join silver.shop_landed_days as days on days.day > newest.day - 90 and days.day <= newest.day
),
sold as (
  select
    sales.product_id,
    cast(coalesce(sum(sales.quantity) filter (where sales.order_date > newest.day - 28), 0) as bigint) as units_28_days,
    cast(sum(sales.quantity) as bigint) as units_90_days,
    count(distinct sales.customer_token) as customers_90_days
  from silver.shop_sales as sales
  inner join newest on sales.order_date > newest.day - 90 and sales.order_date <= newest.day
  group by sales.product_id
),
covered as (
  select
    stock.product_id,
    stock.on_hand,
    stock.available,
    stock.reorder_point,
    coalesce(sold.units_90_days, 0) as units_90_days,
    coalesce(sold.customers_90_days, 0) as customers_90_days,
    landed_days.landed_of_90,
    round(coalesce(sold.units_28_days, 0) / nullif(landed_days.landed_of_28, 0), 3) as units_a_day,
    round(stock.available * landed_days.landed_of_28 / nullif(sold.units_28_days, 0), 1) as days_of_cover
  from stock
  cross join landed_days
  left join sold on stock.product_id = sold.product_id
)
select
  covered.product_id,
  products.name,
  products.category,
  covered.on_hand,
  covered.available,
  covered.reorder_point,
  covered.units_90_days,
  covered.customers_90_days,
  covered.units_a_day,
  covered.days_of_cover,
  case
    when covered.available <= 0 then 'out of stock'
    when covered.on_hand <= covered.reorder_point then 'low stock'
    when covered.units_90_days = 0 and covered.landed_of_90 >= 28 then 'dead stock'
    when covered.days_of_cover > 180 then 'overstock'
    else 'healthy'
  end as status
from covered
left join silver.shop_latest_products as products on covered.product_id = products.product_id
