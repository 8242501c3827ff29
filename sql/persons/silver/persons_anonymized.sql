-- description: One row per person and date: country, city, gender, age group, mail provider. No birth date, no name.
-- materialize: incremental by ingest_date
-- exposes: age_group because ten years of age tell no birthday, and the reports count by them
-- publish: main.persons_anonymized
with people as (
  select
    person_token,
    country,
    country_code,
    city,
    gender,
    -- What follows the marks: a listed provider or `other`. No domain at all counts as `other` too.
    coalesce(nullif(regexp_extract(email, '^\*\*\*@(.+)$', 1), ''), 'other') as email,
    -- Full years on the date of the partition, never on the day of the run. Unknown for a birth date after it.
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
