"""The job with DuckDB alone: JSON and masking in SQL, without validation. Pages lie in files for a moment."""

import os

import duckdb
from common import KEY, PROVIDERS, arguments, fetch, report

origin, people, folder = arguments()
path = os.path.join(folder, "persons.parquet")
for number, body in enumerate(fetch(origin, people, lambda body: body)):
    with open(os.path.join(folder, f"page{number:05}.json"), "wb") as file:
        file.write(body)

SCHEMA = """{"data": [{"firstname": "VARCHAR", "lastname": "VARCHAR", "email": "VARCHAR", "phone": "VARCHAR", "birthday": "VARCHAR",
  "gender": "VARCHAR", "address": {"street": "VARCHAR", "city": "VARCHAR", "zipcode": "VARCHAR", "country": "VARCHAR",
  "country_code": "VARCHAR", "latitude": "DOUBLE", "longitude": "DOUBLE"}}]}"""


def pad(scope, byte):
    return "".join(f"\\x{octet ^ byte:02X}" for octet in KEY[scope].ljust(64, b"\0"))


def hmac_of(scope, message):
    inner = f"unhex(sha256('{pad(scope, 0x36)}'::blob || encode({message})))"
    return f"'k1_' || left(sha256('{pad(scope, 0x5C)}'::blob || {inner}), 32)"


leaves = ["firstname", "lastname", "email", "phone", "birthday"]
message = " || ".join(f"coalesce(strlen(p.{leaf}) || ':' || p.{leaf}, '-')" for leaf in leaves)
domain = "lower(regexp_extract(p.email, '@([^@]+)$', 1))"
connection = duckdb.connect(os.path.join(folder, "lake.duckdb"))
connection.execute(f"""copy (
  select {hmac_of(b"person", message)} as person_token, {hmac_of(b"email", "coalesce(strlen(lower(trim(p.email))) || ':' || lower(trim(p.email)), '-')")} as email_token,
    '***' as firstname, '***' as lastname, '***@' || if({domain} in {tuple(sorted(PROVIDERS))}, {domain}, 'other') as email,
    left(p.phone, 3) || '*****' as phone, p.birthday, p.gender, '***' as street, p.address.city, left(p.address.zipcode, 2) as zipcode,
    p.address.country, p.address.country_code, round(p.address.latitude) as latitude, round(p.address.longitude) as longitude
  from (select unnest(from_json(content, '{SCHEMA}').data) as p from read_text('{folder}/page*.json'))
  qualify row_number() over (partition by person_token) = 1
) to '{path}' (format parquet, compression zstd)""")
report(connection, f"'{path}'")
