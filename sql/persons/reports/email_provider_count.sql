-- title: People by mail provider
-- chart: bar x=provider y=people
-- people: people
select
  email as provider,
  count(distinct person_token) as people
from silver.persons_anonymized
where ingest_date = $date
group by provider
order by people desc, provider
