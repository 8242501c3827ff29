"""The job with polars, without validation. Tokens are made by Python's hmac: polars has none."""

import os

import duckdb
import polars as pl
from common import KEY, PROVIDERS, arguments, fetch, report, token

origin, people, folder = arguments()
path = os.path.join(folder, "persons.parquet")


def mask(page):
    frame = pl.DataFrame(page).unnest("address", separator="_")
    identity = frame.select("firstname", "lastname", "email", "phone", "birthday").iter_rows()
    domain = pl.col("email").str.to_lowercase().str.extract("@([^@]+)$")
    hidden = pl.lit("***")
    return frame.select(
        pl.Series("person_token", [token(b"person", *leaves) for leaves in identity]),
        pl.Series("email_token", [token(b"email", email.strip().lower()) for email in frame["email"]]),
        *(hidden.alias(name) for name in ("firstname", "lastname", "street")),
        pl.lit("***@") + pl.when(domain.is_in(PROVIDERS)).then(domain).otherwise(pl.lit("other")),
        phone=pl.col("phone").str.slice(0, 3) + pl.lit("*****"),
        birthday="birthday", gender="gender", city="address_city", country="address_country",
        zipcode=pl.col("address_zipcode").str.slice(0, 2), country_code="address_country_code",
        latitude=pl.col("address_latitude").round(), longitude=pl.col("address_longitude").round(),
    )  # fmt: skip


assert KEY
frames = [mask(page).rename({"literal": "email"}) for page in fetch(origin, people)]
pl.concat(frames).unique("person_token", keep="last", maintain_order=True).write_parquet(path, compression="zstd")
report(duckdb.connect(os.path.join(folder, "lake.duckdb")), f"'{path}'")
