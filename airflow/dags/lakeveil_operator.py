"""The operator of the DAGs in lakeveil.py."""

import json
import os
import subprocess
from datetime import timedelta

from airflow.sdk import BaseOperator, Context, ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.exceptions import AirflowException, AirflowFailException

PROJECT = os.environ.get("LAKEVEIL_PROJECT", os.getcwd())
# The program and its first arguments. It gets the worker's environment, with TOKEN_KEY_FILE.
COMMAND = os.environ.get("LAKEVEIL_COMMAND", "pipeline").split()
RETRY_DELAY = timedelta(seconds=float(os.environ.get("LAKEVEIL_RETRY_SECONDS", "300")))
COUNTS = ("fetched", "landed", "rejected", "duplicates", "forgotten")


class TryAgainLater(AirflowException):
    """The source is unavailable (exit 3), or another command works on the lake (exit 6)."""


def send_alerts(context: Context) -> None:
    """Also for a task that was killed: its run is in the ledger. What the command has sent is not sent again."""
    subprocess.run([*COMMAND, "alert", "--project", PROJECT], check=False)


class PipelineOperator(BaseOperator):
    """Runs one `pipeline` command, without a shell.

    Returns counts and the exit code as an XCom, never a row. Exit 3 and 6 are tried again; all others fail at once.
    """

    template_fields = ("arguments",)

    def __init__(self, *, arguments: list[str], **kwargs):
        again = RetryRule(exception=TryAgainLater, action=RetryAction.RETRY, retry_delay=RETRY_DELAY)
        policy = ExceptionRetryPolicy(rules=[again])
        defaults = {"on_failure_callback": send_alerts, "retries": 3, "retry_policy": policy}
        super().__init__(**{**defaults, **kwargs})
        self.arguments = arguments
        self.process: subprocess.Popen | None = None

    def execute(self, context: Context) -> dict:
        line = [*COMMAND, *self.arguments, "--project", PROJECT, "--json"]
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
        output, _ = self.process.communicate()
        code = self.process.returncode
        context["ti"].xcom_push("exit_code", code)
        document = json.loads(output) if output else {}
        if code != 0:
            error = document.get("error", {"message": f"the command ended with {code}", "remedy": "see the log above"})
            message = f"{error['message']} (exit {code}). Next: {error['remedy']}"
            raise TryAgainLater(message) if code in (3, 6) else AirflowFailException(message)
        datasets = document.get("datasets") or []
        return {
            "exit_code": code,
            "run_id": document.get("run_id"),
            **{name: sum(dataset.get(name, 0) for dataset in datasets) for name in COUNTS},
        }

    def on_kill(self) -> None:
        if self.process is not None:
            self.process.terminate()
