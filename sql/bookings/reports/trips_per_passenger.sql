-- title: How many passengers have made how many trips
-- chart: bar x=trips y=passengers
-- people: passengers
select
  trips,
  passengers
from gold.passenger_trips
order by trips
