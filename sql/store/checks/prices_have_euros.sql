-- description: Every price in US dollars has a price in euros.
-- severity: error
select
  product_id,
  valid_from
from gold.product_prices
where price_eur is null
