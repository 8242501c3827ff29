-- description: Customers by recency, frequency and monetary value (RFM), as of the newest day with an order.
-- `recency_days`: days since the last order; `frequency`: orders; `monetary`: their revenue in euros; of orders that are
-- neither cancelled nor returned. Each has a quintile from 1 (worst) to 5 (best: latest, most often, most) by mid-rank, so
-- that equals share one and all that are alike are in the middle: 1 + ⌊5 × (those who are worse + half of those who are
-- equal) / all⌋. A segment is a cell of the grid of recency and frequency. Who has bought nothing is in none.
-- materialize: table
with customers as (
  select
    customer_token,
    max(order_date) as last_order_date,
    count(distinct order_token) as frequency,
    sum(revenue) as monetary
  from silver.shop_sales
  group by customer_token
),
measured as (
  select
    customer_token,
    date_diff('day', last_order_date, max(last_order_date) over ()) as recency_days,
    frequency,
    monetary
  from customers
),
ranked as (
  select
    customer_token,
    recency_days,
    frequency,
    monetary,
    count(*) over () as customers,
    rank() over (order by recency_days desc) - 1 as worse_recency,
    count(*) over (partition by recency_days) as equal_recency,
    rank() over (order by frequency) - 1 as worse_frequency,
    count(*) over (partition by frequency) as equal_frequency,
    rank() over (order by monetary) - 1 as worse_monetary,
    count(*) over (partition by monetary) as equal_monetary
  from measured
),
scored as (
  select
    customer_token,
    recency_days,
    frequency,
    monetary,
    1 + 5 * (2 * worse_recency + equal_recency) // (2 * customers) as recency_quintile,
    1 + 5 * (2 * worse_frequency + equal_frequency) // (2 * customers) as frequency_quintile,
    1 + 5 * (2 * worse_monetary + equal_monetary) // (2 * customers) as monetary_quintile
  from ranked
)
select
  scored.customer_token,
  latest.loyalty_tier,
  latest.country_code,
  scored.recency_days,
  scored.frequency,
  scored.monetary,
  scored.recency_quintile,
  scored.frequency_quintile,
  scored.monetary_quintile,
  case
    when recency_quintile >= 4 and frequency_quintile >= 4 then 'champions'
    when recency_quintile = 3 and frequency_quintile >= 4 then 'loyal'
    when recency_quintile >= 4 and frequency_quintile >= 2 then 'potential loyalists'
    when recency_quintile = 5 then 'new'
    when recency_quintile = 4 then 'promising'
    when recency_quintile = 3 and frequency_quintile >= 2 then 'need attention'
    when recency_quintile = 3 then 'about to sleep'
    when frequency_quintile = 5 then 'cannot lose'
    when frequency_quintile >= 3 then 'at risk'
    when recency_quintile = 2 or frequency_quintile = 2 then 'hibernating'
    else 'lost'
  end as segment
from scored
left join silver.shop_latest_customers as latest on scored.customer_token = latest.customer_token
