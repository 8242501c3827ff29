-- title: People by mail provider
-- chart: bar x=email_provider y=people
-- people: people
select
  email_provider,
  cast(sum(people) as bigint) as people
from gold.directory_companies
where ingest_date = $date
group by email_provider
order by people desc, email_provider
