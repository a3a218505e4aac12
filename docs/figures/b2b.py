"""Draw docs/figures/b2b-*.png: what the example's models say beside what is true of the simulated company.

Run from the repository root after ``examples/b2b/run.sh FOLDER``: ``.venv/bin/python docs/figures/b2b.py FOLDER``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from cli.b2b.verdict import World
from examples.b2b.truth import best, reference
from outlay.runs import Run, list_runs, open_run
from outlay.style import ACTUAL_COLOUR, BASELINE_COLOUR, MUTED, PAID_COLOUR, PLAN_COLOUR

HERE = Path(__file__).parent


def latest(folder: Path, kind: str) -> Run:
    """The latest run of a kind."""
    return open_run(folder / "runs", None, kind)


def read_json(run: Run, name: str) -> dict[str, Any]:
    """One of a run's JSON files."""
    return dict(json.loads(run.file(name).read_text(encoding="utf-8")))


def draw_channels(axes: Any, folder: Path, world: World) -> None:
    """Leads by channel: labels of the last touch, the model's, and the truth."""
    fitted = latest(folder, "fit")
    table = fitted.table("roi")
    told = table[table["group"].isna()].set_index("channel")
    facts, names = world.facts["leads"], world.channels
    order = sorted(names, key=lambda name: facts["incremental"][name])
    weeks = len(world.history) / float(read_json(fitted, "model.json")["periods_scored"])
    at = np.arange(len(order))
    low, mean, high = (told.loc[order, f"contribution_{end}"] * weeks for end in ("hdi_low", "mean", "hdi_high"))
    axes.hlines(at, low, high, color=PAID_COLOUR, linewidth=5, alpha=0.35, label="media-mix model, 90 %")
    axes.plot(mean, at, "o", color=PAID_COLOUR, markersize=5, label="its mean")
    axes.plot([facts["last_touch"][name] for name in order], at, "D", color=PLAN_COLOUR, label="label: last touch")
    axes.plot(
        [facts["incremental"][name] for name in order], at, "|", color=ACTUAL_COLOUR, markersize=16, label="caused"
    )
    axes.set_yticks(at, [name.replace("_", " ") for name in order])
    axes.set(xlabel="leads in 78 weeks", xlim=(0, None), title="Who brought the leads")
    axes.legend(frameon=False, loc="lower right")


def draw_segments(axes: Any, folder: Path, world: World) -> None:
    """Rate from lead to opportunity by segment: the model's and the true one."""
    rates = latest(folder, "convert").table("rates")
    rows = rates[(rates["dimension"] == "segment") & (rates["stage"] == "end to end")].set_index("level")
    names = list(reversed(world.facts["segments"]))
    at = np.arange(len(names))
    low, mean, high = (100.0 * rows.loc[names, column] for column in ("low", "mean", "high"))
    true = [100.0 * world.facts["rates"]["end_to_end"][name]["all"] for name in names]
    axes.hlines(at, low, high, color=PAID_COLOUR, linewidth=5, alpha=0.35, label="conversion model, 90 %")
    axes.plot(mean, at, "o", color=PAID_COLOUR, markersize=5, label="its mean")
    axes.plot(true, at, "|", color=ACTUAL_COLOUR, markersize=16, label="true chance")
    axes.set_yticks(at, [name.replace("_", " ") for name in names])
    axes.set(xlabel="leads that are won in the end (%)", xlim=(0, None), title="What leads turn into")
    axes.legend(frameon=False, loc="upper left")


def draw_budgets(axes: Any, folder: Path, world: World) -> None:
    """True value of the three budgets beside last quarter's and the best there is."""
    totals, shape = reference(world)
    plans = {"as last quarter": shape * totals}
    # a plan that is judged with --evaluate comes after the plans themselves, under the project file's name
    for run in sorted((run for run in list_runs(folder / "runs") if run.kind == "plan"), key=lambda run: run.id):
        asked = read_json(run, "section.json")["name"]
        if asked not in plans:
            plans[asked] = world.spend_of(run.table("flighting"))
    names = ["as last quarter", "most leads", "no capacity", "joint"]
    plans["the best there is"] = best(world, "joint")
    names.append("the best there is")
    value = [world.judge(plans[name]).value / 1e6 for name in names]
    colours = [BASELINE_COLOUR, MUTED, MUTED, PLAN_COLOUR, ACTUAL_COLOUR]
    axes.barh(np.arange(len(names))[::-1], value, color=colours, height=0.6)
    for at, number in zip(np.arange(len(names))[::-1], value, strict=True):
        axes.text(number, at, f" {number:.2f}", va="center")
    axes.set_yticks(np.arange(len(names))[::-1], names)
    axes.set(
        xlabel="deals that the quarter's spend brings, in truth (USD million)",
        title="The same money, spent in five ways",
    )
    axes.set_xlim(0.0, max(value) * 1.08)


def main(folder: Path) -> None:
    """Draw the figure of a folder in which the whole path was run."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    world = World.read(folder / "truth" / "truth.json")
    with plt.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure, axes = plt.subplots(3, 1, figsize=(8, 10), height_ratios=(2.2, 1.2, 1.2), layout="constrained")
        for place, drawn in zip(axes, (draw_channels, draw_segments, draw_budgets), strict=True):
            drawn(place, folder, world)
        figure.savefig(HERE / "b2b.png", dpi=110)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
