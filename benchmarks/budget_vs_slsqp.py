"""The budget optimizer against scipy's SLSQP from an even split, on the same curves, in one process.

Run it from the repository's root: ``python benchmarks/budget_vs_slsqp.py``. Both sides get the same mean curves over
the same draws, the same bounds and the same scaling, and one BLAS thread (SLSQP is many times slower with two). SLSQP
gets exact gradients. Timed is what finds the plan; for ours that includes the proof of the bound. ``end_to_end`` is
the whole of ``budget.optimize``, which also judges the plan on draws that it was not chosen with.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse  # noqa: E402  (threads are pinned first)
import json  # noqa: E402
import platform  # noqa: E402
import sys  # noqa: E402
from datetime import UTC, datetime  # noqa: E402
from importlib.metadata import version  # noqa: E402
from pathlib import Path  # noqa: E402
from statistics import median  # noqa: E402
from time import perf_counter  # noqa: E402

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from scipy.optimize import minimize  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from budget import PlanSection, optimize  # noqa: E402
from budget.problem import Problem, pose  # noqa: E402
from budget.solve import maximise  # noqa: E402
from outlay.response import NATIONAL, ResponseDraws  # noqa: E402
from outlay.transforms import adstock_weights  # noqa: E402

PACKAGES = ("numpy", "scipy", "cvxpy", "highspy", "clarabel")


def instance(seed: int, cells: int, draws: int) -> ResponseDraws:
    """Weekly channels of very different size, ROI from 0.3 to 4, half-saturations around the usual spend."""
    rng = np.random.default_rng(seed)
    usual = rng.lognormal(9.0, 0.8, cells)
    spend = usual * rng.uniform(0.4, 1.6, (104, 1, cells))
    cost = rng.uniform(0.5, 5.0, (1, cells))
    half = rng.uniform(0.5, 3.0, cells) * np.exp(0.2 * rng.standard_normal((draws, cells)))
    effect = 2.5 * usual * rng.lognormal(0.0, 0.5, cells) * np.exp(0.3 * rng.standard_normal((draws, 1, cells)))
    weights = adstock_weights("geometric", -1.0 / np.log2(rng.uniform(0.1, 0.8, cells)), 0.0, 8)
    dates = pd.date_range("2023-01-02", periods=130, freq="7D")
    return ResponseDraws(
        outcome="sales",
        outcome_unit="USD",
        money=True,
        currency="USD",
        period_days=7,
        channels=tuple(f"channel {i}" for i in range(cells)),
        groups=(NATIONAL,),
        saturation=tuple(("hill", "logistic")[i % 2] for i in range(cells)),
        saturation_first=(False,) * cells,
        link="identity",
        l_max=8,
        dates=dates[:104],
        future_dates=dates[104:],
        weights=np.tile(weights, (draws, 1, 1)),
        half_saturation=half,
        exponent=np.ones((draws, cells)),
        coefficient=effect,
        scale=(spend / cost).mean(axis=0),
        exposure=spend / cost,
        spend=spend,
        cost_per_exposure=cost,
        value=np.ones((130, 1)),
        baseline=np.zeros((draws, 26, 1)),
    )


def slsqp(problem: Problem, scale: float) -> tuple[float, float, str]:
    """Seconds, value and ending of one SLSQP run from the even split."""
    rules, curves, budget = problem.rules, problem.choosing, problem.rules.budget
    n = len(rules.lower)
    started = perf_counter()

    def loss(shares: np.ndarray) -> tuple[float, np.ndarray]:
        outcome, slope = curves.plan(shares * budget)
        return -outcome.sum() / scale, -slope * (budget / scale)

    answer = minimize(
        loss,
        np.clip(np.full(n, 1.0 / n), rules.lower / budget, rules.upper / budget),
        jac=True,
        method="SLSQP",
        bounds=list(zip(rules.lower / budget, rules.upper / budget, strict=True)),
        constraints={"type": "eq", "fun": lambda x: x.sum() - 1.0, "jac": lambda x: np.ones(n)},
        options={"maxiter": 1000, "ftol": 1e-9},
    )
    seconds = perf_counter() - started
    shares = np.clip(answer.x, rules.lower / budget, rules.upper / budget)
    off = abs(shares.sum() - 1.0)
    ending = f"{answer.message} ({answer.nit} iterations, budget missed by {off:.1e})"
    return seconds, float(curves.plan(shares * budget)[0].sum()), ending


def compare(seed: int, cells: int, draws: int) -> dict[str, object]:
    """One instance, both ways."""
    response, section = instance(seed, cells, draws), PlanSection()
    problem = pose(response, section, ROOT)
    reference = problem.reference.totals
    scale = float(problem.choosing.plan(reference)[0].sum())
    started = perf_counter()
    ours = maximise(problem.choosing, problem.rules, tuple(reference[:, None]), scale)
    seconds = perf_counter() - started
    value = float(problem.choosing.plan(ours.spend)[0].sum())
    theirs_seconds, theirs, ending = slsqp(problem, scale)
    return {
        "seed": seed,
        "cells": cells,
        "seconds": seconds,
        "end_to_end": optimize(response, section).seconds,
        "rounds": ours.rounds,
        "gap": (ours.bound - value) / value,
        "slsqp_seconds": theirs_seconds,
        "slsqp_ending": ending,
        "slsqp_below_bound": (ours.bound - theirs) / ours.bound,
        "slsqp_below_ours": (value - theirs) / value,
    }


def summary(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Medians and the worst loss per size."""
    table = pd.DataFrame(rows)
    told = []
    for cells, part in table.groupby("cells"):
        told.append(
            {
                "cells": int(str(cells)),
                "instances": len(part),
                **{
                    name: median(part[name])
                    for name in ("seconds", "slsqp_seconds", "end_to_end", "rounds", "slsqp_below_ours")
                },
                "speed_ratio": median(part["slsqp_seconds"] / part["seconds"]),
                "worst_gap": float(part["gap"].max()),
                "worst_slsqp_below_ours": float(part["slsqp_below_ours"].max()),
            }
        )
    return told


def main() -> None:
    """Measure, print, and write the results with the versions they were made with."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cells", type=int, nargs="+", default=[10, 50, 200])
    parser.add_argument("--instances", type=int, default=5)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "budget_vs_slsqp.json")
    chosen = parser.parse_args()
    optimize(instance(0, 3, 10), PlanSection())  # imports and warms up
    rows = [compare(seed, cells, chosen.draws) for cells in chosen.cells for seed in range(chosen.instances)]
    document = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "draws": chosen.draws,
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, one BLAS thread",
        "load": os.getloadavg()[0],
        "versions": {name: version(name) for name in PACKAGES},
        "summary": summary(rows),
        "rows": rows,
    }
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(pd.DataFrame(document["summary"]).to_string(index=False))


if __name__ == "__main__":
    main()
