"""The job with pandas, without validation; with `--validate` pydantic looks at every record."""

import os
import sys

import duckdb
import pandas as pd
from common import arguments, fetch, mask, report

origin, people, folder = arguments()
if "--validate" in sys.argv:
    from model import Person
    from pydantic import TypeAdapter

    pages = TypeAdapter(list[Person])

    def check(page):
        return [person.model_dump() for person in pages.validate_python(page)]
else:

    def check(page):
        return page


path = os.path.join(folder, "persons.parquet")
frame = pd.DataFrame.from_records([mask(person) for page in fetch(origin, people) for person in check(page)])
frame.drop_duplicates("person_token", keep="last").to_parquet(path, compression="zstd", index=False)
report(duckdb.connect(os.path.join(folder, "lake.duckdb")), f"'{path}'")
