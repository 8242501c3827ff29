"""DAGs of a Lakeveil project, built from `pipeline definitions --json`: one for each pipeline, and maintenance.

As a program it prints the pools of the DAGs, for `airflow pools import`.
"""

import json
import os
import subprocess

import pendulum
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset, CronDataIntervalTimetable, CronTriggerTimetable, chain
from lakeveil_operator import COMMAND, PROJECT, PipelineOperator

# Pipelines whose DAG has a name of its own.
DAG_IDS = {"persons": "user_metrics_pipeline"}
# Pipelines whose layers are DAGs of their own, each started by the one before.
LAYERED = {"shop"}
LEDGER_DAYS = 365
REPAIR_DAYS = int(os.environ.get("LAKEVEIL_REPAIR_DAYS", "7"))
START = pendulum.parse(os.environ.get("LAKEVEIL_START_DATE", "2026-01-01"))


def read_definitions() -> list[dict]:
    line = [*COMMAND, "definitions", "--project", PROJECT, "--json"]
    ended = subprocess.run(line, stdout=subprocess.PIPE, text=True, check=False)
    document = json.loads(ended.stdout) if ended.stdout else {}
    if ended.returncode != 0:
        error = document.get("error", {"message": f"{COMMAND[0]} ended with {ended.returncode}", "remedy": "see above"})
        raise RuntimeError(f"{error['message']}. Next: {error['remedy']}")
    return document["pipelines"]


def timetable(pipeline: dict):
    """A run's logical date is in the date (or hour) that it lands: that of its time, or the one before."""
    schedule = pipeline["schedule"]
    if schedule is None:
        return None
    kind = CronTriggerTimetable if schedule["scheduled_date"] == "current" else CronDataIntervalTimetable
    return kind(schedule["cron"], timezone=pipeline["timezone"])


def moment(pipeline: dict, form: str = "%Y-%m-%d") -> str:
    """The template of a run's date, in the pipeline's time zone."""
    if pipeline["timezone"] == "UTC" and form == "%Y-%m-%d":
        return "{{ ds }}"
    return f"{{{{ logical_date.in_timezone('{pipeline['timezone']}').strftime('{form}') }}}}"


def pool_of(pipeline: dict) -> str:
    return f"lakeveil_{pipeline['pipeline']}"


def asset(pipeline: dict, layer: str) -> Asset:
    return Asset(f"lakeveil://{pipeline['pipeline']}/{layer}")


def open_dag(dag_id: str, pipeline: dict, schedule) -> DAG:
    on_missed = (pipeline["schedule"] or {}).get("on_missed")
    return DAG(
        dag_id,
        description=pipeline["description"],
        schedule=schedule,
        start_date=START.in_timezone(pipeline["timezone"]),
        catchup=on_missed == "all" and "LAKEVEIL_START_DATE" in os.environ,
        max_active_runs=2,
        tags=["lakeveil", pipeline["pipeline"]],
    )


def run(task_id: str, *arguments: str, **options) -> PipelineOperator:
    return PipelineOperator(task_id=task_id, arguments=list(arguments), **options)


def land(pipeline: dict) -> PipelineOperator:
    """Prepares, lands all datasets of one date by one commit, and removes old entries of the ledger."""
    name = pipeline["pipeline"]
    date = moment(pipeline, "%Y-%m-%dT%H" if pipeline["hourly"] else "%Y-%m-%d")
    # A run takes the whole pool of its source: two dates at once do not double its requests.
    slots = {"pool": pool_of(pipeline), "pool_slots": pipeline["concurrency"]}
    init = run("init_internal_tables", "init-db", name)
    fetch = run("fetch_and_anonymize", "ingest", name, "--date", date, outlets=[asset(pipeline, "bronze")], **slots)
    age = f"{LEDGER_DAYS}d"
    clean = run("cleanup_metadata_log", "prune", name, "--what", "ledger", "--older-than", age, "--yes")
    chain(init, fetch, clean)
    return fetch


def transform(pipeline: dict) -> PipelineOperator:
    """Silver and gold are published together, so that no reader sees a gold table that disagrees with silver."""
    return run("transform", "transform", pipeline["pipeline"], outlets=[asset(pipeline, "silver")])


def each(task_id: str, named: int, lines: list[list[str]]) -> PipelineOperator:
    """A task for each line of arguments, side by side; the word at `named` is its name."""
    template = f"{{{{ task.arguments[{named}] }}}}"
    return PipelineOperator.partial(task_id=task_id, map_index_template=template).expand(arguments=lines)


def analyze(pipeline: dict, *date: str) -> PipelineOperator:
    """Checks the published tables, measures each release again as it is published, then runs the reports."""
    name = pipeline["pipeline"]
    steps = [run("check", "check", name, *date)]
    if pipeline["releases"]:
        steps.append(each("release", 1, [["privacy", one["release"]] for one in pipeline["releases"]]))
    if pipeline["reports"]:
        steps.append(each("report", 2, [["report", name, report, *date] for report in pipeline["reports"]]))
    chain(*steps, EmptyOperator(task_id="end", outlets=[asset(pipeline, "gold")]))
    return steps[0]


def build_whole(pipeline: dict) -> None:
    name = pipeline["pipeline"]
    with open_dag(DAG_IDS.get(name, f"{name}_pipeline"), pipeline, timetable(pipeline)):
        land(pipeline) >> transform(pipeline) >> analyze(pipeline, "--date", moment(pipeline))


def build_layers(pipeline: dict) -> None:
    name = pipeline["pipeline"]
    with open_dag(f"{name}_bronze_ingestion", pipeline, timetable(pipeline)):
        land(pipeline)
    with open_dag(f"{name}_silver_transformation", pipeline, [asset(pipeline, "bronze")]):
        transform(pipeline)
    with open_dag(f"{name}_gold_analytics", pipeline, [asset(pipeline, "silver")]):
        analyze(pipeline)
    with open_dag(f"{name}_scd_maintenance", pipeline, [asset(pipeline, "gold")]):
        # Histories are made of every date that has landed: a damaged file or a lost date would change them.
        run("verify_lake", "verify") >> run("test_models", "test", name) >> run("check_histories", "check", name)


def build_repair(pipelines: list[dict]) -> None:
    with DAG("lakeveil_repair", schedule="0 6 * * *", start_date=START, catchup=False, tags=["lakeveil"]):
        first, last = f"{{{{ macros.ds_add(ds, -{REPAIR_DAYS}) }}}}", "{{ macros.ds_add(ds, -1) }}"
        for pipeline in pipelines:
            name, slots = pipeline["pipeline"], {"pool": pool_of(pipeline), "pool_slots": pipeline["concurrency"]}
            if pipeline["backfill"]:
                run(f"repair_{name}", "backfill", name, "--from", first, "--to", last, **slots)


PIPELINES = read_definitions()
for one in PIPELINES:
    (build_layers if one["pipeline"] in LAYERED else build_whole)(one)
build_repair(PIPELINES)

if __name__ == "__main__":
    pools = {pool_of(one): {"slots": one["concurrency"], "description": one["description"]} for one in PIPELINES}
    print(json.dumps(pools))
