"""PyMC-Marketing's and Meridian's own optimizers, each on its own model's curves; ours and SLSQP on the same curves."""

from __future__ import annotations

from time import perf_counter

from benchmarks.budget import dynamic, slsqp
from benchmarks.budget.answer import score
from benchmarks.budget.instances import catalogue, draw
from benchmarks.budget.parts import (
    Settings,
    first_solve,
    judged,
    next_budget,
    progress,
    show,
    summarise_quality,
    summarise_times,
    timed,
)

DOLLARS = 100_000.0
"""Mean weekly spend of a cell where PyMC-Marketing is given dollars; else it is one."""

ROUNDING = 5e-3
"""Share of the budget by which Meridian may miss rules: it rounds last spends to steps, and takes multiples of them."""


def pymc(settings: Settings) -> None:
    """Its MMM with 24, 80 and 160 cells, 400 draws; one week without adstock, and 13 weeks with eight lags."""
    from benchmarks.budget import pymc_mmm

    record = settings.record("pymc", summarise_times)
    settings.warm_up()
    windows = [(1, 1), (13, 8)]
    sizes = [pymc_mmm.Size(geos, 8, 400, *window) for window in windows for geos in (3, 10, 20)]
    sizes += [pymc_mmm.Size(20, 8, 400, *window, DOLLARS) for window in windows]
    started = perf_counter()
    for number, size in enumerate(sizes):
        missing = record.missing(size.name, _sides(settings))
        if missing:
            market = pymc_mmm.make(size)
            instance = market.instance
            peer = pymc_mmm.Peer(market) if "PyMC-Marketing" in missing else None
            solvers = {
                "Outlay": first_solve,
                "Outlay, next budget": next_budget,
                "SLSQP": lambda problem: slsqp.solve(problem, settings.limit),
            }
            if peer is not None:
                solvers["PyMC-Marketing"] = peer.solve
                off = abs(peer.outcome(instance.last) / instance.curves.total(instance.last) - 1.0)
                print(f"its outcome of the last plan and the one that scores differ by {off:.0e}")
            for side in missing:
                answer = timed(solvers[side], instance, settings.repeats)
                record.add(size.name, side, score(judged(instance, side), answer), size=size.name)
        progress(number, len(sizes), size.name, started)
    show(record.write())


def _sides(settings: Settings) -> list[str]:
    return [
        *(["PyMC-Marketing", "SLSQP"] if "peers" in settings.sides else []),
        *(["Outlay", "Outlay, next budget"] if "ours" in settings.sides else []),
    ]


def meridian(settings: Settings) -> None:
    """Hill curves without adstock, which Meridian has exactly; a tenth of the instances, for a grid takes seconds."""
    from benchmarks.budget import meridian_peer

    if settings.meridian is None and "peers" in settings.sides:
        print("Meridian is not measured: say --meridian-python PATH")
        return
    record = settings.record("meridian", summarise_quality)
    settings.warm_up()
    record.versions["google-meridian"] = "2.1.0"
    problems = [draw(recipe, seed) for recipe, seed in catalogue(max(settings.each // 10, 1), meridian_peer.FAMILIES)]
    solvers = settings.of({"Outlay": first_solve}, {"SLSQP": slsqp.solve, "DP, polished": dynamic.solve_polished})
    for problem in problems:
        for side in record.missing(problem.name, solvers):
            record.add(problem.name, side, score(problem, solvers[side](problem)))
    if "peers" in settings.sides:
        started = perf_counter()
        waiting = [problem for problem in problems if record.missing(problem.name, ["Meridian"])]
        answers = meridian_peer.solve_all(waiting, str(settings.meridian))
        for number, (problem, answer) in enumerate(answers):
            record.add(problem.name, "Meridian", score(problem, answer, ROUNDING))
            progress(number, len(waiting), f"{problem.name}: {answer.status}", started)
    show(record.write())
