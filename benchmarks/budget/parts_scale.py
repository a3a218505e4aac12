"""What needs more than concave curves and a budget: many S-curves, rules, risk, and plans by week with carry-over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from benchmarks.budget import slsqp
from benchmarks.budget.answer import Answer, Score, score, within
from benchmarks.budget.instances import Instance, Recipe, draw, draw_rules
from benchmarks.budget.parts import Settings, Solver, engine, first_solve, progress, show, summarise_times, timed
from benchmarks.budget.windows import Window, draw_window

LEVEL = 0.1
"""CVaR is the mean of the worst tenth of draws."""

SEEDS = 3


@dataclass(frozen=True)
class Case:
    """A problem, how each side solves it, and how a plan is judged."""

    size: str
    instance: Instance
    ours: Solver
    peer: Solver
    judge: Callable[[Answer], Score]


def scale(settings: Settings) -> None:
    """500 S-curves; 100 with shares and nothing-or-at-least; CVaR; 20 channels by week with carry-over."""
    record = settings.record("scale", summarise_times)
    settings.warm_up()
    started = perf_counter()
    cases = list(_cases(settings.limit))
    for number, case in enumerate(cases):
        name = f"{case.size}, {case.instance.name}"
        solvers = settings.of({"Outlay": case.ours}, {"SLSQP": case.peer})
        for side in record.missing(name, solvers):
            answer = timed(solvers[side], case.instance, settings.repeats)
            record.add(name, side, case.judge(answer), size=case.size)
        progress(number, len(cases), name, started)
    show(record.write())


def _cases(limit: float) -> Iterator[Case]:
    for seed in range(SEEDS):
        yield _s_curves(seed, limit)
        yield _ruled(seed, limit)
        yield _tail("concave", seed, limit)
        yield _tail("s", seed, limit)
    yield _by_week(limit)


def _s_curves(seed: int, limit: float) -> Case:
    instance = draw(Recipe("s", "open", 500), seed)
    return Case(
        "500 S-curves",
        instance,
        first_solve,
        lambda problem: slsqp.solve(problem, limit),
        lambda answer: score(instance, answer),
    )


def _ruled(seed: int, limit: float) -> Case:
    instance = draw(Recipe("s", "open", 100), seed)
    rules = draw_rules(instance, seed)

    def judge(answer: Answer) -> Score:
        found, spend = score(instance, answer), answer.spend
        short = [share * spend.sum() - spend[list(members)].sum() for members, share in rules.shares]
        short += [min(spend[cell], amount - spend[cell]) for cell, amount in rules.least]
        return replace(found, feasible=found.feasible and max(short) <= 1e-6 * instance.budget)

    return Case(
        "100 S-curves with nothing-or-at-least and shares",
        instance,
        lambda problem: engine().solve(problem, rules=rules),
        lambda problem: slsqp.solve_ruled(problem, rules, limit),
        judge,
    )


def _tail(shape: str, seed: int, limit: float) -> Case:
    instance = draw(Recipe(shape, "open", 50, 1000), seed)

    def judge(answer: Answer) -> Score:
        outcome = np.sort(instance.curves.per_draw(within(instance, answer.spend))[0].sum(axis=0))
        worst = outcome[: round(LEVEL * len(outcome))]
        return replace(score(instance, answer), value=float(worst.mean()))

    return Case(
        f"CVaR, 50 {'S-curves' if shape == 's' else 'concave curves'} x 1,000 draws",
        instance,
        lambda problem: engine().solve_tail(problem, LEVEL),
        lambda problem: slsqp.solve_tail(problem, LEVEL, limit),
        judge,
    )


def _by_week(limit: float) -> Case:
    window = draw_window()
    place = draw(Recipe(cells=1, draws=1), 0)  # the solvers of a window read nothing of it
    return Case(
        window.name,
        replace(place, name="with carry-over"),
        lambda _: engine().solve_window(window),
        lambda _: slsqp.solve_window(window, limit),
        lambda answer: score_window(window, answer),
    )


def score_window(window: Window, answer: Answer) -> Score:
    """A plan by week on the exact mean outcome."""
    spend = answer.spend.reshape(window.level.shape)
    sums = spend.sum(axis=1)
    over = [spend - window.most, -spend, 0.5 * window.share - sums, sums - 2.0 * window.share]
    off = max(0.0, *(float(part.max()) for part in over))
    spent = float(spend.sum())
    return Score(
        value=window.mean(np.maximum(spend, 0.0))[0],
        spent=spent,
        off=off,
        feasible=off <= 1e-6 and spent <= 1.0 + 1e-6,
        seconds=answer.seconds,
        seconds_compile=answer.seconds_compile,
        status=answer.status,
        bound=answer.bound,
    )
