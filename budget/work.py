"""What of a plan's outcome can be worked downstream: an amount of outcome, or the leads of teams of sellers."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from budget.catalogue import CATALOGUE
from budget.known_curves import Work
from budget.problem import Problem
from budget.responses import Responses
from budget.sellers import Sellers
from outlay.errors import PlanError
from outlay.transforms import Array

_MADE: WeakKeyDictionary[Responses, dict[tuple[object, ...], Sellers]] = WeakKeyDictionary()
"""Teams on draws that are asked of again and again: the order of the leads is sorted once."""


def work_of(problem: Problem, responses: Responses) -> Work | None:
    """What limits the outcome that counts, for outcomes by cell (K, S); None where nothing does."""
    if problem.capacity is not None:
        return problem.capacity
    if not any(np.isfinite(team.most) for team in problem.teams):
        return None
    return sellers_of(problem, responses)


def sellers_of(problem: Problem, responses: Responses, *, inside: bool = False) -> Sellers:
    """The teams beside the leads of some draws, whether or not anything limits them.

    Parameters
    ----------
    problem : Problem
        Whose outcome is the money of leads.
    responses : Responses
    inside : bool
        For the window alone: then leads that earlier spend still brings take hours, and those of the plan after the
        window do not. Else, where the plan's leads after the window count, they take the hours of those.

    Raises
    ------
    PlanError
        P017, where a team has a limit and the baseline of the window is not known.
    """
    carried = inside or not problem.section.carry_over_after
    key = (problem.teams, carried, problem.window.first, len(problem.window.dates))
    known = _MADE.setdefault(responses, {})
    if key not in known:
        known[key] = _made(problem, responses, carried=carried)
    return known[key]


def has_baseline(problem: Problem) -> bool:
    """Whether the fit holds a forecast of the baseline for all of the window."""
    begin = problem.window.first - len(problem.response.dates)
    return begin >= 0 and begin + len(problem.window.dates) <= problem.response.baseline.shape[1]


def _made(problem: Problem, responses: Responses, *, carried: bool) -> Sellers:
    downstream = responses.response.downstream
    if downstream is None:
        raise ValueError("the outcome is not the money of leads")
    beside = np.zeros((responses.n_draws, len(problem.cells) + len(problem.cells.groups)))
    begin, periods = problem.window.first - len(problem.response.dates), len(problem.window.dates)
    if has_baseline(problem):
        beside[:, len(problem.cells) :] = downstream.baseline[:, begin : begin + periods].sum(axis=1)
    elif any(np.isfinite(team.most) for team in problem.teams):
        repair = CATALOGUE["P017"].repair
        what = "a capacity by segment needs the leads that come anyway in the window"
        raise PlanError(what, where="[[plan.capacity]]", repair=repair, id="P017")
    if carried:
        effects = responses.effects(np.zeros((periods, len(problem.cells))))[:, :periods]
        worth = problem.cells.flat(downstream.worth_of_lead[:, :, :-1])
        beside[:, : len(problem.cells)] = effects.sum(axis=1) / worth
    return Sellers.of(downstream, problem.teams, beside)


def scaled_work(problem: Problem, responses: Responses, unit: float) -> Work | None:
    """The same limits for the engines: for outcomes of decisions (N, S) in multiples of ``unit``."""
    work = work_of(problem, responses)
    return None if work is None else work.on(problem.decision.cell).scaled(unit)


def counted(problem: Problem, responses: Responses, by_cell: Array) -> Array:
    """Outcome that counts, per draw (S,), of cells (S, K) that are worked as far as they can be."""
    work = work_of(problem, responses)
    return np.asarray(by_cell.sum(axis=1)) if work is None else work.worked(by_cell.T)


def counted_by_cell(problem: Problem, responses: Responses, by_cell: Array) -> Array:
    """Outcome of cells (S, K): where sellers have a limit, of their leads that are worked."""
    work = work_of(problem, responses)
    if not isinstance(work, Sellers):
        return by_cell
    worth = work.filled(by_cell.T) * work.kinds.worth
    anyway = (
        work.filled(np.zeros_like(by_cell.T)) * work.kinds.worth if work.beside[:, : by_cell.shape[1]].any() else 0.0
    )
    source = (work.kinds.source[:, None] == np.arange(by_cell.shape[1])).astype(float)
    return np.asarray((worth - anyway) @ source)
