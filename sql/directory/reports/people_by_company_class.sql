-- title: People by kind of company
-- chart: bar x=company_class y=people
-- people: people
select
  company_class,
  cast(sum(people) as bigint) as people,
  round(100.0 * sum(people) / sum(sum(people)) over (), 1) as percent
from gold.directory_companies
where ingest_date = $date
group by company_class
order by people desc, company_class
