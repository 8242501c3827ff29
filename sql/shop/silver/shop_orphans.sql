-- description: Orders and items with a reference that does not exist. Sales exclude orders without a known customer
-- and items without a known product. An order of an unknown campaign is a sale without a campaign.
-- materialize: table
with campaigns as (
  select distinct campaign_id
  from silver.shop_campaign_days
)
select
  'order without customer' as kind,
  orders.order_id,
  cast(null as bigint) as line,
  orders.order_date
from silver.shop_whole_orders as orders
anti join silver.shop_latest_customers as customers on orders.customer_token = customers.customer_token
union all
select
  'order without campaign' as kind,
  orders.order_id,
  cast(null as bigint) as line,
  orders.order_date
from silver.shop_whole_orders as orders
anti join campaigns on orders.campaign_id = campaigns.campaign_id
where orders.campaign_id is not null
union all
select
  'item without product' as kind,
  items.order_id,
  items.line,
  orders.order_date
from silver.shop_latest_items as items
inner join silver.shop_whole_orders as orders
  on items.order_id = orders.order_id
  and items.told_on = orders.told_on
anti join silver.shop_latest_products as products on items.product_id = products.product_id
union all
select
  'item without order' as kind,
  items.order_id,
  items.line,
  cast(null as date) as order_date
from silver.shop_latest_items as items
anti join silver.shop_latest_orders as orders on items.order_id = orders.order_id
