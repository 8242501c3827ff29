-- description: What has an amount in US dollars has one in euros.
-- severity: error
select
  order_id,
  product_id,
  order_date
from silver.sales
where revenue_usd is not null
  and revenue_eur is null
