"""What needs more than concave curves and a budget: many S-curves, rules, risk, and plans by week with carry-over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from time import perf_counter

import numpy as np

from benchmarks.budget import slsqp
from benchmarks.budget.answer import Answer, Score, score, within
from benchmarks.budget.instances import Recipe, draw, draw_rules
from benchmarks.budget.parts import Settings, progress, show, summarise_times, timed
from benchmarks.budget.windows import draw_window

LEVEL = 0.1
"""CVaR is the mean of the worst tenth of draws."""


def scale(settings: Settings) -> None:
    """500 S-curves; 100 with shares and nothing-or-at-least; CVaR; 20 channels by week with carry-over."""
    record = settings.record("scale", summarise_times)
    started = perf_counter()
    cases = list(_scale_cases(settings))
    for number, (name, solvers, judge, seed) in enumerate(cases):
        case = f"{name}-{seed}"
        for side in record.missing(case, solvers):
            record.add(case, side, judge(timed(solvers[side], settings.repeats)), size=name)
        progress(number, len(cases), case, started)
    show(record.write())


Case = tuple[str, dict[str, Callable[[], Answer]], Callable[[Answer], Score], int]


def _scale_cases(settings: Settings) -> Iterator[Case]:
    for seed in range(3):
        yield _s_curves(settings, seed)
        yield _ruled(settings, seed)
        yield _tail(settings, seed)
    yield _by_week(settings)


def _pick(
    settings: Settings, ours: Callable[[], Answer], peer: Callable[[], Answer]
) -> dict[str, Callable[[], Answer]]:
    return ({"Outlay": ours} if "ours" in settings.sides else {}) | (
        {"SLSQP": peer} if "peers" in settings.sides else {}
    )


def _s_curves(settings: Settings, seed: int) -> Case:
    from benchmarks.budget import ours

    instance = draw(Recipe("s", "open", 500), seed)
    sides = _pick(settings, lambda: ours.solve(instance), lambda: slsqp.solve(instance, settings.limit))
    return "500 S-curves", sides, lambda answer: score(instance, answer), seed


def _ruled(settings: Settings, seed: int) -> Case:
    from benchmarks.budget import ours

    instance = draw(Recipe("s", "open", 100), seed)
    rules = draw_rules(instance, seed)

    def judge(answer: Answer) -> Score:
        found = score(instance, answer)
        budget, spend = instance.budget, answer.spend
        short = [share * spend.sum() - spend[list(members)].sum() for members, share in rules.shares]
        short += [min(spend[cell], amount - spend[cell]) for cell, amount in rules.least]
        return replace(found, feasible=found.feasible and max(short) <= 1e-6 * budget)

    ended = _pick(
        settings,
        lambda: ours.solve(instance, rules=rules),
        lambda: slsqp.solve_ruled(instance, rules, settings.limit),
    )
    return "100 S-curves with nothing-or-at-least and shares", ended, judge, seed


def _tail(settings: Settings, seed: int) -> Case:
    from benchmarks.budget import ours

    instance = draw(Recipe("mixed" if seed else "concave", "open", 50, 1000), seed)

    def judge(answer: Answer) -> Score:
        outcome = np.sort(instance.curves.per_draw(within(instance, answer.spend))[0].sum(axis=0))
        worst = outcome[: round(LEVEL * len(outcome))]
        return replace(score(instance, answer), value=float(worst.mean()))

    ended = _pick(
        settings, lambda: ours.solve_tail(instance, LEVEL), lambda: slsqp.solve_tail(instance, LEVEL, settings.limit)
    )
    return f"CVaR, 50 {'mixed' if seed else 'concave'} curves x 1,000 draws", ended, judge, seed


def _by_week(settings: Settings) -> Case:
    from benchmarks.budget import ours

    window = draw_window()

    def judge(answer: Answer) -> Score:
        spend = answer.spend.reshape(window.level.shape)
        total, sums = float(spend.sum()), spend.sum(axis=1)
        off = float(max((spend - window.most).max(), -spend.min(), (0.5 * window.share - sums).max(), 0.0))
        off = max(off, float((sums - 2.0 * window.share).max()))
        value = window.mean(np.maximum(spend, 0.0))[0]
        fine = off <= 1e-6 and abs(total - 1.0) <= 1e-6
        return Score(value, total, off, fine, answer.seconds, answer.seconds_compile, answer.status, answer.bound)

    ended = _pick(settings, lambda: ours.solve_window(window), lambda: slsqp.solve_window(window, settings.limit))
    return window.name, ended, judge, 0
