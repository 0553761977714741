"""An asset with a partition for each day: a retry, or a second materialization, attaches to the run of its key.

SHARDMILL_COMMAND, SHARDMILL_JOBS (the folder with the job) and the settings of the fleet (docs/configuration.md) come
from the environment; ../python is on PYTHONPATH.
"""
import os

import dagster as dg
import shardmill

JOBS = os.environ["SHARDMILL_JOBS"]


@dg.asset(
    partitions_def=dg.DailyPartitionsDefinition(start_date="2026-11-01"),
    retry_policy=dg.RetryPolicy(max_retries=3, delay=float(os.environ.get("RETRY_SECONDS", "60"))),
)
def churn_scores(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    ds = context.partition_key
    manifest = shardmill.submit("churn", {"ds": ds}, run_key=f"churn {ds}", cwd=JOBS)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": manifest["rows"]["scored"],
            "rejected": manifest["rows"]["rejected"],
            "output": manifest["output"],
            "run": manifest["runId"],
            "model": manifest["model"]["sha256"],
        }
    )


@dg.asset_check(asset=churn_scores)
def few_rows_are_rejected(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    event = context.instance.get_latest_materialization_event(churn_scores.key)
    metadata = event.asset_materialization.metadata
    rejected, scored = metadata["rejected"].value, metadata["dagster/row_count"].value
    return dg.AssetCheckResult(passed=rejected <= 0.01 * (scored + rejected), metadata={"rejected": rejected})


defs = dg.Definitions(assets=[churn_scores], asset_checks=[few_rows_are_rejected])
