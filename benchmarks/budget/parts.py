"""Curves and a budget: what every side finds on 300 random instances, and what it takes with up to 400 curves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from statistics import median
from time import perf_counter
from types import ModuleType

import numpy as np

from benchmarks.budget import dynamic, evolution, slsqp
from benchmarks.budget.answer import Answer, score
from benchmarks.budget.instances import Instance, Recipe, catalogue, draw
from benchmarks.budget.record import Record, Row

MORE = 1.01
"""Budget of the next scenario, in budgets of the first."""

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

    def warm_up(self) -> None:
        """Load our compiled code, where our side is run."""
        if "ours" in self.sides:
            engine().warm_up()


def engine() -> ModuleType:
    """Our side; the peers run without it."""
    return import_module("benchmarks.budget.ours")


def first_solve(instance: Instance) -> Answer:
    """Our side, from the curves."""
    answer: Answer = engine().solve(instance)
    return answer


def timed(solver: Solver, instance: Instance, repeats: int) -> Answer:
    """The median of some runs; one run where it takes longer than three seconds."""
    answers = [solver(instance)]
    while len(answers) < repeats and answers[0].seconds < 3.0:
        answers.append(solver(instance))
    return replace(answers[-1], seconds=median(answer.seconds for answer in answers))


def progress(number: int, count: int, what: str, started: float) -> None:
    """One line per case."""
    print(f"{perf_counter() - started:6.0f} s  {number + 1}/{count}  {what}", flush=True)


def quality(settings: Settings) -> None:
    """Random instances of six kinds, every solver on each."""
    from benchmarks.budget import pymc_custom

    peers: dict[str, Solver] = {
        "SLSQP": slsqp.solve,
        "SLSQP, ten starts": slsqp.solve_many,
        "differential evolution": evolution.solve,
        "DP, 2,000 steps": dynamic.solve,
        "DP, polished": dynamic.solve_polished,
        "PyMC-Marketing": pymc_custom.Peer().solve,
    }
    solvers = settings.of({"Outlay": first_solve}, peers)
    record = settings.record("quality", summarise_quality)
    cases = catalogue(settings.each)
    started = perf_counter()
    settings.warm_up()
    for number, (recipe, seed) in enumerate(cases):
        missing = record.missing(recipe.name(seed), solvers)
        if not missing:
            continue
        instance = draw(recipe, seed)
        for side in missing:
            record.add(instance.name, side, score(instance, solvers[side](instance)))
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
            told = {
                "loss": 1.0 - row["value"] / best,
                "above_bound": row["feasible"] and row["value"] > bound * (1.0 + 1e-9),
            }
            kinds[_kind(case), row["side"]].append(row | told)
    return [{"kind": kind, "side": side, **_losses(found)} for (kind, side), found in sorted(kinds.items())]


def _kind(case: str) -> str:
    shape, bounds = case.split("-")[:2]
    return f"{'S-shaped' if shape == 's' else shape}, {bounds}"


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
    record = settings.record("speed", summarise_times)
    solvers = settings.of({"Outlay": first_solve, "Outlay, next budget": next_budget}, {"SLSQP": _limited(settings)})
    started = perf_counter()
    settings.warm_up()
    cases = [(cells, seed) for cells in (20, 100, 200, 400) for seed in range(3)]
    for number, (cells, seed) in enumerate(cases):
        instance = draw(Recipe(cells=cells), seed)
        for side in record.missing(instance.name, solvers):
            answer = timed(solvers[side], instance, settings.repeats)
            record.add(instance.name, side, score(judged(instance, side), answer), size=f"{cells} curves")
        progress(number, len(cases), instance.name, started)
    show(record.write())


def _limited(settings: Settings) -> Solver:
    return lambda instance: slsqp.solve(instance, settings.limit)


def next_budget(instance: Instance) -> Answer:
    """1 % more, on curves that one solve has met."""
    session = engine().prepare(instance)
    session.solve()
    answer: Answer = session.solve(instance.budget * MORE)
    return answer


def judged(instance: Instance, side: str) -> Instance:
    """The instance that a side's plan is for."""
    return instance.at(instance.budget * MORE) if side == "Outlay, next budget" else instance


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
            "endings": sorted({row["status"].split(", ")[0] for row in found}),
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
