-- title: Top ten countries by passengers
-- chart: bar x=country_code y=passengers
-- people: passengers
select
  country_code,
  passengers,
  trips
from gold.passenger_countries
order by passengers desc, country_code
limit 10
