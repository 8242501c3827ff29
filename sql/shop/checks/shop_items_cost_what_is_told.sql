-- description: Each item was sold at the price of its product on that day.
-- severity: warn
select
  items.order_token,
  items.line
from silver.shop_latest_items as items
inner join silver.shop_whole_orders as orders
  on items.order_token = orders.order_token
  and items.told_on = orders.told_on
inner join silver.shop_product_prices as prices
  on items.product_id = prices.product_id
  and orders.order_date >= prices.valid_from
  and (prices.valid_to is null or orders.order_date < prices.valid_to)
where items.unit_price <> prices.price
