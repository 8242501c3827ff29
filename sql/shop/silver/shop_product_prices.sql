-- description: History of each product's price and of its cost to the shop, in euros.
-- materialize: history on product_id (price, cost)
select
  product_id,
  price,
  cost,
  _source,
  _landed_at,
  _run_id,
  _ingest_date,
  _slot,
  _position
from bronze.shop_products
