-- description: One row per person and date: country, city, gender, age group, mail provider. No birth date, no name.
-- materialize: incremental by ingest_date
-- exposes: age_group because a ten-year group does not reveal a birthday, and the reports count by it
-- publish: main.persons_anonymized
with people as (
  select
    person_token,
    country,
    country_code,
    city,
    gender,
    -- The domain after `@`: a listed provider or `other`. A missing domain is also `other`.
    coalesce(nullif(regexp_extract(email, '^\*\*\*@(.+)$', 1), ''), 'other') as email,
    -- Age in full years on the date of the partition, not of the run. `unknown` for a later birth date.
    case
      when birthday <= _ingest_date then
        year(_ingest_date) - year(birthday)
        - case when (month(_ingest_date), day(_ingest_date)) < (month(birthday), day(birthday)) then 1 else 0 end
    end as age,
    _ingest_date as ingest_date
  from bronze.persons
)
select
  person_token,
  country,
  country_code,
  city,
  gender,
  case
    when age >= 90 then '[90+]'
    else '[' || (age // 10 * 10) || '-' || (age // 10 * 10 + 10) || ']'
  end as age_group,
  email,
  ingest_date
from people
