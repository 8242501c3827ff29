-- title: Payment methods of the day's bookings
-- chart: bar x=payment_method y=bookings
-- people: passengers
select
  payment_method,
  bookings,
  bookings_percent,
  revenue,
  revenue_percent,
  passengers
from gold.payment_mix
where booking_date = $date
order by bookings desc, payment_method
