"""The outcome of the window as a whole: the baseline, what past spend still brings, and the plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from budget.judge import worked
from budget.problem import Problem
from budget.responses import Responses
from budget.sellers import Sellers
from budget.work import sellers_of, work_of
from outlay.transforms import Array


def outcome_of_window(problem: Problem, responses: Responses, spend: Array) -> Array | None:
    """All outcome inside the window under a plan (H, K), per draw; None where the fit holds no baseline for it.

    Effects after the window do not count here, whatever the plan counts; what cannot be worked downstream does not
    either. It is the expected outcome of each draw: the noise of single periods is not in it.
    """
    beside = outcome_beside(problem, responses)
    if beside is None:
        return None
    inside = _inside(problem, responses)
    if isinstance(work_of(problem, responses), Sellers):
        return sellers_of(problem, responses, inside=True).total(inside.outcomes(spend).T)
    return beside + worked(problem, inside, spend)


def outcome_beside(problem: Problem, responses: Responses) -> Array | None:
    """Outcome of the window that no plan changes: baseline, and what spend before the window still brings, (S,)."""
    response, window = responses.response, problem.window
    periods, begin = len(window.dates), window.first - len(response.dates)
    if begin < 0 or begin + periods > response.baseline.shape[1]:
        return None
    if isinstance(work_of(problem, responses), Sellers):
        return sellers_of(problem, responses, inside=True).anyway
    base = response.baseline[:, begin : begin + periods]
    inside = _inside(problem, responses)
    carried = inside.effects(np.zeros((periods, len(problem.cells))))
    by_group = carried.reshape(*carried.shape[:2], len(problem.cells.channels), len(problem.cells.groups)).sum(axis=2)
    if inside.base is None:
        return np.asarray(base.sum(axis=(1, 2)) + (by_group * inside.value).sum(axis=(1, 2)))
    return np.asarray((base * np.exp(by_group)).sum(axis=(1, 2)))


def outcome_by_period(problem: Problem, responses: Responses, spend: Array) -> tuple[Array, Array] | None:
    """All outcome of each period of the window under a plan (H, K), and what of it no plan changes, per draw: (S, H).

    None where the fit holds no baseline for the window, and where the outcome that counts is limited for all of it.
    """
    window = problem.window
    periods, begin = len(window.dates), window.first - len(responses.response.dates)
    if begin < 0 or begin + periods > responses.response.baseline.shape[1] or work_of(problem, responses) is not None:
        return None
    base, inside = responses.response.baseline[:, begin : begin + periods], _inside(problem, responses)
    both = []
    for plan in (spend, np.zeros_like(spend)):
        effects = inside.effects(plan)
        by_group = effects.reshape(*effects.shape[:2], len(problem.cells.channels), -1).sum(axis=2)
        each = base * np.exp(by_group) if inside.multiplies else base + by_group * inside.value
        both.append(each.sum(axis=2))
    return both[0], both[1]


def _inside(problem: Problem, responses: Responses) -> Responses:
    """The responses with effects counted up to the end of the window."""
    periods = len(problem.window.dates)
    base = None if responses.base is None else responses.base[:, :periods]
    return replace(responses, value=responses.value[:periods], after=responses.after[:0], base=base)
