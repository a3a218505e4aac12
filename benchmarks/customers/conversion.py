"""The conversion model: cost of a gradient by leads, time to 400 effective draws beside PyMC, coverage and error.

The peer is the same model in PyMC (zero-sum effects, each term centred or not as the Laplace fit suggests), sampled by
nutpie; effective draws are those of the worst number that a run reports, for both sides.

    python benchmarks/customers/conversion.py [--rows 1e5 1e6 1e7] [--repeats 3] [--replicates 50] [--no-peer]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np  # noqa: E402

from attribution.config import ConversionSampling  # noqa: E402
from attribution.conversion import ConversionModel, FittedConversion  # noqa: E402
from attribution.conversion_links import Link, links_of  # noqa: E402
from attribution.conversion_sample import draw_parts  # noqa: E402
from attribution.kernel_data import pack  # noqa: E402
from attribution.kernel_density import evaluate  # noqa: E402
from attribution.laplace import fit_laplace, preview_parts  # noqa: E402
from attribution.parametrise import coordinates_of  # noqa: E402
from outlay.sampling import Samples  # noqa: E402
from tests.attribution.cells_worlds import World, about, section, world  # noqa: E402

RESULTS = Path(__file__).parents[1] / "results" / "customers_conversion.json"
CELLS = {"segment": 5, "channel": 10, "region": 5, "band": 4, "period": 10}
"""10,000 combinations."""

LEVEL = 0.94


def gradients(rows: int) -> dict[str, Any]:
    """Microseconds of one gradient of the first transition."""
    link = links_of(world(rows, CELLS).cells)[0]
    coordinates = coordinates_of(fit_laplace(link))
    buffer, theta, out = pack(coordinates), np.zeros(coordinates.dim), np.empty(coordinates.dim)
    evaluate(theta, out, buffer)
    times = []
    for _ in range(7):
        started = time.perf_counter()
        for _ in range(500):
            evaluate(theta, out, buffer)
        times.append((time.perf_counter() - started) / 500 * 1e6)
    return {"rows": rows, "cells": len(link.n), "microseconds": statistics.median(times)}


def sampled(made: World, engine: str) -> dict[str, Any]:
    """Wall seconds of a whole fit, and the worst effective draws over what it reports."""
    started = time.perf_counter()
    options = {"engine": engine} | ({"tune": 1000} if engine == "pymc" else {})
    fitted = ConversionModel(made.cells, section(**options), about()).fit()
    wall = time.perf_counter() - started
    compiling = sum(part.samples.seconds["compile"] for part in fitted.parts)
    return {"engine": engine, "seconds": wall, "compile": compiling} | judged(fitted, wall - compiling)


def judged(fitted: FittedConversion, seconds: float) -> dict[str, Any]:
    """The gate's numbers, and seconds for 400 effective draws at that pace."""
    trust = fitted.trust
    if trust is None:
        raise TypeError("a preview has no chains")
    worst = {check.name: check.value for check in trust.checks}
    ess = min(worst["bulk ESS"], worst["tail ESS"])
    return {
        "bulk": worst["bulk ESS"],
        "tail": worst["tail ESS"],
        "rhat": worst["R-hat"],
        "divergent": worst["divergent draws"],
        "passed": trust.passed,
        "seconds_to_400": seconds * 400 / ess,
    }


def covered(leads: int, replicates: int) -> dict[str, Any]:
    """Coverage of 94 % intervals and RMSE of 50 cells' rates: sampled, preview, and raw (Wald)."""
    found: dict[str, list[tuple[float, float]]] = {"sampled": [], "preview": [], "raw": []}
    for seed in range(replicates):
        made = world(leads, {"segment": 5, "channel": 10}, rates=(0.1,), seed=seed, values=False)
        (link,) = links_of(made.cells)
        truth = made.rates[np.lexsort(made.cells.codes.T[::-1]), 0]
        own = draw_parts([link], ConversionSampling(draws=500, chains=2), seed)[0].samples
        near = preview_parts([link], seed)[0].samples
        found["sampled"].append(_judge(_rates(own, link), truth))
        found["preview"].append(_judge(_rates(near, link), truth))
        raw = link.y / link.n
        reach = 1.8808 * np.sqrt(raw * (1 - raw) / link.n)
        inside = np.mean(np.abs(raw - truth) <= reach)
        found["raw"].append((float(inside), float(np.sqrt(np.mean((raw - truth) ** 2)))))
    return {"leads": leads, "replicates": replicates} | {
        side: dict(zip(("coverage", "rmse"), np.mean(values, axis=0).tolist(), strict=True))
        for side, values in found.items()
    }


def _rates(samples: Samples, link: Link) -> np.ndarray:
    eta = samples.flat("intercept")[:, None]
    for t, term in enumerate(link.terms):
        eta = eta + samples.flat(f"effect_{term.name}")[:, link.index[:, t] - int(link.offsets[t])]
    return np.asarray(1 / (1 + np.exp(-eta)))


def _judge(rates: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(rates, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    inside = np.mean((truth >= low) & (truth <= high))
    return float(inside), float(np.sqrt(np.mean((rates.mean(axis=0) - truth) ** 2)))


def main() -> None:
    """Measure, print, and write the results with the versions that they were made with."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--rows", nargs="+", type=float, default=[1e5, 1e6, 1e7])
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--replicates", type=int, default=50)
    options.add_argument("--no-peer", action="store_true")
    given = options.parse_args()
    told: dict[str, Any] = {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} processors",
        "versions": {name: version(name) for name in ("numba", "numpy", "nutpie", "pymc")},
        "gradients": [gradients(int(rows)) for rows in given.rows],
        "fits": [],
        "coverage": [],
    }
    for row in told["gradients"]:
        print(f"{row['rows']:>11,} leads  {row['cells']:>6,} cells  {row['microseconds']:7.1f} us a gradient")
    sampled(world(2000, {"segment": 3, "period": 5}), "kernel")  # compiles, where nothing is kept yet
    for rows in (int(rows) for rows in given.rows):
        made = world(rows, CELLS)
        runs = [sampled(made, "kernel") for _ in range(given.repeats)]
        fits = [sorted(runs, key=lambda run: run["seconds"])[len(runs) // 2]]
        if not given.no_peer and rows == 10**6:
            fits.append(sampled(made, "pymc"))
        for fit in fits:
            told["fits"].append({"rows": rows} | fit)
            print(
                f"{rows:>11,} leads  {fit['engine']:7s} {fit['seconds']:6.1f} s (compile {fit['compile']:.1f})  bulk "
                f"{fit['bulk']:,.0f}  tail {fit['tail']:,.0f}  R-hat {fit['rhat']:.3f}  divergent "
                f"{fit['divergent']:.2%}  to 400: {fit['seconds_to_400']:.2f} s"
            )
    for leads in (1000, 10_000):
        row = covered(leads, given.replicates)
        told["coverage"].append(row)
        for side in ("sampled", "preview", "raw"):
            print(f"{leads:>6,} leads  {side:8s} coverage {row[side]['coverage']:.3f}  RMSE {row[side]['rmse']:.4f}")
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
