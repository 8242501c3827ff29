-- description: Passengers and their trips by country. A passenger with several trips is counted once.
-- materialize: table
select
  coalesce(country_code, 'unknown') as country_code,
  count(distinct passenger_token) as passengers,
  count(*) as trips
from silver.latest_bookings
where booking_status <> 'Cancelled'
group by coalesce(country_code, 'unknown')
