-- title: People by region of ten degrees
-- chart: points x=longitude y=latitude size=people
-- people: people
select
  region,
  longitude,
  latitude,
  people
from gold.directory_regions
where ingest_date = $date
order by people desc, region
