"""Scores every day at 05:00, and hands the result on to the task behind it.

Put this file and ../python/shardmill.py into the folder of DAGs, and set SHARDMILL_COMMAND, SHARDMILL_JOBS (the folder
with the job) and the settings of the fleet (docs/configuration.md) in the environment of the workers of Airflow.
"""
import os
from datetime import datetime, timedelta

import shardmill
from airflow.sdk import dag, task

JOBS = os.environ["SHARDMILL_JOBS"]


@dag(schedule="0 5 * * *", start_date=datetime(2026, 11, 1), catchup=False, max_active_runs=1)
def churn_scores():
    # A try that is repeated, whatever became of the one before it, attaches to the run of its key.
    @task(retries=3, retry_delay=timedelta(seconds=float(os.environ.get("RETRY_SECONDS", "60"))))
    def score(ds: str) -> dict:
        manifest = shardmill.submit("churn", {"ds": ds}, run_key=f"churn {ds}", cwd=JOBS)
        return {"output": manifest["output"], "run": manifest["runId"], "rows": manifest["rows"]}

    @task
    def load(scored: dict) -> None:
        rows = scored["rows"]
        print(f"{rows['scored']} of {rows['read']} rows are in {scored['output']}: run {scored['run']}")

    load(score(ds="{{ ds }}"))


churn_scores()
