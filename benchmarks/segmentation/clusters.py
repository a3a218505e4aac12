"""k-prototypes against kmodes, and against one-hot columns with scikit-learn's KMeans and MiniBatchKMeans.

    python benchmarks/segmentation/clusters.py --kmodes FOLDER

FOLDER holds the peer (`pip install --target FOLDER --no-deps kmodes==0.12.2`). Simulated customers with 8 numbers and
11 categories, drawn from four overlapping kinds. Every side is a process of its own with the same scaled numbers and
codes in memory; its time is from there to a label for every customer (ours: with checks, gamma, and how sure each label
is). One-hot columns are scaled so that a different category counts what it counts for k-prototypes.

All labels are judged by the same code: Huang's cost (the means and modes of each cluster, his gamma), and the adjusted
Rand index to the kinds that the customers were drawn from.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).parents[1] / "results" / "segmentation_clusters.json"
NUMBERS, CATEGORIES, K = 8, 11, 4
SIDES = {
    "ours": "Outlay, ten starts",
    "kmodes": "kmodes, one start",
    "kmeans": "one-hot, KMeans, ten starts",
    "kmeans_one": "one-hot, KMeans, one start",
    "minibatch": "one-hot, MiniBatchKMeans, ten starts",
}


def simulate(rows: int, seed: int) -> dict[str, np.ndarray]:
    """Customers of four kinds: their numbers (scaled), codes, levels and kinds."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(K, rows, p=[0.4, 0.3, 0.2, 0.1])
    means = rng.normal(0, 0.9, (K, NUMBERS))
    numbers = means[truth] + rng.normal(size=(rows, NUMBERS))
    numbers = ((numbers - numbers.mean(0)) / numbers.std(0)).astype(np.float32)
    levels = rng.integers(2, 10, CATEGORIES)
    codes = np.empty((rows, CATEGORIES), np.int32)
    for j, size in enumerate(levels):
        chance = rng.dirichlet(np.full(size, 0.7), K).cumsum(1)
        codes[:, j] = np.minimum((rng.random(rows)[:, None] > chance[truth]).sum(1), size - 1)
    return {"numbers": numbers, "codes": codes, "levels": levels, "truth": truth}


def gamma_of(numbers: np.ndarray) -> float:
    """Huang's: half the mean standard deviation."""
    return float(0.5 * numbers.astype(float).std(0).mean())


def cost_of(data: dict[str, np.ndarray], labels: np.ndarray) -> float:
    """Huang's cost of labels: squared distance to the cluster's means, gamma for every cell that is not its mode."""
    numbers, codes = data["numbers"].astype(float), data["codes"]
    found = 0.0
    for c in range(int(labels.max()) + 1):
        mine = labels == c
        found += float(((numbers[mine] - numbers[mine].mean(0)) ** 2).sum())
        modal = sum(int(np.bincount(codes[mine, j]).max()) for j in range(CATEGORIES))
        found += gamma_of(numbers) * (int(mine.sum()) * CATEGORIES - modal)
    return found


def one_hot(data: dict[str, np.ndarray]) -> np.ndarray:
    """Numbers and indicator columns in one float32 matrix."""
    n, high = len(data["numbers"]), np.cumsum(data["levels"])
    out = np.zeros((n, NUMBERS + int(high[-1])), np.float32)
    out[:, :NUMBERS] = data["numbers"]
    out[np.arange(n)[:, None], NUMBERS + data["codes"] + np.r_[0, high[:-1]]] = np.sqrt(gamma_of(data["numbers"]) / 2)
    return out


def fit(side: str, data: dict[str, np.ndarray], seed: int) -> np.ndarray:
    """Labels by one of the sides."""
    if side == "ours":
        from segmentation.clusterers import fit_clusters
        from segmentation.config import ClustersSection
        from segmentation.mixed import Mixed

        rows = Mixed(
            data["numbers"],
            data["codes"],
            tuple(tuple(str(v) for v in range(size)) for size in data["levels"]),
            np.ones(len(data["numbers"])),
            tuple(f"x{j}" for j in range(NUMBERS)),
            tuple(f"c{j}" for j in range(CATEGORIES)),
            np.ones(NUMBERS),
            np.ones(CATEGORIES),
        )
        return fit_clusters(rows, ClustersSection(starts=10), K, seed).labels
    if side == "kmodes":
        from kmodes.kprototypes import KPrototypes

        both = np.hstack([data["numbers"].astype(float), data["codes"].astype(float)])
        model = KPrototypes(K, n_init=1, random_state=seed)
        return model.fit_predict(both, categorical=list(range(NUMBERS, NUMBERS + CATEGORIES)))
    from sklearn.cluster import KMeans, MiniBatchKMeans

    kind = MiniBatchKMeans if side == "minibatch" else KMeans
    return kind(K, n_init=1 if side == "kmeans_one" else 10, random_state=seed).fit_predict(one_hot(data))


def load(side: str) -> None:
    """Import what a side needs, outside of its time."""
    needed = {"ours": "segmentation.clusterers segmentation.kernel_prototypes", "kmodes": "kmodes.kprototypes"}
    for name in needed.get(side, "sklearn.cluster").split():
        importlib.import_module(name)


def alone(side: str, folder: Path, repeats: int) -> dict[str, Any]:
    """Measure one side in this process."""
    from sklearn.metrics import adjusted_rand_score

    load(side)
    data = dict(np.load(folder / "data.npz"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, cpu, costs, labels, first = [], [], [], np.empty(0), None
    for seed in range({"ours": repeats + 1, "kmodes": 1}.get(side, 3)):
        start, used = time.perf_counter(), time.process_time()
        labels = fit(side, data, seed)
        seconds = time.perf_counter() - start
        if first is None and side != "kmodes":
            first = seconds  # compiled functions come from the disk
        else:
            wall.append(seconds)
            cpu.append(time.process_time() - used)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        costs.append(cost_of(data, labels))
    return {
        "seconds": statistics.median(wall),
        "cpu_seconds": statistics.median(cpu),
        "first_seconds": first,
        "runs": len(wall),
        "peak_mb": round(peak),
        "above_data_mb": round(peak - before),
        "cost": min(costs),
        "worst_cost": max(costs),
        "ari": adjusted_rand_score(data["truth"], labels),
    }


def measure(rows: int, sides: list[str], kmodes: str | None, repeats: int) -> dict[str, Any]:
    """All sides on one table, each in a process of its own."""
    found: dict[str, Any] = {"rows": rows}
    with tempfile.TemporaryDirectory() as folder:
        data = simulate(rows, 1)
        np.savez(Path(folder) / "data.npz", **data)
        found["cost_of_truth"] = cost_of(data, data["truth"])
        for side in sides:
            if side == "kmodes" and not kmodes:
                continue
            path = os.pathsep.join([str(ROOT), *([kmodes] if kmodes else [])])
            said = subprocess.run(  # noqa: S603 - this file again
                [sys.executable, __file__, "--side", side, "--folder", folder, "--repeats", str(repeats)],
                capture_output=True,
                text=True,
                check=True,
                env={**os.environ, "PYTHONPATH": path},
            )
            found[side] = json.loads(said.stdout.splitlines()[-1])
            print(rows, SIDES[side], found[side], flush=True)
        cold = {**os.environ, "PYTHONPATH": str(ROOT), "OUTLAY_CACHE_DIR": str(Path(folder) / "cache")}
        said = subprocess.run(  # noqa: S603 - this file again
            [sys.executable, __file__, "--side", "ours", "--folder", folder, "--repeats", "1"],
            capture_output=True,
            text=True,
            check=True,
            env=cold,
        )
        found["ours_cold_seconds"] = json.loads(said.stdout.splitlines()[-1])["first_seconds"]
    if "kmodes" in found and "ours" in found:
        found["times_faster_than_kmodes"] = found["kmodes"]["seconds"] / found["ours"]["seconds"]
        found["cost_above_kmodes"] = found["ours"]["worst_cost"] / found["kmodes"]["cost"] - 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kmodes", help="folder that kmodes was installed into")
    parser.add_argument("--rows", type=float, nargs="+", default=[51_600, 516_000])
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        print(json.dumps(alone(asked.side, asked.folder, asked.repeats)))
        return
    rows = [measure(int(size), asked.sides, asked.kmodes, asked.repeats) for size in asked.rows]
    versions = {name: metadata.version(name) for name in ("numba", "numpy", "scikit-learn")}
    if asked.kmodes:
        versions["kmodes"] = next(Path(asked.kmodes).glob("kmodes-*.dist-info")).stem.split("-")[1]
    about = {"python": platform.python_version(), "cores": os.cpu_count(), "versions": versions}
    asked.out.write_text(json.dumps({**about, "rows": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
