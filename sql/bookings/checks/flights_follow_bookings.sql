-- description: No flight before the day on which it was booked.
-- severity: warn
select
  booking_token,
  booking_date,
  flight_date
from silver.latest_bookings
where flight_date < booking_date
