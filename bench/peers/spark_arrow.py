"""Scores with Spark: record batches go to a Python worker for each core, each with a session of one thread."""

from collections.abc import Iterator

import numpy
import pyarrow
from pyspark.sql import SparkSession
from pyspark.sql.types import FloatType, StructField, StructType

from request import BATCH_ROWS, REQUEST

FEATURES, COLUMNS, MODEL = REQUEST["features"], REQUEST["columns"], REQUEST["model"]


def score(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(MODEL, options, ["CPUExecutionProvider"])
    for batch in batches:
        matrix = numpy.column_stack([batch[name].to_numpy() for name in FEATURES])
        (scores,) = session.run(None, {"features": matrix})
        yield batch.select(COLUMNS).append_column("score", pyarrow.array(scores[:, 0]))


spark = (
    SparkSession.builder.master(f"local[{REQUEST['threads']}]")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.memory", "4g")
    .config("spark.sql.parquet.compression.codec", "zstd")
    .config("spark.sql.execution.arrow.maxRecordsPerBatch", str(BATCH_ROWS))
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
frame = spark.read.parquet(REQUEST["data"]).select(*COLUMNS, *FEATURES)
kept = [frame.schema[name] for name in COLUMNS]
schema = StructType([*kept, StructField("score", FloatType())])
frame.mapInArrow(score, schema).write.parquet(REQUEST["results"])
spark.stop()
