"""Trains models of XGBoost and LightGBM on the benchmark's features, and writes them as ONNX as well.

    python train_boosted.py DATA FOLDER

DATA is the dataset of `npm run bench`. The target is made of the features, so that trees are as deep as
they are allowed to be.
"""

import sys
from pathlib import Path

import lightgbm
import numpy
import onnxmltools
import pyarrow.parquet as parquet
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType

FEATURES = [f"f{k}" for k in range(30)]
TRAINING_ROWS = 50_000

data, folder = sys.argv[1], Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
table = next(parquet.ParquetFile(data).iter_batches(TRAINING_ROWS, columns=FEATURES))
rows = numpy.column_stack([column.to_numpy() for column in table.columns]).astype(numpy.float32)
random = numpy.random.default_rng(7)
target = rows[:, 0] * rows[:, 1] + numpy.sin(3 * rows[:, 2]) + rows[:, 20] * rows[:, 16]
target = target + random.normal(size=len(rows))

boosted = xgboost.XGBRegressor(n_estimators=300, max_depth=6, learning_rate=0.1, tree_method="hist", n_jobs=1)
boosted.fit(rows, target)
boosted.save_model(folder / "xgboost.json")
grown = lightgbm.LGBMRegressor(n_estimators=500, num_leaves=31, learning_rate=0.05, n_jobs=1, verbose=-1)
grown.fit(rows, target)
grown.booster_.save_model(folder / "lightgbm.txt")

types = [("features", FloatTensorType([None, len(FEATURES)]))]
for name, model in {
    "xgboost": onnxmltools.convert_xgboost(boosted, initial_types=types, target_opset=15),
    "lightgbm": onnxmltools.convert_lightgbm(grown, initial_types=types, target_opset=15),
}.items():
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
