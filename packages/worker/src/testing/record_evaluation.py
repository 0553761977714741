"""Writes recorded-evaluation.json: labels and scores, and what scikit-learn measures of them.

    python record_evaluation.py

Needs numpy 2.4.6 and scikit-learn 1.9.1. The same versions write the same file.
"""

import json
import pathlib

import numpy as np
from sklearn import metrics
from sklearn.calibration import calibration_curve

ROWS = 240
BINS = 10


def binary(labels, scores, threshold=0.5):
    """Of probabilities; those of `ties` have few different values."""
    observed, predicted = calibration_curve(labels, scores, n_bins=BINS)
    edges = np.linspace(0, 1, BINS + 1)
    counts = np.bincount(np.searchsorted(edges[1:-1], scores), minlength=BINS)
    counts = counts[counts > 0]
    taken = scores >= threshold
    tn, fp, fn, tp = metrics.confusion_matrix(labels, taken).ravel()
    return {
        "auc": metrics.roc_auc_score(labels, scores),
        "averagePrecision": metrics.average_precision_score(labels, scores),
        "logLoss": metrics.log_loss(labels, scores),
        "brierScore": metrics.brier_score_loss(labels, scores),
        "calibration": [
            {"rows": int(n), "meanScore": p, "observed": o}
            for n, p, o in zip(counts, predicted, observed)
        ],
        "confusion": {
            "truePositives": int(tp),
            "falsePositives": int(fp),
            "trueNegatives": int(tn),
            "falseNegatives": int(fn),
            "accuracy": metrics.accuracy_score(labels, taken),
            "precision": metrics.precision_score(labels, taken),
            "recall": metrics.recall_score(labels, taken),
            "f1": metrics.f1_score(labels, taken),
        },
    }


def regression(labels, scores):
    return {
        "meanAbsoluteError": metrics.mean_absolute_error(labels, scores),
        "rootMeanSquaredError": metrics.root_mean_squared_error(labels, scores),
        "r2": metrics.r2_score(labels, scores),
        "bias": float(np.mean(scores - labels)),
    }


def classes(labels, predicted):
    names = sorted(set(labels) | set(predicted))
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        labels, predicted, labels=names
    )
    return {
        "accuracy": metrics.accuracy_score(labels, predicted),
        "macroF1": metrics.f1_score(labels, predicted, average="macro"),
        "weightedF1": metrics.f1_score(labels, predicted, average="weighted"),
        "classes": {
            name: {"precision": p, "recall": r, "f1": f, "rows": int(n)}
            for name, p, r, f, n in zip(names, precision, recall, f1, support)
        },
    }


def main():
    random = np.random.default_rng(20261126)
    chance = random.beta(0.8, 1.6, ROWS)
    churned = (random.random(ROWS) < chance).astype(int)
    score = np.clip(chance + random.normal(0, 0.12, ROWS), 0, 1).round(6)
    ties = (score * 8).round() / 8
    amount = np.exp(random.normal(3, 1, ROWS)).round(4)
    guess = (amount * random.normal(1.05, 0.2, ROWS) + 2).round(4)
    names = np.array(["low", "medium", "high", "none"])
    label = names[random.choice(4, ROWS, p=[0.5, 0.3, 0.15, 0.05])]
    wrong = random.random(ROWS) < 0.3
    said = np.where(wrong, names[random.choice(3, ROWS)], label)
    columns = {
        "churned": churned,
        "score": score,
        "ties": ties,
        "amount": amount,
        "guess": guess,
        "label": label,
        "said": said,
    }
    recorded = {
        "columns": {name: values.tolist() for name, values in columns.items()},
        "binary": {"score": binary(churned, score), "ties": binary(churned, ties)},
        "regression": regression(amount, guess),
        "classes": classes(label.tolist(), said.tolist()),
    }
    target = pathlib.Path(__file__).with_name("recorded-evaluation.json")
    target.write_text(json.dumps(recorded, separators=(",", ":")) + "\n")


main()
