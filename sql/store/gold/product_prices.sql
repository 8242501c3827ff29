-- description: Price history of each product, in US dollars, and in euros at the rate of the first day.
-- materialize: table
with euro_rates as (
  select
    rate_date,
    rate
  from silver.exchange_rates
  where currency = 'EUR'
)
select
  products.product_id,
  products.title,
  products.category,
  products.valid_from,
  products.valid_to,
  products.price as price_usd,
  -- The rate of the day, or else of the last day before it with a rate.
  cast(round(products.price * euro_rates.rate, 2) as decimal(18, 2)) as price_eur
from silver.products
asof left join euro_rates on products.valid_from >= euro_rates.rate_date
