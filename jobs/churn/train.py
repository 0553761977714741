"""Make the churn job's files from the public IBM telco customer churn data.

    python train.py CSV --out DIR

CSV is Telco-Customer-Churn.csv from
https://github.com/IBM/telco-customer-churn-on-icp4d (Apache-2.0).

Writes three files into DIR:
    customers.parquet  what the job scores: every customer, without the Churn label
    model.onnx         what the job scores with
    expected.csv       scikit-learn's own probabilities, to compare the job's with
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

SEED = 7
TOLERANCE = 1e-6

# The CSV's name, our name and the Parquet type of every column, in file order.
COLUMNS = [
    ("customerID", "customer_id", pa.string()),
    ("gender", "gender", pa.string()),
    ("SeniorCitizen", "senior_citizen", pa.int32()),
    ("Partner", "partner", pa.string()),
    ("Dependents", "dependents", pa.string()),
    ("tenure", "tenure", pa.int32()),
    ("PhoneService", "phone_service", pa.string()),
    ("MultipleLines", "multiple_lines", pa.string()),
    ("InternetService", "internet_service", pa.string()),
    ("OnlineSecurity", "online_security", pa.string()),
    ("OnlineBackup", "online_backup", pa.string()),
    ("DeviceProtection", "device_protection", pa.string()),
    ("TechSupport", "tech_support", pa.string()),
    ("StreamingTV", "streaming_tv", pa.string()),
    ("StreamingMovies", "streaming_movies", pa.string()),
    ("Contract", "contract", pa.string()),
    ("PaperlessBilling", "paperless_billing", pa.string()),
    ("PaymentMethod", "payment_method", pa.string()),
    ("MonthlyCharges", "monthly_charges", pa.float64()),
    ("TotalCharges", "total_charges", pa.float64()),
]
FEATURES = [name for _, name, _ in COLUMNS if name != "customer_id"]
STRINGS = [name for _, name, kind in COLUMNS if name in FEATURES and kind == pa.string()]
NUMBERS = [name for name in FEATURES if name not in STRINGS]


def read_customers(csv_path):
    """The customers as an Arrow table, and the label (1 = left) as an array."""
    # Read everything as text: pandas would otherwise take some words for missing values.
    raw = pd.read_csv(csv_path, dtype=str, keep_default_na=False)

    arrays = []
    for source, _, kind in COLUMNS:
        values = raw[source]
        if kind == pa.string():
            arrays.append(pa.array(values.tolist(), kind))
        else:
            # total_charges is blank for customers who have not been billed yet: a NULL.
            cells = [cell.strip() for cell in values]
            number = int if kind == pa.int32() else float
            arrays.append(pa.array([number(cell) if cell else None for cell in cells], kind))
    customers = pa.Table.from_arrays(arrays, names=[name for _, name, _ in COLUMNS])

    unknown = set(raw["Churn"]) - {"Yes", "No"}
    if unknown:
        raise ValueError(f"Churn must be Yes or No, found {sorted(unknown)}")
    return customers, (raw["Churn"] == "Yes").to_numpy(dtype=np.int64)


def model_inputs(customers):
    """The feature columns exactly as the job feeds them to the model."""
    columns = {}
    for name in STRINGS:
        columns[name] = np.array(customers[name].to_pylist(), dtype=object)
    for name in NUMBERS:
        # The ONNX inputs are float32. Rounding here too, before fit and before predict,
        # gives both sides the same numbers to hold against the trees' thresholds.
        # NULL becomes 0, as in the job's coalesce(total_charges, 0).
        columns[name] = customers[name].fill_null(0).to_numpy().astype(np.float32)
    return pd.DataFrame(columns)[FEATURES]


def train(features, churned):
    """Fit on 80 % of the customers; return the pipeline and its AUC on the other 20 %."""
    fit_x, test_x, fit_y, test_y = train_test_split(
        features, churned, test_size=0.2, stratify=churned, random_state=SEED
    )
    pipeline = Pipeline([
        ("columns", ColumnTransformer([
            # A category never seen in training scores as "none of the known ones".
            ("strings", OneHotEncoder(handle_unknown="ignore", sparse_output=False), STRINGS),
            ("numbers", "passthrough", NUMBERS),
        ])),
        ("trees", GradientBoostingClassifier(
            n_estimators=100, max_depth=3, learning_rate=0.1, random_state=SEED
        )),
    ])
    pipeline.fit(fit_x, fit_y)
    return pipeline, roc_auc_score(test_y, pipeline.predict_proba(test_x)[:, 1])


def to_onnx(pipeline):
    """Convert to ONNX: one [N, 1] input per column, under the column's own name."""
    inputs = [
        (name, StringTensorType([None, 1]) if name in STRINGS else FloatTensorType([None, 1]))
        for name in FEATURES
    ]
    model = convert_sklearn(
        pipeline,
        name="churn",  # without a name the graph gets a random one: different bytes each run
        initial_types=inputs,
        options={id(pipeline): {"zipmap": False}},  # probabilities as a tensor, not as maps
        target_opset={"": 17, "ai.onnx.ml": 3},  # at most these: any current runtime knows them
    )
    return model.SerializeToString(deterministic=True)


def onnx_probabilities(model_bytes, features):
    session = onnxruntime.InferenceSession(model_bytes, providers=["CPUExecutionProvider"])
    feeds = {name: features[name].to_numpy().reshape(-1, 1) for name in FEATURES}
    return session.run(["probabilities"], feeds)[0][:, 1]


def main():
    parser = argparse.ArgumentParser(
        description="Make the churn job's data, model and expected scores."
    )
    parser.add_argument("csv", type=Path, help="Telco-Customer-Churn.csv")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    customers, churned = read_customers(args.csv)
    pq.write_table(
        customers,
        args.out / "customers.parquet",
        compression="snappy",
        row_group_size=2000,  # several row groups, so that there is something to split
        store_schema=False,  # plain Parquet, without Arrow's own schema beside it
    )

    features = model_inputs(customers)
    pipeline, auc = train(features, churned)
    print(f"AUC on the held-out 20 %: {auc:.4f}")
    # One split can be lucky. This says how much the AUC depends on it; the model is not affected.
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    aucs = cross_val_score(pipeline, features, churned, cv=folds, scoring="roc_auc")
    print(f"AUC over 5 folds: {aucs.mean():.4f} ({aucs.min():.4f} to {aucs.max():.4f})")

    # From scikit-learn, not from ONNX: the job's scores are to be checked against
    # something that the job's own runtime had no part in.
    expected = pipeline.predict_proba(features)[:, 1]
    with open(args.out / "expected.csv", "w", encoding="utf-8", newline="\n") as file:
        file.write("customer_id,churn\n")
        for customer_id, score in zip(customers["customer_id"].to_pylist(), expected, strict=True):
            file.write(f"{customer_id},{float(score)!r}\n")

    model_bytes = to_onnx(pipeline)
    (args.out / "model.onnx").write_bytes(model_bytes)

    difference = np.abs(onnx_probabilities(model_bytes, features) - expected).max()
    print(f"{len(expected)} customers, ONNX within {difference:.2e} of scikit-learn")
    if not difference <= TOLERANCE:  # written so that NaN fails too
        sys.exit(f"ONNX differs from scikit-learn by more than {TOLERANCE}")


if __name__ == "__main__":
    main()
