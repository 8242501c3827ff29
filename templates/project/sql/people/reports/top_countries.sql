-- title: The ten countries with the most people
-- chart: bar x=country_code y=people
-- people: people
select
  country_code,
  people,
  public_mail
from gold.people_by_country
where ingest_date = $date
order by people desc, country_code
limit 10
