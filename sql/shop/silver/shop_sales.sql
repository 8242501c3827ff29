-- description: One row per item sold: of orders that are neither cancelled nor returned so far, without orphans. Revenue
-- is quantity × unit price − discount; cost is quantity × what the product cost the shop on that day, or on the first day
-- on which it was told of; both in euros.
-- materialize: table
with campaigns as (
  select distinct campaign_id
  from silver.shop_campaign_days
),
first_costs as (
  select
    product_id,
    arg_min(cost, valid_from order by cost) as cost
  from silver.shop_product_prices
  group by product_id
),
items_of_orders as (
  select
    orders.order_token,
    items.line,
    orders.customer_token,
    orders.order_date,
    campaigns.campaign_id,
    items.product_id,
    products.category,
    items.quantity,
    items.quantity * items.unit_price - items.discount as revenue
  from silver.shop_whole_orders as orders
  inner join silver.shop_latest_items as items
    on orders.order_token = items.order_token
    and orders.told_on = items.told_on
  inner join silver.shop_latest_products as products on items.product_id = products.product_id
  semi join silver.shop_latest_customers as customers on orders.customer_token = customers.customer_token
  left join campaigns on orders.campaign_id = campaigns.campaign_id
  where orders.status not in ('cancelled', 'returned')
)
select
  items_of_orders.order_token,
  items_of_orders.line,
  items_of_orders.customer_token,
  items_of_orders.order_date,
  items_of_orders.campaign_id,
  items_of_orders.product_id,
  items_of_orders.category,
  items_of_orders.quantity,
  cast(items_of_orders.revenue as decimal(18, 2)) as revenue,
  cast(items_of_orders.quantity * coalesce(prices.cost, first_costs.cost) as decimal(18, 2)) as cost
from items_of_orders
left join first_costs on items_of_orders.product_id = first_costs.product_id
asof left join silver.shop_product_prices as prices
  on items_of_orders.product_id = prices.product_id
  and items_of_orders.order_date >= prices.valid_from
