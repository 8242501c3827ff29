-- description: No flight is earlier than the day of its booking.
-- severity: warn
select
  booking_token,
  booking_date,
  flight_date
from silver.latest_bookings
where flight_date < booking_date
