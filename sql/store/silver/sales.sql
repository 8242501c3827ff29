-- description: One row per item sold, at the price of that day, in US dollars and euros. No price, no amount.
-- materialize: table
with euro_rates as (
  select
    rate_date,
    rate
  from silver.exchange_rates
  where currency = 'EUR'
),
priced_items as (
  select
    orders.order_token,
    orders.user_token,
    orders.order_date,
    order_items.product_id,
    products.title,
    products.category,
    order_items.quantity,
    order_items.quantity * products.price as revenue_usd
  from silver.order_items
  inner join silver.orders on order_items.order_token = orders.order_token
  left join silver.products
    on order_items.product_id = products.product_id
    and orders.order_date >= products.valid_from
    and (products.valid_to is null or orders.order_date < products.valid_to)
)
select
  priced_items.order_token,
  priced_items.user_token,
  priced_items.order_date,
  priced_items.product_id,
  priced_items.title,
  priced_items.category,
  priced_items.quantity,
  cast(priced_items.revenue_usd as decimal(18, 2)) as revenue_usd,
  -- The rate of the day, or of the last day before it that has one.
  cast(round(priced_items.revenue_usd * euro_rates.rate, 2) as decimal(18, 2)) as revenue_eur
from priced_items
asof left join euro_rates on priced_items.order_date >= euro_rates.rate_date
