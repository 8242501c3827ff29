-- description: One row per booking, from its latest record: flight, passenger token and status.
-- materialize: upsert on booking_token
select
  booking_token,
  passenger_token,
  booking_date,
  flight_id,
  flight_date,
  gender,
  country_code,
  -- The domain after `@`: a listed provider or `other`. A missing domain is also `other`.
  coalesce(nullif(regexp_extract(email, '^\*\*\*@(.+)$', 1), ''), 'other') as email_provider,
  ticket_class,
  quantity,
  unit_price,
  payment_method,
  booking_status,
  revenue,
  _ingest_date,
  _slot,
  _position
from bronze.bookings
