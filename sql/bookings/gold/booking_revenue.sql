-- description: Revenue by booking day and class, without cancelled bookings.
-- materialize: table
select
  booking_date,
  ticket_class,
  count(*) as bookings,
  cast(sum(quantity) as bigint) as tickets,
  sum(revenue) as revenue,
  count(distinct passenger_token) as passengers
from silver.latest_bookings
where booking_status <> 'Cancelled'
group by booking_date, ticket_class
