-- description: Every sale with an amount in US dollars has an amount in euros.
-- severity: error
select
  order_token,
  product_id,
  order_date
from silver.sales
where revenue_usd is not null
  and revenue_eur is null
