-- description: How many passengers have made how many trips.
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
  count(distinct passenger_token) as passengers
from trips_of_passengers
group by trips
