-- description: Each person of a date is in exactly one region and one kind of company.
-- severity: error
with people_of_dates as (
  select
    ingest_date,
    count(*) as people
  from silver.directory_people
  group by ingest_date
),
regions_of_dates as (
  select
    ingest_date,
    sum(people) as people
  from gold.directory_regions
  group by ingest_date
),
companies_of_dates as (
  select
    ingest_date,
    sum(people) as people
  from gold.directory_companies
  group by ingest_date
)
select
  ingest_date,
  people_of_dates.people,
  regions_of_dates.people as people_of_regions,
  companies_of_dates.people as people_of_companies
from people_of_dates
full join regions_of_dates using (ingest_date)
full join companies_of_dates using (ingest_date)
where people_of_dates.people is distinct from regions_of_dates.people
  or people_of_dates.people is distinct from companies_of_dates.people
