-- title: Gmail users in Germany, as a percentage of people in Germany and of all people
-- chart: number y=percent_of_people_in_germany
-- people: gmail_users_in_germany
-- total: people_in_germany, all_people
with counted as (
  select
    count(distinct person_token) filter (where country = 'Germany' and email = 'gmail.com') as gmail_users_in_germany,
    count(distinct person_token) filter (where country = 'Germany') as people_in_germany,
    count(distinct person_token) as all_people
  from silver.persons_anonymized
  where ingest_date = $date
)
select
  gmail_users_in_germany,
  people_in_germany,
  round(100 * gmail_users_in_germany / nullif(people_in_germany, 0), 2) as percent_of_people_in_germany,
  all_people,
  round(100 * gmail_users_in_germany / nullif(all_people, 0), 2) as percent_of_all_people
from counted
order by gmail_users_in_germany
