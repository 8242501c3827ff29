-- description: People by date, kind of company and mail provider.
-- materialize: incremental by ingest_date
select
  company_class,
  email_provider,
  count(distinct person_token) as people,
  ingest_date
from silver.directory_people
group by company_class, email_provider, ingest_date
