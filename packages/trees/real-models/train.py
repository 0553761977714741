"""Trains small models with the libraries that people use, and writes them as ONNX files.

    pip install -r requirements.txt
    python train.py

The files are part of the repository, so that tests need no Python.
"""

import pathlib
import warnings

import catboost
import lightgbm
import numpy as np
import onnxmltools
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier

warnings.filterwarnings("ignore")
FEATURES = 8
FOLDER = pathlib.Path(__file__).parent
random = np.random.default_rng(5)

rows = random.normal(size=(3000, FEATURES)).astype(np.float32)
rows[:, 5] = np.floor(random.uniform(0, 9, size=3000))
target = rows[:, 0] * rows[:, 1] + np.sin(2 * rows[:, 2]) + 0.3 * rows[:, 5] + random.normal(size=3000)
binary = (target > np.median(target)).astype(int)
three = np.digitize(target, np.quantile(target, [0.3, 0.6]))
missing = rows.copy()
missing[random.uniform(size=rows.shape) < 0.05] = np.nan


def save(name, model):
    path = FOLDER / f"{name}.onnx"
    path.write_bytes(model.SerializeToString())
    print(name, path.stat().st_size, [node.op_type for node in model.graph.node])


def save_xgboost(name, model):
    types = [("input", FloatTensorType([None, FEATURES]))]
    save(name, onnxmltools.convert_xgboost(model, initial_types=types, target_opset=15))


def save_lightgbm(name, model):
    types = [("input", FloatTensorType([None, FEATURES]))]
    save(name, onnxmltools.convert_lightgbm(model, initial_types=types, target_opset=15))


def save_sklearn(name, model):
    opset = {"": 15, "ai.onnx.ml": 3}
    save(name, to_onnx(model, rows[:1], target_opset=opset))


boost = {"n_estimators": 30, "max_depth": 4, "n_jobs": 1}
save_xgboost("xgboost-binary", xgboost.XGBClassifier(**boost).fit(missing, binary))
save_xgboost("xgboost-three-classes", xgboost.XGBClassifier(**boost).fit(missing, three))
save_xgboost("xgboost-regression", xgboost.XGBRegressor(**boost).fit(missing, target))

light = {"n_estimators": 25, "num_leaves": 15, "n_jobs": 1, "verbose": -1}
save_lightgbm("lightgbm-binary", lightgbm.LGBMClassifier(**light).fit(missing, binary))
save_lightgbm("lightgbm-three-classes", lightgbm.LGBMClassifier(**light).fit(missing, three))
save_lightgbm("lightgbm-regression", lightgbm.LGBMRegressor(**light).fit(missing, target))

cat = {"iterations": 25, "depth": 4, "verbose": False, "thread_count": 1, "allow_writing_files": False}
for name, model, labels in [
    ("catboost-binary", catboost.CatBoostClassifier(**cat), binary),
    ("catboost-three-classes", catboost.CatBoostClassifier(**cat, loss_function="MultiClass"), three),
    ("catboost-regression", catboost.CatBoostRegressor(**cat), target),
]:
    model.fit(rows, labels)
    model.save_model(str(FOLDER / f"{name}.onnx"), format="onnx")

save_sklearn("sklearn-tree", DecisionTreeClassifier(max_depth=8, random_state=1).fit(rows, three))
forest = RandomForestClassifier(15, max_depth=7, random_state=1)
save_sklearn("sklearn-random-forest", forest.fit(rows, binary))
extra = ExtraTreesRegressor(8, max_depth=6, random_state=1)
save_sklearn("sklearn-extra-trees-two-outputs", extra.fit(rows, np.stack([target, rows[:, 3]], axis=1)))
gradient = GradientBoostingClassifier(n_estimators=20, random_state=1)
save_sklearn("sklearn-gradient-boosting", gradient.fit(rows, binary))
