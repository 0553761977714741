"""Measures other ways to score the benchmark's dataset next to `shardmill run`, in turns on one machine.

    pip install -r requirements.txt
    python train_boosted.py DATA MODELS
    python compare.py DATA MODELS [--repeat 3] [--only ray,daft,spark,xgboost,lightgbm]

DATA is the dataset that `npm run bench` makes, in bench/.work. Each program is a process of its own, from its
start to its exit, and gets all cores; its scores are held against those of `shardmill run` before its time
counts. Prints a table of medians.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
import pyarrow.dataset as dataset

HERE = Path(__file__).resolve().parent
SHARDMILL = HERE.parent.parent / "packages" / "cli" / "bin" / "shardmill.js"
FEATURES = [f"f{k}" for k in range(30)]
COLUMNS = ["id", "name", "ts"]
#: The script of each peer, and the file of its model; what shardmill scores for it has the same trees.
PEERS = {
    "ray": ("ray_data.py", "xgboost.onnx"),
    "daft": ("daft_udf.py", "xgboost.onnx"),
    "spark": ("spark_arrow.py", "xgboost.onnx"),
    "xgboost": ("boosted_loop.py", "xgboost.json"),
    "lightgbm": ("boosted_loop.py", "lightgbm.txt"),
}


def timed(command: list[str]) -> float:
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stderr[-4000:]}")
    return time.perf_counter() - started


def run_peer(name: str, data: str, models: Path, results: Path) -> float:
    script, model = PEERS[name]
    request = {
        "data": data,
        "model": str(models / model),
        "features": FEATURES,
        "columns": COLUMNS,
        "results": str(results),
        "threads": os.cpu_count(),
    }
    return timed([sys.executable, str(HERE / script), json.dumps(request)])


def run_shardmill(model: Path, data: str, results: Path) -> float:
    job = {
        "name": "bench-peers",
        "input": {"uri": data},
        "model": {"uri": str(model)},
        "features": {"features": FEATURES},
        "output": {"uri": str(results), "columns": {**{c: c for c in COLUMNS}, "score": "variable"}},
    }
    file = results.parent / f"{results.name}.json"
    file.write_text(json.dumps(job))
    return timed(["node", str(SHARDMILL), "run", str(file), "--quiet"])


def scores_of(results: Path) -> numpy.ndarray:
    """Scores in the order of the ids. Files of bookkeeping begin with an underscore."""
    table = dataset.dataset(results, format="parquet").to_table(columns=["id", "score"])
    return table.sort_by("id")["score"].to_numpy()


def same(got: numpy.ndarray, wanted: numpy.ndarray) -> bool:
    """LightGBM's own thresholds are float64, and those of ONNX float32: a row between them goes another way."""
    close = numpy.isclose(got, wanted, rtol=1e-4, atol=1e-4)
    return bool(close.mean() > 0.999)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data")
    parser.add_argument("models")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", default=",".join(PEERS))
    options = parser.parse_args()
    data, models = str(Path(options.data).resolve()), Path(options.models).resolve()
    work = Path(tempfile.mkdtemp(prefix="shardmill-peers-"))
    try:
        for name in options.only.split(","):
            onnx = models / ("lightgbm.onnx" if name == "lightgbm" else "xgboost.onnx")
            seconds: dict[str, list[float]] = {"peer": [], "shardmill": []}
            for _ in range(options.repeat):
                results, own = work / "peer", work / "own"
                seconds["peer"].append(run_peer(name, data, models, results))
                seconds["shardmill"].append(run_shardmill(onnx, data, own))
                got, wanted = scores_of(results), scores_of(own)
                if len(got) != len(wanted) or not same(got, wanted):
                    sys.exit(f"{name}: its scores are not those of shardmill")
                for folder in (results, own):
                    shutil.rmtree(folder)
            rows = len(wanted)
            peer, product = (statistics.median(seconds[one]) for one in ("peer", "shardmill"))
            print(
                f"{name:10} {rows / peer / 1e3:8.0f} k rows/s   shardmill {rows / product / 1e3:8.0f} k rows/s"
                f"   {peer / product:5.1f} times as fast",
                flush=True,
            )
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
