"""What the programs of this folder share: pages, keys, tables and reports."""

import hmac
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import local
from urllib.parse import urlsplit

PAGE_SIZE = 1_000
AT_ONCE = 8
KEY = {scope: hmac.digest(bytes(range(32)), scope, "sha256") for scope in (b"person", b"email")}

SILVER = """create or replace table persons_anonymized as
select person_token, country, country_code, city, gender, email, ingest_date,
  case when age >= 90 then '[90+]' else '[' || (age // 10 * 10) || '-' || (age // 10 * 10 + 10) || ']' end as age_group
from (select *, date_diff('year', birthday::date, ingest_date) - (strftime(birthday::date, '%m%d') > strftime(ingest_date, '%m%d'))::int as age
  from (select * replace (coalesce(nullif(regexp_extract(email, '^\\*\\*\\*@(.+)$', 1), ''), 'other') as email),
    date '2026-11-20' as ingest_date from {source}))"""

REPORTS = [
    "select email, count(distinct person_token) as people from persons_anonymized group by email order by people desc, email",
    """select count(distinct person_token) filter (country = 'Germany' and email = 'gmail.com') as gmail,
      count(distinct person_token) filter (country = 'Germany') as germany, count(distinct person_token) from persons_anonymized""",
    """select country, count(distinct person_token) as people from persons_anonymized
      where email = 'gmail.com' and country is not null group by country order by people desc, country limit 3""",
]

PROVIDERS = {"gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "aol.com", "gmx.de", "web.de"}


def arguments():
    """The origin of the pages, the number of people, and a folder to work in."""
    origin, people, folder = sys.argv[1:4]
    return origin, int(people), folder


def fetch(origin, people, read=lambda body: json.loads(body)["data"]):
    """What `read` makes of each page, of which eight are fetched at once."""
    thread, host = local(), urlsplit(origin).netloc

    def page(number):
        connection = thread.__dict__.setdefault("connection", HTTPConnection(host))
        connection.request("GET", f"/api/v2/persons?_quantity={PAGE_SIZE}&_seed={number}")
        return read(connection.getresponse().read())

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(page, range(people // PAGE_SIZE))


def token(scope, *leaves):
    parts = "".join("-" if leaf is None else f"{len(leaf.encode())}:{leaf}" for leaf in leaves)
    return "k1_" + hmac.digest(KEY[scope], parts.encode(), "sha256").hex()[:32]


def mask_email(email):
    domain = email.rpartition("@")[2].lower()
    return f"***@{domain if domain in PROVIDERS else 'other'}"


def mask(person):
    """The columns that land of a record."""
    place, phone = person["address"], person["phone"]
    leaves = (person["firstname"], person["lastname"], person["email"], phone, str(person["birthday"]))
    return {
        "person_token": token(b"person", *leaves),
        "email_token": token(b"email", person["email"].strip().lower()),
        "firstname": "***", "lastname": "***", "street": "***",
        "email": mask_email(person["email"]),
        "phone": None if phone is None else phone[:3] + "*****",
        "birthday": str(person["birthday"]), "gender": person["gender"],
        "city": place["city"], "zipcode": (place["zipcode"] or "")[:2], "country": place["country"],
        "country_code": place["country_code"],
        "latitude": round(place["latitude"]), "longitude": round(place["longitude"]),
    }  # fmt: skip


def report(connection, source):
    """Builds the table and prints the number of its rows and the reports."""
    connection.execute(SILVER.format(source=source))
    print(json.dumps([connection.execute(sql).fetchall() for sql in ["select count(*) from persons_anonymized", *REPORTS]]))
