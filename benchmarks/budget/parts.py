"""Curves and a budget: what every side finds on 300 random instances, and what it takes with up to 400 curves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from benchmarks.budget import dynamic, evolution, slsqp
from benchmarks.budget.answer import Answer, score
from benchmarks.budget.instances import Instance, Recipe, catalogue, draw
from benchmarks.budget.record import Record, Row

Solver = Callable[[Instance], Answer]

NEAR = 1e-3
"""A plan counts as found where it is within 0.1 % of the best known one."""


@dataclass(frozen=True)
class Settings:
    """What the command line says.

    Attributes
    ----------
    sides : tuple of str
        ``ours`` and ``peers``, or one of them.
    out : Path
        Folder of the results.
    again : bool
        Measure again what is there.
    each : int
        Instances of each kind.
    repeats : int
        Runs of which the median counts.
    limit : float
        Seconds after which SLSQP is stopped.
    meridian : str or None
        Python of Meridian's environment.
    """

    sides: tuple[str, ...]
    out: Path
    again: bool
    each: int
    repeats: int
    limit: float
    meridian: str | None

    def of(self, ours: dict[str, Solver], peers: dict[str, Solver]) -> dict[str, Solver]:
        """The solvers of the sides that are run."""
        return (ours if "ours" in self.sides else {}) | (peers if "peers" in self.sides else {})

    def record(self, name: str, summarise: Callable[[list[Row]], list[Row]]) -> Record:
        """The file of a part."""
        return Record(self.out / f"budget_{name}.json", self.again, summarise)


def timed(solve: Callable[[], Answer], repeats: int) -> Answer:
    """The median of some runs; one run where it takes longer than three seconds."""
    answers = [solve()]
    while len(answers) < repeats and answers[0].seconds < 3.0:
        answers.append(solve())
    return replace(answers[-1], seconds=median(answer.seconds for answer in answers))


def progress(number: int, count: int, what: str, started: float) -> None:
    """One line per case."""
    print(f"{perf_counter() - started:6.0f} s  {number + 1}/{count}  {what}", flush=True)


def quality(settings: Settings) -> None:
    """Random instances of six kinds, every solver on each."""
    from benchmarks.budget import ours, pymc_custom

    peers: dict[str, Solver] = {
        "SLSQP": slsqp.solve,
        "SLSQP, ten starts": slsqp.solve_many,
        "differential evolution": evolution.solve,
        "DP, 2,000 steps": dynamic.solve,
        "DP, polished": dynamic.solve_polished,
        "PyMC-Marketing": pymc_custom.Peer().solve,
    }
    solvers = settings.of({"Outlay": ours.solve}, peers)
    record = settings.record("quality", summarise_quality)
    cases = catalogue(settings.each)
    started = perf_counter()
    if "Outlay" in solvers:
        ours.solve(draw(Recipe(cells=3, draws=10), 0))  # loads the compiled code
    for number, (recipe, seed) in enumerate(cases):
        missing = record.missing(recipe.name(seed), solvers)
        if not missing:
            continue
        instance = draw(recipe, seed)
        for side in missing:
            record.add(instance.name, side, score(instance, solvers[side](instance)), last=instance.scale)
        if number % 30 == 0:
            progress(number, len(cases), instance.name, started)
    show(record.write())


def summarise_quality(rows: list[Row]) -> list[Row]:
    """Per kind and side: how often the best known plan was found, and what was lost elsewhere."""
    cases: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        cases[row["case"]].append(row)
    kinds: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for case, found in cases.items():
        best = max((row["value"] for row in found if row["feasible"]), default=float("nan"))
        bound = min((row["bound"] for row in found if row["bound"] is not None), default=float("inf"))
        for row in found:
            told = {"loss": 1.0 - row["value"] / best, "above_bound": row["feasible"] and row["value"] > bound}
            kinds[", ".join(case.split("-")[:2]), row["side"]].append(row | told)
    return [{"kind": kind, "side": side, **_losses(found)} for (kind, side), found in sorted(kinds.items())]


def _losses(found: list[Row]) -> Row:
    """Of one side on one kind."""
    losses = [row["loss"] if row["feasible"] else 1.0 for row in found]
    gaps = [(row["bound"] - row["value"]) / row["value"] for row in found if row["bound"] is not None]
    return {
        "instances": len(found),
        "within_0.1%": sum(loss <= NEAR for loss in losses) / len(found),
        "median_loss": float(f"{median(losses):.3g}"),
        "worst_loss": float(f"{max(losses):.3g}"),
        "infeasible": sum(not row["feasible"] for row in found),
        "least_spent": round(min(row["spent"] for row in found), 6),
        "above_a_bound": sum(row["above_bound"] for row in found),
        "median_seconds": float(f"{median(row['seconds'] for row in found):.3g}"),
        "worst_gap": float(f"{max(gaps):.3g}") if gaps else None,
    }


def speed(settings: Settings) -> None:
    """Concave curves with open bounds, 20 to 400 of them: the first solve, the next scenario, and SLSQP."""
    from benchmarks.budget import ours

    record = settings.record("speed", summarise_times)
    solvers = settings.of({"Outlay": ours.solve, "Outlay, next budget": _next_budget}, {"SLSQP": _limited(settings)})
    started = perf_counter()
    if "ours" in settings.sides:
        ours.solve(draw(Recipe(cells=3, draws=10), 0))
    cases = [(cells, seed) for cells in (20, 100, 200, 400) for seed in range(3)]
    for number, (cells, seed) in enumerate(cases):
        instance = draw(Recipe(cells=cells), seed)
        for side in record.missing(instance.name, solvers):
            answer = _repeated(side, solvers[side], instance, settings.repeats)
            judged = instance.at(instance.budget * 1.01) if side == "Outlay, next budget" else instance
            record.add(instance.name, side, score(judged, answer), size=f"{cells} curves")
        progress(number, len(cases), instance.name, started)
    show(record.write())


def _repeated(side: str, solver: Solver, instance: Instance, repeats: int) -> Answer:
    return timed(lambda: solver(instance), repeats)


def _limited(settings: Settings) -> Solver:
    return lambda instance: slsqp.solve(instance, settings.limit)


def _next_budget(instance: Instance) -> Answer:
    """1 % more, on curves that one solve has met."""
    from benchmarks.budget import ours

    session = ours.prepare(instance)
    session.solve()
    return session.solve(instance.budget * 1.01)


def summarise_times(rows: list[Row]) -> list[Row]:
    """Median seconds per size and side, and the loss against the best of them on the same case."""
    best: dict[str, float] = defaultdict(lambda: -np.inf)
    for row in rows:
        if row["feasible"] and "next" not in row["side"]:
            best[row["case"]] = max(best[row["case"]], row["value"])
    sizes: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        sizes[row["size"], row["side"]].append(row)
    return [
        {
            "size": size,
            "side": side,
            "instances": len(found),
            "seconds": float(f"{median(row['seconds'] for row in found):.3g}"),
            "compile": float(f"{median(row['seconds_compile'] for row in found):.3g}"),
            "worst_loss": None
            if "next" in side
            else float(f"{max(1 - r['value'] / best[r['case']] for r in found):.2g}"),
            "worst_gap": _worst_gap(found),
            "infeasible": sum(not row["feasible"] for row in found),
            "endings": sorted({row["status"].split(" (")[0].split(", ")[0] for row in found}),
        }
        for (size, side), found in sizes.items()
    ]


def _worst_gap(found: list[Row]) -> float | None:
    gaps = [(row["bound"] - row["value"]) / row["value"] for row in found if row["bound"] is not None]
    return float(f"{max(gaps):.2g}") if gaps else None


def show(summary: list[Row]) -> None:
    """The summary as a table."""
    import pandas as pd

    print(pd.DataFrame(summary).to_string(index=False))
