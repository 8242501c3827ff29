-- description: No mail addresses, and only the ten age groups.
-- severity: error
select
  ingest_date,
  age_group,
  email
from silver.persons_anonymized
where email is null
  or contains(email, '@')
  or not regexp_full_match(age_group, '\[(0-10|10-20|20-30|30-40|40-50|50-60|60-70|70-80|80-90|90\+)\]')
