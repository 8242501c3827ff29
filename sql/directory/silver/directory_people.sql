-- description: One row per person and date: mail provider, region of ten degrees, kind of company. Missing values are `unknown` or `none`.
-- materialize: incremental by ingest_date
with placed as (
  select
    person_token,
    email,
    city,
    zip_area,
    company_class,
    -- Longitudes 180 and -180 are the same meridian; a location has two coordinates or none.
    case when longitude is not null then latitude end as latitude,
    case when latitude is not null then if(longitude = 180, -180, longitude) end as longitude,
    _ingest_date
  from bronze.directory_users
)
select
  person_token,
  -- The domain after `@`: a listed provider or `other`. A missing address is `none`.
  case
    when email is null then 'none'
    else coalesce(nullif(regexp_extract(email, '^\*\*\*@(.+)$', 1), ''), 'other')
  end as email_provider,
  city,
  zip_area,
  latitude,
  longitude,
  case
    when latitude is null then 'unknown'
    else printf(
      '%s%02d %s%03d',
      if(latitude < 0, 'S', 'N'),
      cast(abs(latitude) as integer),
      if(longitude < 0, 'W', 'E'),
      cast(abs(longitude) as integer)
    )
  end as region,
  coalesce(company_class, 'none') as company_class,
  _ingest_date as ingest_date
from placed
