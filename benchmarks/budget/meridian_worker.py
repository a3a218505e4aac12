"""Meridian's BudgetOptimizer on instances' curves. Runs in Meridian's own environment and imports nothing of this one.

``python meridian_worker.py FOLDER``: every ``FOLDER/*.npz`` is an instance; its answer is a line of JSON, in order.

No fit is needed: ``Meridian`` takes an ``InferenceData``, and the instance's draws are given as its posterior. A
national model with ``max_lag = 0`` has exactly the instance's Hill curves where all media run in one week: they are one
there in the last plan, so that ``ec_m`` is the half-saturation in units of the last spend and ``slope_m`` the exponent.
(Meridian refuses media that do not vary over time.)
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from time import perf_counter
from typing import Any

import arviz
import numpy as np
import pandas as pd
import xarray as xr
from meridian.analysis import analyzer, optimizer  # type: ignore[import-not-found]
from meridian.data import data_frame_input_data_builder as builder  # type: ignore[import-not-found]
from meridian.model import model, spec  # type: ignore[import-not-found]

WEEKS = 4
"""Of which the first has all media. Fewer weeks are less work for Meridian."""


def frame(last: np.ndarray) -> pd.DataFrame:
    """Media of one in the first week, that cost the last plan; a KPI that varies."""
    first = np.arange(WEEKS) == 0
    columns: dict[str, Any] = {
        "time": [str(day.date()) for day in pd.date_range("2025-01-06", periods=WEEKS, freq="7D")],
        "geo": "national_geo",
        "kpi": 100.0 + np.arange(WEEKS),
        "revenue_per_kpi": 1.0,
    }
    for j, spend in enumerate(last):
        columns |= {f"m{j:03d}": 1.0 * first, f"s{j:03d}": spend * first}
    return pd.DataFrame(columns)


def posterior(told: dict[str, np.ndarray]) -> arviz.InferenceData:
    """The draws under Meridian's names; what the media do not read is set to nothing."""
    draws, cells = told["gain"].shape
    media, knots = ("chain", "draw", "media_channel"), ("chain", "draw", "knots")
    coords = {
        "chain": [0],
        "draw": np.arange(draws),
        "media_channel": [f"m{j:03d}" for j in range(cells)],
        "geo": ["national_geo"],
        "time": list(frame(told["last"])["time"]),
        "knots": [0],
    }
    gain = told["gain"][None]
    data = {
        "beta_m": (media, gain),
        "beta_gm": (("chain", "draw", "geo", "media_channel"), gain[:, :, None]),
        "eta_m": (media, np.zeros_like(gain)),
        "alpha_m": (media, np.zeros_like(gain)),
        "ec_m": (media, told["half"][None]),
        "slope_m": (media, told["exponent"][None]),
        "roi_m": (media, np.ones_like(gain)),
        "tau_g": (("chain", "draw", "geo"), np.zeros((1, draws, 1))),
        "mu_t": (("chain", "draw", "time"), np.zeros((1, draws, WEEKS))),
        "knot_values": (knots, np.zeros((1, draws, 1))),
        "sigma": (("chain", "draw", "geo"), np.ones((1, draws, 1))),
    }
    return arviz.InferenceData(posterior=xr.Dataset(data, coords=coords))


def build(told: dict[str, np.ndarray]) -> Any:
    """Meridian's optimizer on the draws."""
    cells = len(told["last"])
    table = frame(told["last"])
    data = (
        builder.DataFrameInputDataBuilder(kpi_type="revenue")
        .with_kpi(table)
        .with_media(
            table,
            media_cols=[f"m{j:03d}" for j in range(cells)],
            media_spend_cols=[f"s{j:03d}" for j in range(cells)],
            media_channels=[f"m{j:03d}" for j in range(cells)],
        )
        .build()
    )
    fitted = model.Meridian(
        input_data=data, model_spec=spec.ModelSpec(max_lag=0, knots=1), inference_data=posterior(told)
    )
    sight = analyzer.Analyzer(model_context=fitted.model_context, inference_data=fitted.inference_data)
    return optimizer.BudgetOptimizer(analyzer=sight), sight


def solve(told: dict[str, np.ndarray]) -> dict[str, Any]:
    """Fill the grid, then climb it; the two are timed apart."""
    last, budget = told["last"], float(told["budget"])
    climber, sight = build(told)
    share = last / last.sum()
    rules = {
        "budget": budget,
        "pct_of_spend": share,
        "spend_constraint_lower": np.clip(1.0 - told["lower"] / (budget * share), 0.0, 1.0),
        "spend_constraint_upper": told["upper"] / (budget * share) - 1.0,
    }
    started = perf_counter()
    grid = climber.create_optimization_grid(**rules, use_kpi=False)
    filled = perf_counter()
    found = grid.optimize(
        scenario=optimizer.FixedBudgetScenario(total_budget=budget),
        **{name: value for name, value in rules.items() if name != "budget"},
    )
    ended = perf_counter()
    return {
        "spend": [float(value) for value in found.optimized.to_numpy()],
        "seconds": ended - filled,
        "seconds_compile": filled - started,
        "status": f"grid of {grid.spend_grid.shape[0]} rows, steps of {grid.spend_step_size}",
        "outcome": np.asarray(sight.incremental_outcome(use_posterior=True)).mean(axis=(0, 1)).tolist(),
    }


def main() -> None:
    """Every instance of the folder."""
    warnings.simplefilter("ignore")
    for path in sorted(Path(sys.argv[1]).glob("*.npz")):
        with np.load(path) as stored:
            told = solve({name: stored[name] for name in stored.files})
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
