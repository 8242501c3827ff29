-- title: Sales of the day by category
-- chart: bar x=category y=revenue_usd
-- people: customers
select
  category,
  cast(sum(quantity) as bigint) as units,
  sum(revenue_usd) as revenue_usd,
  sum(revenue_eur) as revenue_eur,
  count(distinct user_token) as customers
from silver.sales
where order_date = $date
  and category is not null
group by category
order by revenue_usd desc, category
