-- description: History of each product's name, category and price. A withdrawn product ends.
-- materialize: history on product_id (title, category, price)
-- deletes: close
select
  product_id,
  title,
  category,
  price,
  rating,
  ratings,
  _ingest_date,
  _slot,
  _position
from bronze.store_products
