"""Lifetime value beside PyMC-Marketing's: fit and prediction, wall seconds, effective draws and peak memory.

    python benchmarks/segmentation/clv.py                      # both at 10,000 customers, ours at 100,000 and 1,000,000
    python benchmarks/segmentation/clv.py --rows 1e4 --peer 1e4 --repeats 1

Customers are simulated from a BG/NBD population whose purchases have Gamma-Gamma values: frequency, recency, age in
days, mean purchase. Every side is a process of its own, and begins with that table in memory. Ours: checks, cells, both
models, trust gate, then chance to be alive, purchases, value and lifetime value of every customer with intervals, and
the same of five segments. PyMC-Marketing: ``BetaGeoModel`` and ``GammaGammaModel`` with its default priors and nutpie,
four chains as ours, a draw for each customer of chance to be alive, purchases and lifetime value, then their means.
Times are in weeks there, for which its priors are made.

What a posterior is worth is the smallest bulk ESS over the seven parameters (of ours, over the predictions too).
``ms / ESS`` is the time of the fit over it; imports of the libraries and compilation are in it (ours keeps its compiled
functions from run to run, which ``--cold`` forgets: they are made once before the first run that counts).
PyMC-Marketing predicts by tables of customers by draws: 4,000 draws and 12 months at 1e5 customers take more than 4 GB,
so that it is given 200 of its draws, as many as ours uses.
"""

from __future__ import annotations

import argparse
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

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402  threads are pinned before
import pandas as pd  # noqa: E402

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).parents[1] / "results" / "segmentation_clv.json"
MONTHS, DISCOUNT, PREDICTED_BY = 12, 0.10, 200


def simulate(n: int, seed: int) -> pd.DataFrame:
    """Customers of a known population, first bought within two years."""
    from scipy.special import gammainc, gammaincinv

    rng = np.random.default_rng(seed)
    age = rng.integers(1, 731, n).astype(float)
    rate, leave = rng.gamma(0.6, 1.0 / 60.0, n), rng.beta(0.8, 2.5, n)
    left, came = rng.geometric(np.clip(leave, 1e-300, 1.0)), rng.poisson(rate * age)
    x = np.minimum(left, came).astype(float)
    last, u = np.zeros(n), rng.random(n)
    gone, stays = (left <= came) & (x > 0), (left > came) & (x > 0)
    last[gone] = gammaincinv(x[gone], u[gone] * gammainc(x[gone], (rate * age)[gone])) / rate[gone]
    last[stays] = age[stays] * u[stays] ** (1.0 / x[stays])
    shape = 6.0 * np.maximum(x, 1.0)
    mean = rng.gamma(shape, 1.0 / rng.gamma(3.7, 1.0 / 15.0, n)) / np.maximum(x, 1.0)
    recency = np.where(x > 0, np.clip(np.ceil(last), 1, age), 0.0)
    money = np.where(x > 0, np.maximum(np.round(mean, 2), 0.01), np.nan)
    return pd.DataFrame({"frequency": x, "recency": recency, "age": age, "monetary": money})


def ours(rows: pd.DataFrame, model: str) -> dict[str, Any]:
    """Fit, predict customers, predict segments."""
    from outlay.project import ProjectSection
    from segmentation.clv import fit_clv
    from segmentation.config import ClvSection

    section = ClvSection(model=model, months=MONTHS, discount=DISCOUNT)  # type: ignore[arg-type]
    numbers = np.random.default_rng(5).integers(1, 6, len(rows))
    begin = time.perf_counter()
    found = fit_clv(rows, section, ProjectSection(name="benchmark"))
    fitted = time.perf_counter()
    told = found.predict(rows)
    predicted = time.perf_counter()
    found.by_segment(rows, numbers)
    done = time.perf_counter()
    ess = min(check.value for check in found.trust.checks if check.id == "T002")
    return {
        "fit": fitted - begin,
        "predict": predicted - fitted,
        "segments": done - predicted,
        "ess": ess,
        "passed": found.trust.passed,
        "total": float(told["clv"].sum()),
    }


def peer(rows: pd.DataFrame, model: str) -> dict[str, Any]:
    """The same of PyMC-Marketing: fit, then tables of customers by draws and their means."""
    from arviz_stats.base import array_stats
    from pymc_marketing.clv import BetaGeoModel, GammaGammaModel, ParetoNBDModel

    table = rows.assign(customer_id=np.arange(len(rows)), T=rows["age"] / 7, recency=rows["recency"] / 7)
    table["monetary_value"] = rows["monetary"].fillna(rows["monetary"].mean())  # it takes no missing ones; weight 0
    again = table[table["frequency"] > 0]
    options: dict[str, Any] = {"nuts_sampler": "nutpie", "chains": 4, "cores": 2, "progressbar": False}
    options |= {"random_seed": 1}
    begin = time.perf_counter()
    bought = (BetaGeoModel if model == "bg_nbd" else ParetoNBDModel)()
    bought.fit(data=table, **options)
    paid = GammaGammaModel()
    paid.fit(data=again, **options)
    fitted = time.perf_counter()
    names = ["r", "alpha", "a", "b"] if model == "bg_nbd" else ["r", "alpha", "s", "beta"]
    draws = [bought.fit_result[name] for name in names] + [paid.fit_result[name] for name in ("p", "q", "v")]
    ess = [float(array_stats.ess(one.to_numpy(), chain_axis=0, draw_axis=1, method="bulk")) for one in draws]
    few = (bought.thin_fit_result(20), paid.thin_fit_result(20))  # 4,000 draws to 200
    began = time.perf_counter()
    few[0].expected_probability_alive(table).mean(("chain", "draw")).to_numpy()
    few[0].expected_purchases(data=table, future_t=52.18).mean(("chain", "draw")).to_numpy()
    monthly = (1.0 + DISCOUNT) ** (1.0 / 12.0) - 1.0
    value = few[1].expected_customer_lifetime_value(
        transaction_model=few[0], data=table, future_t=MONTHS, discount_rate=monthly, time_unit="W"
    )
    total = float(value.mean(("chain", "draw")).sum())
    return {"fit": fitted - begin, "predict": time.perf_counter() - began, "ess": min(ess), "total": total}


def run(side: str, rows: Path, model: str, *, cold: bool) -> dict[str, Any]:
    """One side in a process of its own."""
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    with tempfile.TemporaryDirectory() as empty:
        if cold:
            environment["OUTLAY_CACHE_DIR"] = empty
        command = [sys.executable, __file__, "--side", side, "--data", str(rows), "--model", model]
        done = subprocess.run(  # noqa: S603  this file
            command,
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}"}
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def medians(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Of numbers; the first of anything else."""
    good = [one for one in runs if "failed" not in one]
    if not good:
        return runs[0]
    return {
        key: value if isinstance(value, bool | str) else statistics.median(one[key] for one in good)
        for key, value in good[0].items()
    }


def side_process(options: argparse.Namespace) -> None:
    """Be one side: read the table, run, print what was measured."""
    import warnings

    warnings.simplefilter("ignore")
    rows = pd.read_parquet(options.data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    measured = (ours if options.side == "ours" else peer)(rows, options.model)
    measured |= {"peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, "table_gb": before}
    print(json.dumps(measured))


def table(results: list[dict[str, Any]]) -> None:
    """What was measured, and the peer's time over ours for the same effective draws."""
    print(f"{'side':<16} {'customers':>10} {'fit s':>9} {'ESS':>7} {'ms / ESS':>9} {'predict s':>10} {'peak GB':>8}")
    for one in results:
        if "failed" in one:
            print(f"{one['side']:<16} {one['customers']:>10,} failed: {one['failed']}")
            continue
        print(
            f"{one['side']:<16} {one['customers']:>10,} {one['fit']:>9.2f} {one['ess']:>7,.0f} "
            f"{1000 * one['fit'] / one['ess']:>9.2f} {one['predict']:>10.2f} {one['peak_gb']:>8.2f}"
        )
    for one in results:
        if one["side"] == "ours" or "failed" in one:
            continue
        own = next(other for other in results if other["side"] == "ours" and other["customers"] == one["customers"])
        times = (one["fit"] / one["ess"]) / (own["fit"] / own["ess"])
        ahead = one["predict"] / own["predict"]
        print(f"at {one['customers']:,}: ours {times:,.0f} times faster per effective draw, {ahead:,.1f} in predicting")


def main() -> None:
    """Run what was asked for, print it, keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=float, nargs="+", default=[1e4, 1e5, 1e6], help="customers of ours")
    parser.add_argument("--peer", type=float, nargs="*", default=[1e4], help="customers of PyMC-Marketing")
    parser.add_argument("--model", choices=["bg_nbd", "pareto_nbd"], default="bg_nbd")
    parser.add_argument("--repeats", type=int, default=3, help="runs of ours; the peer's are one")
    parser.add_argument("--cold", action="store_true", help="without kept compiled functions")
    parser.add_argument("--no-write", action="store_true", help="leave the results file as it is")
    parser.add_argument("--side", choices=["ours", "pymc-marketing"], help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        side_process(options)
        return
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for n in sorted({*map(int, options.rows), *map(int, options.peer)}):
            path = Path(folder) / f"{n}.parquet"
            simulate(n, 1).to_parquet(path)
            sides = [("ours", options.repeats)] + [("pymc-marketing", 1)] * (n in map(int, options.peer))
            if not options.cold:
                run("ours", path, options.model, cold=False)
            for side, repeats in sides:
                runs = [run(side, path, options.model, cold=options.cold) for _ in range(repeats)]
                results.append({"side": side, "customers": n, "model": options.model} | medians(runs))
    table(results)
    if not options.no_write:
        versions = {name: metadata.version(name) for name in ("pymc-marketing", "pymc", "nutpie", "numba", "numpy")}
        kept = {"machine": platform.machine(), "cores": os.cpu_count(), "versions": versions, "runs": results}
        RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
