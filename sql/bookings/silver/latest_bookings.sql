-- description: One row per booking, as it was told of last: what was booked, by which passenger token, and how it stands.
-- materialize: upsert on booking_token
select
  booking_token,
  passenger_token,
  booking_date,
  flight_id,
  flight_date,
  gender,
  country_code,
  -- What follows the marks: a listed provider or `other`. No domain at all counts as `other` too.
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
