"""Lead scores: wide data within 4 GB, and the file of 73,000 leads; wall seconds, peak memory and log-loss.

    python benchmarks/customers/scores.py [--rows 50000] [--columns 600]

The wide data are simulated like VMware's digital actions: five classes of 46470, 2016, 898, 421 and 195 in 50,000. The
peer is scikit-learn's logistic regression on the same training rows, once as it is and once with balanced classes.
Every part is a process of its own, with one BLAS and OpenMP thread.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "customers_scores.json"
COUNTS = (46470, 2016, 898, 421, 195)
PARTS = ("wide_classes", "wide_binary", "leads")


def wide(rows: int, columns: int, seed: int = 1):  # noqa: ANN201
    """Leads with many columns, of which some tell the rare classes apart."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    counts = np.maximum((np.array(COUNTS) * rows / sum(COUNTS)).astype(int), 25)
    counts[0] = rows - counts[1:].sum()
    label = rng.permutation(np.repeat(np.arange(5), counts))
    matrix = rng.normal(size=(rows, columns)).astype(np.float32)
    for k in range(1, 5):
        told = rng.choice(columns, 12, replace=False)
        matrix[np.ix_(label == k, told)] += rng.normal(0, 0.6, 12).astype(np.float32)
    features = pd.DataFrame(matrix, columns=[f"x{j}" for j in range(columns)])
    features["kind"] = rng.choice(["a", "b", "c"], rows)
    features.loc[rng.random(rows) < 0.1, "x0"] = np.nan
    created = np.datetime64("2024-01-01") + np.sort(rng.integers(0, 500, rows)).astype("timedelta64[D]")
    names = np.array(["none", "download", "webinar", "trial", "buy"], object)
    return features, created, names[label]


def run(part: str, rows: int, columns: int) -> dict[str, object]:
    """One part, in this process."""
    import numpy as np

    from attribution.config_score import ScoreSection
    from attribution.scores import ScoringTable, score_leads
    from attribution.scores_classes import score_classes

    section = ScoreSection(reasons=20, classifier="auto")
    if part == "leads":
        return run_leads()
    features, created, labels = wide(rows, columns)
    table = ScoringTable(features, (labels != "none").astype(float), created)
    start = time.perf_counter()
    if part == "wide_classes":
        found = score_classes(table, labels, ScoreSection(outcome="action"))
    else:
        found = score_leads(table, section)
    seconds = time.perf_counter() - start
    metrics = found.tables["metrics"].set_index("name")["log_loss"].to_dict()
    told = {"seconds": seconds, "classifier": found.facts["classifier"], "log_loss": metrics}
    told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if part == "wide_classes":
        told["balanced_log_loss"] = balanced(table, labels)
        told["costs"] = found.tables["costs"][["way", "cost_per_lead"]].to_dict("records")
    return told | {"rows": rows, "columns": columns + 1, "finite": bool(np.isfinite(list(metrics.values())).all())}


def balanced(table, labels) -> float:  # noqa: ANN001
    """Log-loss of logistic regression with re-weighted classes, on the same split."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss

    from attribution.config_score import ScoreSection
    from attribution.scores_features import learn_encoder
    from attribution.scores_table import split_by_date

    split, _ = split_by_date(table, ScoreSection(), 1)
    encoder, _ = learn_encoder(table.features.iloc[split.train])
    design, _ = encoder.linear(encoder.matrix(table.features))
    model = LogisticRegression(class_weight="balanced", max_iter=100, tol=1e-3)
    model.fit(design[split.train], labels[split.train].astype(str))
    said = model.predict_proba(design[split.test])
    return float(log_loss(labels[split.test].astype(str), np.asarray(said), labels=model.classes_))


def run_leads() -> dict[str, object]:
    """The example's 73,000 leads, from the file to the scores."""
    import tempfile

    from attribution.scores_run import score_project
    from cli.b2b import write_b2b
    from cli.config import load

    with tempfile.TemporaryDirectory() as folder:
        path = write_b2b(Path(folder) / "b2b", 1)
        # its leads take their segments from a run of segments
        segment = [sys.executable, "-m", "cli.app", "segment", "--project", str(path)]
        subprocess.run(segment, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
        project = load(path)
        start = time.perf_counter()
        read, found = score_project(project)
        seconds = time.perf_counter() - start
    metrics = found.tables["metrics"].set_index("name")
    told = {"seconds": seconds, "rows": read.table.n_leads, "classifier": found.facts["classifier"]}
    told["log_loss"] = metrics["log_loss"].dropna().to_dict()
    told["auc"] = metrics["auc"].to_dict()
    return told | {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--columns", type=int, default=600)
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--only", choices=PARTS, nargs="*", default=PARTS)
    given = parser.parse_args()
    if given.part:
        print(json.dumps(run(given.part, given.rows, given.columns)))
        return
    pinned = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    results = json.loads(RESULTS.read_text(encoding="utf-8"))["parts"] if RESULTS.is_file() else {}
    for part in given.only:
        command = [sys.executable, __file__, "--part", part, "--rows", str(given.rows)]
        command += ["--columns", str(given.columns)]
        environment = {**os.environ, **pinned, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
        results[part] = json.loads(done.stdout.splitlines()[-1])
        print(part, json.dumps(results[part], indent=1))
    import numpy
    import sklearn

    versions = {"python": platform.python_version(), "numpy": numpy.__version__, "scikit-learn": sklearn.__version__}
    RESULTS.write_text(json.dumps({"versions": versions, "parts": results}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
