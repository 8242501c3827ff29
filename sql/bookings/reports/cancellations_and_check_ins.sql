-- title: Outcomes of the day's bookings so far
-- people: passengers
select
  ticket_class,
  bookings,
  cancelled,
  cancelled_percent,
  checked_in,
  checked_in_percent,
  flown,
  passengers
from gold.booking_outcomes
where booking_date = $date
order by bookings desc, ticket_class
