-- description: People by date and region, with the middle of the region in degrees; `unknown` has none.
-- materialize: incremental by ingest_date
select
  region,
  latitude,
  longitude,
  count(distinct person_token) as people,
  count(*) filter (where company_class <> 'none') as people_with_company,
  ingest_date
from silver.directory_people
group by region, latitude, longitude, ingest_date
