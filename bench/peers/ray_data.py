"""Scores with Ray Data: batches of columns go to one actor for each core, each with a session of one thread."""

import logging

import numpy
import ray

from request import BATCH_ROWS, REQUEST

FEATURES, MODEL = REQUEST["features"], REQUEST["model"]


class Scorer:
    def __init__(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(MODEL, options, ["CPUExecutionProvider"])

    def __call__(self, batch: dict[str, numpy.ndarray]) -> dict[str, numpy.ndarray]:
        matrix = numpy.column_stack([batch.pop(name) for name in FEATURES])
        (scores,) = self.session.run(None, {"features": matrix})
        return {**batch, "score": scores[:, 0]}


ray.init(num_cpus=REQUEST["threads"], include_dashboard=False, logging_level=logging.ERROR)
ray.data.DataContext.get_current().enable_progress_bars = False
# Reading and writing need a core, too: with an actor on each, nothing else would ever begin.
(
    ray.data.read_parquet(REQUEST["data"], columns=[*REQUEST["columns"], *FEATURES])
    .map_batches(Scorer, batch_size=BATCH_ROWS, num_cpus=0.5, concurrency=REQUEST["threads"])
    .write_parquet(REQUEST["results"], compression="zstd")
)
