-- title: People over 60 who use Gmail (age groups [60-70] and up)
-- chart: number y=gmail_users
-- people: gmail_users
select count(distinct person_token) as gmail_users
from silver.persons_anonymized
where ingest_date = $date
  and email = 'gmail.com'
  and age_group in ('[60-70]', '[70-80]', '[80-90]', '[90+]')
order by gmail_users
