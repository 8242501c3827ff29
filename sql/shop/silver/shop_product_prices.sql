-- description: What a product was sold for and what it cost the shop, in euros, and from when to when.
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
