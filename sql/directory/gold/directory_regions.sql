-- description: People by date and region, with the center of the region in degrees; null for `unknown`.
-- materialize: incremental by ingest_date
select
  region,
  latitude,
  longitude,
  count(*) as people,
  count(*) filter (where company_class <> 'none') as people_with_company,
  ingest_date
from silver.directory_people
group by region, latitude, longitude, ingest_date
