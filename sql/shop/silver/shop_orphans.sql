-- description: What points at something that the shop never told of, set aside: no sale counts an order of nobody or an
-- item of nothing. An order of an unknown campaign is a sale without a campaign.
-- materialize: table
with campaigns as (
  select distinct campaign_id
  from silver.shop_campaign_days
)
select
  'order without customer' as kind,
  orders.order_token,
  cast(null as bigint) as line,
  orders.order_date
from silver.shop_whole_orders as orders
anti join silver.shop_latest_customers as customers on orders.customer_token = customers.customer_token
union all
select
  'order without campaign' as kind,
  orders.order_token,
  cast(null as bigint) as line,
  orders.order_date
from silver.shop_whole_orders as orders
anti join campaigns on orders.campaign_id = campaigns.campaign_id
where orders.campaign_id is not null
union all
select
  'item without product' as kind,
  items.order_token,
  items.line,
  orders.order_date
from silver.shop_latest_items as items
inner join silver.shop_whole_orders as orders
  on items.order_token = orders.order_token
  and items.told_on = orders.told_on
anti join silver.shop_latest_products as products on items.product_id = products.product_id
union all
select
  'item without order' as kind,
  items.order_token,
  items.line,
  cast(null as date) as order_date
from silver.shop_latest_items as items
anti join silver.shop_latest_orders as orders on items.order_token = orders.order_token
