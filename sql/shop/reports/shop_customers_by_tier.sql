-- title: Customers by loyalty tier on the day, with new customers of each tier
-- chart: bar x=loyalty_tier y=customers
-- people: customers
select
  loyalty_tier,
  count(distinct customer_token) as customers,
  count(*) filter (where valid_from = $date) as new_in_tier
from silver.shop_customer_tiers
where valid_from <= $date
  and (valid_to is null or valid_to > $date)
group by loyalty_tier
order by customers desc, loyalty_tier
