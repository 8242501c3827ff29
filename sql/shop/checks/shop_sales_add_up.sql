-- description: Each item of a valid order is exactly once either a sale or an orphan.
-- severity: error
with counted as (
  select
    orders.order_date,
    count(*) as items,
    count(sales.line) as sold,
    count(*) filter (where lost_orders.order_token is not null or lost_items.line is not null) as set_aside
  from silver.shop_whole_orders as orders
  inner join silver.shop_latest_items as items
    on orders.order_token = items.order_token
    and orders.told_on = items.told_on
  left join silver.shop_sales as sales on items.order_token = sales.order_token and items.line = sales.line
  left join silver.shop_orphans as lost_orders
    on items.order_token = lost_orders.order_token and lost_orders.kind = 'order without customer'
  left join silver.shop_orphans as lost_items
    on items.order_token = lost_items.order_token
    and items.line = lost_items.line
    and lost_items.kind = 'item without product'
  where orders.status not in ('cancelled', 'returned')
  group by orders.order_date
)
select
  order_date,
  items,
  sold,
  set_aside
from counted
where items <> sold + set_aside
