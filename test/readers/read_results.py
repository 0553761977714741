"""Reads an output folder with each reader, in each form that it offers, and prints JSON:
{reader: {form: rows sorted by id}}, or {"error": text} for a form that the reader refuses.
Given `partitions`, the forms that find the text column `p` in the names of folders."""

import glob
import json
import sys

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

out = sys.argv[1]
top = f"{out}/*.parquet"
deep = f"{out}/**/*.parquet"

FORMS = {
    "pyarrow": {
        "dataset of the folder": lambda: ds.dataset(out, format="parquet").to_table().to_pylist(),
        "table of the folder": lambda: pq.read_table(out).to_pylist(),
        "each file": lambda: [row for f in glob.glob(top) for row in pq.ParquetFile(f).read().to_pylist()],
    },
    "pandas": {
        "the folder": lambda: rows_of_frame(pd.read_parquet(out)),
        "each file": lambda: rows_of_frame(pd.concat([pd.read_parquet(f) for f in glob.glob(top)])),
    },
    "polars": {
        "the folder": lambda: pl.read_parquet(out).to_dicts(),
        "glob": lambda: pl.read_parquet(top).to_dicts(),
        "deep glob": lambda: pl.read_parquet(deep).to_dicts(),
        "scan": lambda: pl.scan_parquet(top).collect().to_dicts(),
    },
    "duckdb": {
        "glob": lambda: rows_of_query(top),
        "deep glob": lambda: rows_of_query(deep),
    },
}

HIVE = ds.partitioning(pa.schema([("p", pa.string())]), flavor="hive")
PARTITIONS = {
    "pyarrow": lambda: ds.dataset(out, partitioning="hive").to_table().to_pylist(),
    "pandas": lambda: rows_of_frame(pd.read_parquet(out, partitioning=HIVE)),
    "polars": lambda: pl.scan_parquet(deep, hive_partitioning=True, hive_schema={"p": pl.String}).collect().to_dicts(),
    # Before version 2, DuckDB gives the name that stands for null as a text.
    "duckdb": lambda: rows_of_query(
        deep,
        ", hive_partitioning = true, hive_types = {'p': VARCHAR}",
        "* REPLACE (nullif(p, '__HIVE_DEFAULT_PARTITION__') AS p)",
    ),
}
if sys.argv[2:] == ["partitions"]:
    FORMS = {"partitions": PARTITIONS}


def rows_of_frame(frame):
    return frame.to_dict("records")


def rows_of_query(pattern, options="", columns="*"):
    cursor = duckdb.execute(f"SELECT {columns} FROM read_parquet(?{options})", [pattern])
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


def plain(value):
    """Maps come as lists of pairs from one reader, of structs from another, or as a dict."""
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, float) and np.isnan(value):
        return None  # What pandas makes of a null.
    if isinstance(value, dict):
        if set(value) == {"key", "value"}:
            return [plain(value["key"]), plain(value["value"])]
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def attempt(read):
    try:
        return sorted((plain(row) for row in read()), key=lambda row: row["id"])
    except Exception as error:  # Whatever the reader says is what the test looks at.
        return {"error": f"{type(error).__name__}: {error}"}


json.dump({name: {form: attempt(read) for form, read in forms.items()} for name, forms in FORMS.items()}, sys.stdout)
