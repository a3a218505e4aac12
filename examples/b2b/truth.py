"""What plans are truly worth in the simulated company, and what the best ones would be.

    python truth.py                    the best plans in truth: for leads, for value, for value within the hours
    python truth.py runs/<a plan> ...  beside them, plans that `outlay plan` made

Run it in the example's folder. No model sees truth/truth.json: this is the exam.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize

from cli.b2b.verdict import Aim, Verdict, World

Array = NDArray[np.float64]

WEEKS = 13
MAX_CHANGE = 0.5  # of a channel against the reference plan, as [plan] max_change says
MARGIN = 0.2  # of a cell above its largest quarter, the default of [plan] margin_of_range


def reference(world: World) -> tuple[Array, Array]:
    """Totals of the last quarter (G, C), and how they were spread over its weeks (weeks, G, C)."""
    spend = world.history[-WEEKS:]
    totals = spend.sum(0)
    shape = np.where(totals > 0, spend / np.where(totals > 0, totals, 1.0), 1.0 / WEEKS)
    return totals, shape


def best(world: World, aim: Aim) -> Array:
    """The plan that is best in truth within the rules of the project file, (weeks, G, C)."""
    totals, shape = reference(world)
    windows = np.lib.stride_tricks.sliding_window_view(world.history, WEEKS, axis=0).sum(-1)
    top = windows.max(0) * (1.0 + MARGIN)
    unit = totals.mean()
    start = np.minimum(totals, top).ravel() / unit
    by_channel = np.tile(np.eye(totals.shape[1]), totals.shape[0])  # (C, G * C)
    channel = totals.sum(0) / unit
    rules = [
        {"type": "eq", "fun": lambda x: x.sum() - totals.sum() / unit, "jac": lambda x: np.ones_like(x)},
        {"type": "ineq", "fun": lambda x: by_channel @ x - (1 - MAX_CHANGE) * channel, "jac": lambda x: by_channel},
        {"type": "ineq", "fun": lambda x: (1 + MAX_CHANGE) * channel - by_channel @ x, "jac": lambda x: -by_channel},
    ]
    scale = abs(_worth(world.judge(shape * totals), aim))
    answer = minimize(
        lambda x: -_worth(world.judge(shape * (unit * x).reshape(totals.shape)), aim) / scale,
        start,
        jac=lambda x: -world.gradient((unit * x).reshape(totals.shape), shape, aim).ravel() * unit / scale,
        bounds=[(0.0, high) for high in top.ravel() / unit],
        constraints=rules,
        method="SLSQP",
        options={"maxiter": 200, "ftol": 1e-9},
    )
    return shape * (unit * answer.x).reshape(totals.shape)


def _worth(verdict: Verdict, aim: Aim) -> float:
    return {"leads": verdict.leads, "value": verdict.value_if_all_worked, "joint": verdict.value}[aim]


def table(world: World, runs: list[Path]) -> pd.DataFrame:
    """One row per plan."""
    totals, shape = reference(world)
    plans = {"as last quarter": shape * totals}
    for run in runs:
        plans[f"plan: {_name(run)}"] = world.spend_of(pd.read_parquet(run / "tables" / "flighting.parquet"))
    plans |= {
        "best in truth: leads": best(world, "leads"),
        "best in truth: value": best(world, "value"),
        "best in truth: joint": best(world, "joint"),
    }
    rows = []
    for name, spend in plans.items():
        verdict = world.judge(spend)
        told = {"plan": name, "spend": verdict.spend, "leads": verdict.leads, "value": verdict.value}
        told |= {"if all worked": verdict.value_if_all_worked}
        told |= {f"{segment} worked": part for segment, part in verdict.worked.items() if part < 0.9995}
        rows.append(told)
    return pd.DataFrame(rows)


def _name(run: Path) -> str:
    asked = json.loads((run / "section.json").read_text(encoding="utf-8"))
    return str(asked.get("name") or run.name)


def main() -> None:
    """Print the table."""
    world = World.read(Path("truth/truth.json"))
    told = table(world, [Path(name) for name in sys.argv[1:]])
    for name in told.columns[1:]:
        percent = name.endswith(" worked") and name != "if all worked"
        told[name] = [("-" if np.isnan(x) else f"{x:.0%}" if percent else f"{x:,.0f}") for x in told[name]]
    print(told.to_string(index=False))


if __name__ == "__main__":
    main()
