-- description: Outcomes of bookings by day and class so far: cancelled, checked in and flown, with percentages.
-- materialize: table
with counted as (
  select
    booking_date,
    ticket_class,
    count(*) as bookings,
    count(*) filter (where booking_status = 'Cancelled') as cancelled,
    -- Flown passengers count as checked in.
    count(*) filter (where booking_status in ('Checked-in', 'Flown')) as checked_in,
    count(*) filter (where booking_status = 'Flown') as flown,
    count(distinct passenger_token) as passengers
  from silver.latest_bookings
  group by booking_date, ticket_class
)
select
  booking_date,
  ticket_class,
  bookings,
  cancelled,
  round(100 * cancelled / bookings, 2) as cancelled_percent,
  checked_in,
  round(100 * checked_in / bookings, 2) as checked_in_percent,
  flown,
  passengers
from counted
