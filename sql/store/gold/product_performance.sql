-- description: What each product has sold on a day, under the name and category that it had then.
-- materialize: table
select
  order_date,
  product_id,
  title,
  category,
  count(distinct order_token) as orders,
  count(distinct user_token) as customers,
  cast(sum(quantity) as bigint) as units,
  sum(revenue_usd) as revenue_usd,
  sum(revenue_eur) as revenue_eur
from silver.sales
where title is not null
group by order_date, product_id, title, category
