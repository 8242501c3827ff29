"""The job with dlt: a pydantic model as the contract of the resource, Parquet as the format of its load packages."""

import os

from common import arguments, fetch, mask, report
from model import Person

origin, people, folder = arguments()
os.environ |= {
    "DLT_DATA_DIR": folder,
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "CRITICAL",
    "NORMALIZE__WORKERS": "1",
    "DATA_WRITER__FILE_MAX_ITEMS": "200000",
}
import dlt  # noqa: E402  it reads the environment when it is loaded
import duckdb  # noqa: E402


@dlt.resource(name="source", columns=Person)
def persons():
    yield from fetch(origin, people)


@dlt.transformer(data_from=persons, name="persons", write_disposition="replace")
def masked(page):
    yield [mask(person.model_dump() if isinstance(person, Person) else person) for person in page]


path = os.path.join(folder, "lake.duckdb")
pipeline = dlt.pipeline("persons", destination=dlt.destinations.duckdb(path), dataset_name="raw", pipelines_dir=folder)
pipeline.run(masked, loader_file_format="parquet")
report(duckdb.connect(path), "(select * exclude (_dlt_load_id, _dlt_id) from raw.persons)")
