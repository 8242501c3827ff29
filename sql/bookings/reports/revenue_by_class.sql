-- title: Revenue by class, of the bookings made on the day
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
