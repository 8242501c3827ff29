-- description: The revenue of a booking is its number of tickets times their price.
-- severity: error
select
  booking_token,
  quantity,
  unit_price,
  revenue
from silver.latest_bookings
where revenue <> quantity * unit_price
