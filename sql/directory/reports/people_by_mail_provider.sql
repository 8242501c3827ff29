-- title: People by mail provider
-- chart: bar x=email_provider y=people
-- people: people
select
  email_provider,
  count(distinct person_token) as people
from silver.directory_people
where ingest_date = $date
group by email_provider
order by people desc, email_provider
