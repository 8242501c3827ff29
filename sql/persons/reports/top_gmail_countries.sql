-- title: The three countries with the most people who use Gmail
-- chart: bar x=country y=gmail_users
-- people: gmail_users
select
  country,
  count(distinct person_token) as gmail_users
from silver.persons_anonymized
where ingest_date = $date
  and email = 'gmail.com'
  and country is not null
group by country
order by gmail_users desc, country
limit 3
