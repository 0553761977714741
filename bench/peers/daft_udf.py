"""Scores with Daft: the model in a class that is made once for each core, called with batches of columns."""

import daft
import numpy

from request import BATCH_ROWS, REQUEST

FEATURES, MODEL = REQUEST["features"], REQUEST["model"]


@daft.udf(
    return_dtype=daft.DataType.float32(),
    batch_size=BATCH_ROWS,
    concurrency=REQUEST["threads"],
)
class Score:
    def __init__(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(MODEL, options, ["CPUExecutionProvider"])

    def __call__(self, *features: daft.Series) -> numpy.ndarray:
        matrix = numpy.column_stack([one.to_arrow().to_numpy() for one in features])
        (scores,) = self.session.run(None, {"features": matrix})
        return scores[:, 0]


frame = daft.read_parquet(REQUEST["data"])
frame = frame.with_column("score", Score(*[daft.col(name) for name in FEATURES]))
frame.select(*REQUEST["columns"], "score").write_parquet(REQUEST["results"], compression="zstd")
