"""Scores a Parquet file with pyarrow and ONNX Runtime, as a careful user writes it by hand.

Row groups are shared out among processes, each with a session of one thread; with one process, a
plain loop, the session has the threads that it is given. The file and the folder of results are on
the disk or in S3, whose address and keys the variables of the AWS SDK give. Arguments: one JSON object.
"""

import json
import os
import sys
from multiprocessing import get_context

import numpy
import onnxruntime
import pyarrow
import pyarrow.parquet as parquet
from pyarrow import fs


def place(location: str) -> tuple[fs.FileSystem, str]:
    """The file system of a location, and its path there."""
    if not location.startswith("s3://"):
        return fs.LocalFileSystem(), location
    # Object gateways refuse bodies whose length is not said, as those with a checksum at their end.
    os.environ.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
    store = fs.S3FileSystem(
        endpoint_override=os.environ.get("AWS_ENDPOINT_URL_S3"), region=os.environ["AWS_REGION"]
    )
    return store, location.removeprefix("s3://")


def score(request: dict, process: int) -> None:
    processes = request["processes"]
    pyarrow.set_cpu_count(request["threads"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = request["threads"]
    session = onnxruntime.InferenceSession(request["model"], options, ["CPUExecutionProvider"])
    features, columns = request["features"], request["columns"]
    source, path = place(request["data"])
    file = parquet.ParquetFile(source.open_input_file(path), pre_buffer=True)
    target, folder = place(request["results"])
    writer = None
    for group in range(process, file.num_row_groups, processes):
        table = file.read_row_group(group, columns=[*columns, *features])
        matrix = numpy.empty((table.num_rows, len(features)), dtype=numpy.float32)
        for index, name in enumerate(features):
            matrix[:, index] = table[name].to_numpy()
        (scores,) = session.run(["score"], {"features": matrix})
        result = table.select(columns).append_column("score", pyarrow.array(scores[:, 0]))
        if writer is None:
            writer = parquet.ParquetWriter(
                f"{folder}/part-{process}.parquet",
                result.schema,
                filesystem=target,
                compression="zstd",
            )
        writer.write_table(result)
    if writer is not None:
        writer.close()


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    if asked["processes"] == 1:
        score(asked, 0)
    else:
        context = get_context("spawn")
        workers = [
            context.Process(target=score, args=(asked, process))
            for process in range(asked["processes"])
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if any(worker.exitcode != 0 for worker in workers):
            sys.exit(1)
