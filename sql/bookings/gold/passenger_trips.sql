-- description: Number of passengers by number of trips.
-- materialize: table
with trips_of_passengers as (
  select
    passenger_token,
    count(*) as trips
  from silver.latest_bookings
  where booking_status <> 'Cancelled'
  group by passenger_token
)
select
  trips,
  count(*) as passengers
from trips_of_passengers
group by trips
