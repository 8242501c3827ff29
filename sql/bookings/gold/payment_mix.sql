-- description: Payment methods by booking day, in percent of bookings and of revenue.
-- materialize: table
with counted as (
  select
    booking_date,
    payment_method,
    count(*) as bookings,
    sum(revenue) as revenue,
    count(distinct passenger_token) as passengers
  from silver.latest_bookings
  where booking_status <> 'Cancelled'
  group by booking_date, payment_method
)
select
  booking_date,
  payment_method,
  bookings,
  round(100 * bookings / sum(bookings) over (partition by booking_date), 2) as bookings_percent,
  revenue,
  round(100 * revenue / nullif(sum(revenue) over (partition by booking_date), 0), 2) as revenue_percent,
  passengers
from counted
