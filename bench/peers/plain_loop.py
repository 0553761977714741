"""Scores a Parquet file with inputs that are texts or lists: the loop that comes to mind first.

One process, a batch after the other, and a session with all threads. Arguments: one JSON object.
"""

import json
import sys

import numpy
import onnxruntime
import pyarrow
import pyarrow.parquet as parquet

BATCH_ROWS = 65_536


def tensor(column: pyarrow.Array, kind: str, width: int) -> numpy.ndarray:
    """A column as a tensor of one row for each value."""
    if width > 1:
        return column.flatten().to_numpy().reshape(-1, width)
    if kind == "string":
        return column.to_numpy(zero_copy_only=False).astype(object).reshape(-1, 1)
    known = column.fill_null(0) if column.null_count > 0 else column
    return known.to_numpy().astype(numpy.float32).reshape(-1, 1)


def score(request: dict) -> None:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = request["threads"]
    session = onnxruntime.InferenceSession(request["model"], options, ["CPUExecutionProvider"])
    columns, inputs = request["columns"], request["inputs"]
    read = [*columns, *(each["column"] for each in inputs)]
    writer = None
    for batch in parquet.ParquetFile(request["data"]).iter_batches(BATCH_ROWS, columns=read):
        feeds = {
            each["name"]: tensor(batch[each["column"]], each["type"], each["width"])
            for each in inputs
        }
        (found,) = session.run([request["output"]], feeds)
        element = request["element"]
        if element is None:
            values = pyarrow.FixedSizeListArray.from_arrays(found.reshape(-1), found.shape[1])
        else:
            values = pyarrow.array(found[:, element])
        table = pyarrow.table({**{name: batch[name] for name in columns}, "score": values})
        if writer is None:
            target = f"{request['results']}/part.parquet"
            writer = parquet.ParquetWriter(target, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


if __name__ == "__main__":
    score(json.loads(sys.argv[1]))
