-- title: People by kind of company
-- chart: bar x=company_class y=people
-- people: people
-- total: all_people
with counted as (
  select
    company_class,
    count(distinct person_token) as people
  from silver.directory_people
  where ingest_date = $date
  group by company_class
)
select
  company_class,
  people,
  round(100.0 * people / sum(people) over (), 1) as percent,
  cast(sum(people) over () as bigint) as all_people
from counted
order by people desc, company_class
