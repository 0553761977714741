"""What delta-rs finds in a table, as JSON: its version, its columns, and for each version the rows
sorted by id and the rows that the statistics of its files count; with "latest" of the newest version
alone. With "change" it deletes a row and makes a checkpoint first, with "append" it appends one."""

import json
import os
import sys

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

location, *changes = sys.argv[1:]

for change in changes:
    table = DeltaTable(location)
    if change == "append":
        row = {"id": [1000], "score": [1.5]}
        schema = pa.schema([("id", pa.int64()), ("score", pa.float32())])
        write_deltalake(location, pa.table(row, schema=schema), mode="append")
    elif change == "change":
        table.delete("id = 0")
        DeltaTable(location).create_checkpoint()
    elif change != "latest":
        raise SystemExit(f"unknown change {change}")


def rows_at(version):
    table = DeltaTable(location, version=version)
    rows = table.to_pyarrow_table().to_pylist()
    counted = sum(pa.table(table.get_add_actions(flatten=True))["num_records"].to_pylist())
    return {"rows": sorted(rows, key=lambda row: row["id"]), "counted": counted}


latest = DeltaTable(location)
first = latest.version() if "latest" in changes else 0
found = {
    "version": latest.version(),
    "columns": [[field.name, str(field.type)] for field in pa.schema(latest.schema().to_arrow())],
    "versions": [rows_at(version) for version in range(first, latest.version() + 1)],
}
print(json.dumps(found, default=str), flush=True)
# Threads of the libraries may abort the process while the interpreter ends.
os._exit(0)
