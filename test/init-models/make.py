"""Makes the models of this folder: python make.py (Python 3.11, requirements.txt).

Each subfolder has a model as its exporter writes it, `data.parquet` (or a `data` folder), and
`expected.parquet`: a key, and what the trained model itself says of the row. What the exporters
write differs from one call to the next (dates, identifiers), so that the files are committed.
"""

import json
import os
import shutil

import lightgbm
import numpy as np
import onnx
import onnxmltools
import pandas as pd
import xgboost
from catboost import CatBoostClassifier
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType
from skl2onnx.common.data_types import FloatTensorType as SklFloat
from skl2onnx.common.data_types import StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

ROWS = 80
HERE = os.path.dirname(os.path.abspath(__file__))


def place(name):
    folder = os.path.join(HERE, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    os.chdir(folder)
    return np.random.default_rng(len(name))


def numbers(rng, *names):
    """Values that float32 holds exactly, so that no exporter's precision comes in between."""
    return pd.DataFrame({n: rng.normal(size=ROWS).astype(np.float32).astype(float) for n in names})


def save(model, frame, key, expected, partitions=()):
    onnx.save(model, 'model.onnx') if model is not None else None
    if partitions:
        for values, part in frame.groupby(list(partitions)):
            folder = '/'.join(f'{n}={v}' for n, v in zip(partitions, values))
            os.makedirs(f'data/{folder}')
            part.drop(columns=list(partitions)).to_parquet(f'data/{folder}/a.parquet', index=False)
    else:
        frame.to_parquet('data.parquet', index=False)
    pd.DataFrame({'key': frame[key], 'expected': expected}).to_parquet('expected.parquet', index=False)


def packed(width):
    return [('input', FloatTensorType([None, width]))]


def lightgbm_zipmap():
    rng = place('lightgbm')
    x = numbers(rng, 'age', 'income', 'visits', 'balance')
    y = (x.age + x.income > 0).astype(int)
    model = lightgbm.LGBMClassifier(n_estimators=4, num_leaves=4, verbose=-1).fit(x.to_numpy(), y)
    frame = x.copy()
    frame.insert(0, 'customer_id', rng.permutation(ROWS) + 1000)
    save(onnxmltools.convert_lightgbm(model, initial_types=packed(4)), frame, 'customer_id',
         model.predict_proba(x.to_numpy())[:, 1])


def lightgbm_names():
    rng = place('lightgbm-names')
    x = numbers(rng, 'age', 'income', 'visits')
    model = lightgbm.LGBMRegressor(n_estimators=4, num_leaves=4, verbose=-1).fit(x, x.age * 2 - x.visits)
    model.booster_.save_model('model.txt')
    frame = numbers(rng, 'noise').join(x[['visits', 'age', 'income']])
    frame['account'] = rng.permutation(ROWS)
    save(onnxmltools.convert_lightgbm(model, initial_types=packed(3)), frame, 'account', model.predict(x))


def xgboost_nulls():
    rng = place('xgboost-nulls')
    x = numbers(rng, 'f0', 'f1', 'f2', 'f3')
    x = x.mask(rng.random(x.shape) < 0.2)
    y = (x.f0.fillna(1) > 0.2).astype(int)
    model = xgboost.XGBClassifier(n_estimators=4, max_depth=2).fit(x.to_numpy(), y)
    frame = x.copy()
    frame['uuid'] = [f'{v:032x}' for v in rng.permutation(ROWS)]
    save(onnxmltools.convert_xgboost(model, initial_types=packed(4)), frame, 'uuid',
         model.predict_proba(x.to_numpy())[:, 1])


def xgboost_names():
    rng = place('xgboost-names')
    x = numbers(rng, 'Tenure', 'monthly-charges', 'total.charges')
    model = xgboost.XGBRegressor(n_estimators=4, max_depth=2).fit(x, x['Tenure'] - x['total.charges'])
    model.save_model('model.json')
    expected = model.predict(x)
    # The converter takes no other names than these.
    model.get_booster().feature_names = [f'f{i}' for i in range(3)]
    frame = pd.DataFrame({
        'label': rng.integers(0, 2, ROWS),
        'total_charges': x['total.charges'],
        'monthly_charges': x['monthly-charges'],
        'tenure': x['Tenure'],
        'row_key': rng.permutation(ROWS),
    })
    save(onnxmltools.convert_xgboost(model, initial_types=packed(3)), frame, 'row_key', expected)


def sklearn_pipeline():
    rng = place('sklearn-pipeline')
    x = numbers(rng, 'monthly_charges', 'order', 'group')
    x['contract'] = rng.choice(['monthly', 'yearly', 'two years'], ROWS)
    y = (x.order + (x.contract == 'yearly') > 0.3).astype(int)
    model = make_pipeline(
        ColumnTransformer([
            ('numbers', StandardScaler(), ['monthly_charges', 'order', 'group']),
            ('texts', OneHotEncoder(handle_unknown='ignore'), ['contract']),
        ]),
        LogisticRegression(),
    ).fit(x, y)
    types = [(n, StringTensorType([None, 1]) if n == 'contract' else SklFloat([None, 1])) for n in x]
    frame = x.rename(columns={'monthly_charges': 'Monthly Charges'})
    frame['Account ID'] = [f'a-{v}' for v in rng.permutation(ROWS)]
    save(convert_sklearn(model, initial_types=types), frame, 'Account ID', model.predict_proba(x)[:, 1])


def sklearn_packed(name, extra):
    rng = place(name)
    x = numbers(rng, *[f'v{i}' for i in range(23)])
    y = (x.v0 - x.v22 > 0).astype(int)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x.to_numpy(), y)
    converted = convert_sklearn(model, initial_types=[('X', SklFloat([None, 23]))],
                                options={id(model): {'zipmap': False}})
    frame = x.copy()
    frame.insert(0, 'customer', rng.permutation(ROWS) * 7)
    if extra:
        frame['loyalty'] = rng.normal(size=ROWS)
    save(converted, frame, 'customer', model.predict_proba(x.to_numpy())[:, 1])


def catboost_partitioned():
    rng = place('catboost')
    x = numbers(rng, 'a', 'b', 'c')
    model = CatBoostClassifier(iterations=4, depth=2, verbose=0, allow_writing_files=False)
    model.fit(x, (x.a > x.b).astype(int))
    model.save_model('model.onnx', format='onnx')
    frame = x.copy()
    frame['user_id'] = rng.permutation(ROWS)
    frame['ds'] = np.where(np.arange(ROWS) < 50, '2026-11-01', '2026-11-02')
    frame['country'] = np.where(np.arange(ROWS) % 2 == 0, 'AE', 'JP')
    save(None, frame, 'user_id', model.predict_proba(x)[:, 1], ('ds', 'country'))


def catboost_classes():
    rng = place('catboost-classes')
    x = numbers(rng, 'a', 'b')
    y = np.select([x.a > 0.4, x.b > 0.4], ['high', 'middle'], 'low')
    model = CatBoostClassifier(iterations=3, depth=2, verbose=0, allow_writing_files=False).fit(x, y)
    model.save_model('model.onnx', format='onnx')
    with open('feature_names.json', 'w') as file:
        json.dump(['a', 'b'], file)
    frame = x[['b', 'a']].copy()
    frame['id'] = rng.permutation(ROWS)
    probabilities = pd.DataFrame(model.predict_proba(x), columns=model.classes_)
    save(None, frame, 'id', probabilities['low'])


def mlp_metadata():
    rng = place('mlp-metadata')
    x = numbers(rng, 'width', 'height', 'depth')
    model = MLPClassifier(hidden_layer_sizes=(4,), max_iter=20, random_state=0).fit(x.to_numpy(), (x.width > 0).astype(int))
    converted = convert_sklearn(model, initial_types=[('x', DoubleTensorType([None, 3]))],
                                options={id(model): {'zipmap': False}})
    onnx.helper.set_model_props(converted, {'feature_names': json.dumps(list(x))})
    frame = x[['height', 'depth', 'width']].copy()
    frame['weight'] = rng.normal(size=ROWS)
    frame['key'] = rng.permutation(ROWS)
    save(converted, frame, 'key', model.predict_proba(x.to_numpy())[:, 1])


def mlp_without_key():
    rng = place('mlp-without-key')
    x = numbers(rng, 'speed', 'end', 'wind speed')
    model = make_pipeline(
        ColumnTransformer([('all', StandardScaler(), list(x))]),
        MLPRegressor(hidden_layer_sizes=(4,), max_iter=20, random_state=0),
    ).fit(x, x.speed)
    types = [(n, SklFloat([None, 1])) for n in x]
    frame = x.rename(columns={'wind speed': 'wind-speed'})
    save(convert_sklearn(model, initial_types=types), frame, 'speed', model.predict(x))


def forest_of_codes():
    rng = place('forest-codes')
    x = numbers(rng, 'tenure', 'charges')
    x.insert(1, 'contract', rng.choice(['month', "two years' term", 'year'], ROWS))
    codes = OrdinalEncoder().fit_transform(x[['contract']])[:, 0]
    encoded = x.assign(contract=codes).to_numpy()
    model = RandomForestRegressor(3, max_depth=3, random_state=0).fit(encoded, x.tenure + codes)
    converted = convert_sklearn(model, initial_types=[('float_input', SklFloat([None, 3]))])
    with open('feature_names.json', 'w') as file:
        json.dump(list(x), file)
    frame = x.copy()
    frame.insert(0, 'id', rng.permutation(ROWS))
    save(converted, frame, 'id', model.predict(encoded))


if __name__ == '__main__':
    lightgbm_zipmap()
    lightgbm_names()
    xgboost_nulls()
    xgboost_names()
    sklearn_pipeline()
    sklearn_packed('sklearn-packed', extra=False)
    sklearn_packed('sklearn-packed-24', extra=True)
    catboost_partitioned()
    catboost_classes()
    mlp_metadata()
    mlp_without_key()
    forest_of_codes()
