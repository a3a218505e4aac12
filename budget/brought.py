"""A plan that was brought, on the question that it is judged by: its amounts, the rules that it breaks, its target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from budget.aims import Scales
from budget.catalogue import CATALOGUE
from budget.cells import money
from budget.config import PlanSection
from budget.judge import worked
from budget.plan_file import BroughtPlan, Spread, brought_plan
from budget.posed import objective_of
from budget.problem import Problem
from budget.rounding import to_the_cent
from budget.volumes import Minimums, volumes_of
from outlay.errors import PlanError
from outlay.style import Written
from outlay.transforms import Array

_CENTS = 1e-5
"""Outcome, in parts of the reference plan's, that the cents of a plan which was written and read again can cost."""


@dataclass(frozen=True, eq=False)
class Brought:
    """A plan and the question that it is judged by.

    Attributes
    ----------
    problem : Problem
        With the plan's own total for a budget, where the question states none.
    plan : BroughtPlan
    own : ndarray (H, K)
        The plan under its own timing.
    spend : ndarray (H, K)
        The same totals under the timing of the question.
    """

    problem: Problem
    plan: BroughtPlan
    own: Array
    spend: Array


def bring(
    problem_of: Callable[[PlanSection], Problem], section: PlanSection, plan: pd.DataFrame, where: str
) -> Brought:
    """Put a plan on the question that it is judged by.

    Parameters
    ----------
    problem_of : callable
        Poses a section.
    section : PlanSection
    plan : DataFrame
        See :func:`budget.plan_file.brought_plan`.
    where : str
        How messages name the plan.

    Raises
    ------
    ConfigError, PlanError
        For names that the model does not have and amounts that cannot be used; P010 for a plan that spends nothing.
    """
    problem = problem_of(section)
    spread = Spread(problem.reference.totals, "as in the reference plan")
    brought = brought_plan(plan, problem.cells, problem.window.edges, spread, where)
    total = round(float(brought.totals.sum()), 2)
    if total <= 0:
        raise PlanError("the plan spends nothing", where=where, repair=CATALOGUE["P010"].repair, id="P010")
    # Amounts in fractions of a cent, or spread over groups, must add up to the total that is told.
    brought = replace(brought, totals=to_the_cent(brought.totals, total))
    if not section.free_total and section.budget is None and total != problem.reference.budget:
        problem = problem_of(section.model_copy(update={"budget": total}))
    own = own_timing(problem, brought)
    return Brought(problem, brought, own, problem.decision.spend(problem.decision.of(own)))


def own_timing(problem: Problem, brought: BroughtPlan) -> Array:
    """The plan period by period: as its file has it, else with the timing that the question gives."""
    totals = brought.totals
    if brought.timing is None:
        return problem.decision.shape * totals
    stated = brought.timing.sum(axis=0)
    own = np.where(stated > 0, brought.timing / np.where(stated > 0, stated, 1.0), problem.decision.shape)
    return np.asarray(own * totals)


def scales_of(problem: Problem) -> Scales:
    """The units of the engines: the reference plan's money, and what it brings."""
    now = float(worked(problem, problem.choosing, problem.reference.spend).mean())
    return Scales(problem.reference.budget, now if now > 0 else 1.0)


def minimums_of(problem: Problem, scale: float) -> Minimums | None:
    """The volumes that a plan must bring, with money in units of ``scale``; None where it must bring none."""
    must = tuple(volume for volume in volumes_of(problem) if volume.section.min is not None)
    return Minimums(problem, must, scale) if must else None


def broken_rules(problem: Problem, spend: Array) -> tuple[str, ...]:
    """The rules on spend that a plan (H, K) breaks, with its amounts."""
    currency = problem.response.currency
    return tuple(
        f"{rule.words}; the plan has {money(round(float((rule.rows @ spend.ravel())[0]), 2), currency)}"
        if rule.rows.shape[0] == 1 and rule.measure in ("currency", "share", "change")
        else rule.words
        for rule in problem.rules.broken_by(spend)
    )


def short_volumes(minimums: Minimums | None, spend: Array) -> tuple[str, ...]:
    """The minimum volumes that a plan (H, K) misses, with what it brings."""
    if minimums is None:
        return ()
    z = minimums.of(spend)
    return tuple(
        f"at least {Written(minimums.size(i)):,.6g} {volume.words}; "
        f"the plan has {Written(minimums.brings(i, z) + volume.beside):,.6g}"
        for i, volume in enumerate(minimums.volumes)
        if minimums.rooms(z)[i] < -_CENTS
    )


def missed_target(problem: Problem, scales: Scales, spend: Array) -> tuple[str, ...]:
    """The target, in words, where a plan misses it on the draws that choose: those that the certificate speaks of."""
    objective = objective_of(problem, scales, problem.choosing)
    outcome = worked(problem, problem.choosing, spend) / scales.outcome
    room = objective.floor_room(outcome, float(spend.sum()) / scales.money)
    if room >= -_CENTS:
        return ()
    short = f"{Written(-room * scales.outcome):,.6g} {problem.response.outcome_unit}"
    return (f"the target, {problem.aim.words}; the plan misses it by {short}",)
