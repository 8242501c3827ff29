-- title: Passengers by number of trips
-- chart: bar x=trips y=passengers
-- people: passengers
select
  trips,
  passengers
from gold.passenger_trips
order by trips
