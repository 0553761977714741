"""Scores with the predictor of XGBoost or LightGBM itself, row group by row group, on all threads."""

from pathlib import Path

import lightgbm
import numpy
import pyarrow
import pyarrow.parquet as parquet
import xgboost

from request import REQUEST

model, features, columns = REQUEST["model"], REQUEST["features"], REQUEST["columns"]
pyarrow.set_cpu_count(REQUEST["threads"])
if model.endswith(".json"):
    booster = xgboost.Booster({"nthread": REQUEST["threads"]}, model_file=model)
    predict = booster.inplace_predict
else:
    trees = lightgbm.Booster(model_file=model)

    def predict(matrix: numpy.ndarray) -> numpy.ndarray:
        return trees.predict(matrix, num_threads=REQUEST["threads"])


results = Path(REQUEST["results"])
results.mkdir(parents=True)
file = parquet.ParquetFile(REQUEST["data"])
writer = None
for group in range(file.num_row_groups):
    table = file.read_row_group(group, columns=[*columns, *features])
    matrix = numpy.column_stack([table[name].to_numpy() for name in features])
    scores = pyarrow.array(predict(matrix).astype(numpy.float32))
    result = table.select(columns).append_column("score", scores)
    if writer is None:
        writer = parquet.ParquetWriter(results / "part-0.parquet", result.schema, compression="zstd")
    writer.write_table(result)
if writer is not None:
    writer.close()
