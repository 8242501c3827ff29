-- description: People by day and country, and how many of them use a mail provider that is publicly known.
-- materialize: incremental by ingest_date
select
  _ingest_date as ingest_date,
  country_code,
  count(distinct person_token) as people,
  count(distinct person_token) filter (where email not in ('***', '***@other')) as public_mail
from bronze.people
group by _ingest_date, country_code
