-- title: Revenue of the day's bookings by class
-- chart: bar x=ticket_class y=revenue
-- people: passengers
select
  ticket_class,
  bookings,
  tickets,
  revenue,
  passengers
from gold.booking_revenue
where booking_date = $date
order by revenue desc, ticket_class
