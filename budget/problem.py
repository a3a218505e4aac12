"""Everything that is settled before the solver starts: window, reference plan, rules, and curves on both halves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from budget.aims import Aim, aim_of
from budget.catalogue import CATALOGUE
from budget.cells import Cells, money
from budget.config import PlanSection
from budget.decision import Decision, build_decision
from budget.objective import Capacity
from budget.reference import ReferencePlan, reference_plan
from budget.responses import Responses
from budget.rules import Rule, Rules, build_rules
from budget.rules_grid import Grid
from budget.sellers import Team
from budget.shapes import shape_findings, window_responses
from budget.teams import teams_of
from budget.window import Window, plan_window
from outlay.downstream import Downstream
from outlay.errors import ConfigError, PlanError
from outlay.findings import Finding
from outlay.response import ResponseDraws
from outlay.style import Written
from outlay.transforms import Array


@dataclass(frozen=True, eq=False)
class Problem:
    """A plan's question, ready to be answered.

    Attributes
    ----------
    response : ResponseDraws
    section : PlanSection
    aim : Aim
        What is looked for.
    window : Window
    reference : ReferencePlan
    grid : Grid
    decision : Decision
    rules : Rules
    capacity : Capacity or None
        Of outcome by cell, scaled by nothing; None where sellers work leads.
    teams : tuple of Team
        Who works which leads, where the outcome is the money of leads.
    seen : ndarray (K,)
        Largest spend of each cell in any window of the plan's length.
    seen_period : ndarray (K,)
        The same for a single period.
    every : Responses
        On all draws.
    choosing, judging : Responses
        The first half of the draws, which chooses the plan, and the second half, which judges it.
    findings : tuple of Finding
    assumptions : tuple of str
    """

    response: ResponseDraws
    section: PlanSection
    aim: Aim
    window: Window
    reference: ReferencePlan
    grid: Grid
    decision: Decision
    rules: Rules
    capacity: Capacity | None
    teams: tuple[Team, ...]
    seen: Array
    seen_period: Array
    every: Responses
    choosing: Responses
    judging: Responses
    findings: tuple[Finding, ...]
    assumptions: tuple[str, ...]

    @property
    def cells(self) -> Cells:
        """The cells of the plan."""
        return self.grid.cells


def pose(
    response: ResponseDraws,
    section: PlanSection,
    base: Path,
    organic: Sequence[str] = (),
    margin: float | None = None,
) -> Problem:
    """Settle the question of a ``[plan]`` section.

    Raises
    ------
    ConfigError
        For names that the model does not have, and for objectives that its outcome cannot answer.
    PlanError
        For windows, reference plans and responses that cannot be used.
    """
    _ensure_paid(response)
    leads = _leads(response, section)
    aim = aim_of(response, section, margin)
    cells = Cells.of(response, organic)
    response, unknown = _without_cost(response, cells)
    window = plan_window(response, section)
    reference = reference_plan(response, cells, section, window, base)
    grid = Grid(cells, window.edges, response.currency, response.period)
    decision = build_decision(grid, section, reference)
    seen = largest_window(cells.flat(response.spend), section.periods)
    range_margin = section.range_margin
    ceiling = None if range_margin is None else seen * (1.0 + range_margin)
    seen_period = cells.flat(response.spend).max(axis=0)
    period_ceiling = None if range_margin is None else seen_period * (1.0 + range_margin)
    rules = build_rules(grid, section, reference, decision, ceiling, unknown, period_ceiling)
    after, carry = _after(response, cells, section, reference, decision, window)
    responses, future = window_responses(response, cells, window, after)
    findings = (
        *window.findings,
        *reference.findings,
        *decision.findings,
        *rules.findings,
        *_range_findings(rules, cells, ceiling, section, response.currency),
        *_unknown_findings(unknown, cells),
        *_unplanned_findings(response, reference),
        *_reference_findings(rules, reference),
        *_choice_findings(rules, decision, section, aim, response.currency),
        *_held_at_zero(rules),
        *shape_findings(response),
        *_end_findings(response, section, decision, after),
        *future,
    )
    first, second = _halves(response.n_draws)
    return Problem(
        response=response,
        section=section,
        aim=aim,
        window=window,
        reference=reference,
        grid=grid,
        decision=decision,
        rules=rules,
        capacity=_capacity(grid, section) if leads is None else None,
        teams=() if leads is None else teams_of(leads, cells, section),
        seen=seen,
        seen_period=seen_period,
        every=responses,
        choosing=responses.take(first),
        judging=responses.take(second),
        findings=findings,
        assumptions=(
            *response.assumptions,
            *window.assumptions,
            carry,
            *_hours_words(leads, section),
            *_costs(response, unknown, cells),
        ),
    )


def _leads(response: ResponseDraws, section: PlanSection) -> Downstream | None:
    """What becomes of leads, where the plan is made in the money that they turn into."""
    if section.value_from == "conversion" and response.downstream is None:
        what = 'value_from = "conversion", and the response does not hold what becomes of leads'
        raise ConfigError(what, where="[plan] value_from", repair=CATALOGUE["P014"].repair, id="P014")
    return response.downstream


def _capacity(grid: Grid, section: PlanSection) -> Capacity | None:
    """Which cell's outcome counts against which limit."""
    if not section.capacity:
        return None
    scope = np.full(len(grid.cells), -1, np.intp)
    for number, limit in enumerate(section.capacity):
        where = f"[[plan.capacity]] {number + 1}"
        cells = grid.select_many(limit.channels, limit.groups, where)
        if (scope[cells] >= 0).any():
            twice = grid.cells.label(int(cells[scope[cells] >= 0][0]))
            raise ConfigError(
                f"{twice} counts against two capacities", where=where, repair=CATALOGUE["P083"].repair, id="P083"
            )
        scope[cells] = number
    return Capacity(scope, np.array([limit.limit for limit in section.capacity]))


def _hours_words(leads: Downstream | None, section: PlanSection) -> tuple[str, ...]:
    """Whose leads take hours of the window, in a sentence."""
    if leads is None or not section.capacity:
        return ()
    if section.carry_over_after:
        return (
            "Leads that the plan's spend still brings after the window take hours of the window, in place of those "
            "that earlier spend brings into it.",
        )
    return ("Leads that earlier spend still brings into the window take hours of the window too.",)


def _after(
    response: ResponseDraws,
    cells: Cells,
    section: PlanSection,
    reference: ReferencePlan,
    decision: Decision,
    window: Window,
) -> tuple[Array, str]:
    """Exposure after the window that no plan changes, (P - H, K), and what is assumed of it, in a sentence."""
    periods, counted = len(window.dates), len(window.value)
    nothing = np.zeros((counted - periods, len(cells)))
    if not section.carry_over_after:
        return nothing, "Effects after the end of the window do not count."
    reach = f"Effects up to {response.l_max - 1} {response.period}s after the window count"
    wanted = section.spend_after or ("reference" if decision.free.any() else "none")
    if wanted == "none":
        return nothing, f"{reach}, with no further spend after it."
    cost = cells.flat(response.cost_per_exposure)
    mean = reference.totals / periods
    bought = np.divide(mean, cost, out=np.zeros_like(mean), where=np.isfinite(cost) & (cost > 0))
    amount = money(round(float(mean.sum()), 2), response.currency)
    words = f"{reach}, with spend going on as in the mean {response.period} of the reference plan ({amount})."
    return np.repeat(bought[None], counted - periods, axis=0), words


def _end_findings(
    response: ResponseDraws, section: PlanSection, decision: Decision, after: Array
) -> tuple[Finding, ...]:
    if not (decision.free.any() and section.carry_over_after and response.l_max > 1) or after.any():
        return ()
    what = f"freely timed spend in the last {response.period}s meets no spend after the window"
    return (CATALOGUE.finding("P062", "[plan] spend_after", what),)


def _ensure_paid(response: ResponseDraws) -> None:
    if response.channels:
        return
    lost = ", ".join(name for name, _ in response.unplanned)
    raise PlanError(
        "no paid channel to plan" + (f"; the model could not estimate {lost}" if lost else ""),
        where="[plan]",
        repair=CATALOGUE["P015"].repair,
        id="P015",
    )


def _held_at_zero(rules: Rules) -> tuple[Finding, ...]:
    """A change limit around a reference of nothing holds a channel at nothing, which its user may not have meant."""
    held = [rule.scope for rule in rules.every if rule.kind == "max_change" and rule.at_most and not rule.limit.any()]
    if not held:
        return ()
    what = f"max_change holds {', '.join(held)} at zero, because the reference plan spends nothing there"
    return (CATALOGUE.finding("P057", "[plan] max_change", what),)


def largest_window(spend: Array, periods: int) -> Array:
    """Largest total of each column of ``spend`` (T, K) in any window; a shorter history counts in proportion."""
    length = min(periods, len(spend))
    totals = np.cumsum(np.concatenate([np.zeros((1, spend.shape[1])), spend]), axis=0)
    return np.asarray((totals[length:] - totals[:-length]).max(axis=0) * (periods / length))


def _halves(n_draws: int) -> tuple[slice, slice]:
    """Draws that choose and draws that judge.

    Chains are joined in order, so the halves are different chains (or different ends of one). Neighbours in a chain
    are alike: halves that took turns would judge a plan on near copies of the draws that chose it. As slices they are
    views, so that a question holds no draws of its own.
    """
    return (slice(0, n_draws // 2), slice(n_draws // 2, None)) if n_draws > 1 else (slice(None), slice(None))


def _without_cost(response: ResponseDraws, cells: Cells) -> tuple[ResponseDraws, NDArray[np.bool_]]:
    """Cells whose cost per exposure is not known, (K,), and a response in which money buys nothing there."""
    cost, scale = response.cost_per_exposure, response.scale
    bad = ~(np.isfinite(cost) & (cost > 0) & np.isfinite(scale) & (scale > 0))
    if not bad.any():
        return response, np.zeros(len(cells), bool)
    mended = replace(response, cost_per_exposure=np.where(bad, np.inf, cost), scale=np.where(bad, 1.0, scale))
    return mended, cells.flat(bad.astype(float)) > 0


def _range_findings(
    rules: Rules, cells: Cells, ceiling: Array | None, section: PlanSection, currency: str
) -> tuple[Finding, ...]:
    if ceiling is None:
        return ()
    kept = "0 to the largest spend seen in any window of this length"
    what = f"every channel was kept within {kept}, plus {section.range_margin:.0%}"
    findings = [CATALOGUE.finding("P050", "[plan] margin_of_range", what)]
    _, upper = rules.on_cells()
    outside = np.flatnonzero(upper > ceiling + 0.01)
    if len(outside):
        named = [
            f"{cells.label(int(k))} up to {money(float(upper[k]), currency)}, seen with margin "
            f"{money(round(float(ceiling[k]), 2), currency)}"
            for k in outside[:8]
        ]
        more = f" and {len(outside) - 8} more" if len(outside) > 8 else ""
        what = f"extrapolation: the rules or the reference plan leave the range seen: {'; '.join(named)}{more}"
        findings.append(CATALOGUE.finding("P030", "[plan]", what))
    return tuple(findings)


def _unknown_findings(unknown: NDArray[np.bool_], cells: Cells) -> tuple[Finding, ...]:
    if not unknown.any():
        return ()
    names = ", ".join(cells.label(int(cell)) for cell in np.flatnonzero(unknown)[:8])
    return (CATALOGUE.finding("P035", "[plan]", f"kept at zero, as the cost per exposure is not known: {names}"),)


def _unplanned_findings(response: ResponseDraws, reference: ReferencePlan) -> tuple[Finding, ...]:
    """Money that flowed beside the reference plan, in paid channels that the model could not estimate."""
    spent = [
        f"{name} {money(round(sum(spend[reference.rows]), 2), response.currency)}"
        for name, spend in response.unplanned
        if any(spend)
    ]
    if not spent:
        return ()
    dates = response.dates[reference.rows]
    when = f", spent from {dates[0]:%Y-%m-%d} to {dates[-1]:%Y-%m-%d}" if len(dates) else ""
    what = f"the model could not estimate {', '.join(spent)}{when}: this money is outside of the plan and the budget"
    return (CATALOGUE.finding("P039", "[plan]", what),)


def _reference_findings(rules: Rules, reference: ReferencePlan) -> tuple[Finding, ...]:
    broken = rules.broken_by(reference.spend)
    if not broken:
        return ()
    what = "the reference plan does not keep these rules: " + "; ".join(_folded(broken))
    return (CATALOGUE.finding("P033", "[plan] reference", what),)


MOST_CLAUSES = 3
"""Rules of one kind that are told one by one."""


def _folded(rules: Sequence[Rule]) -> list[str]:
    """The rules in words: those that say the same of several scopes as one, and many of one kind by their scopes."""
    told: list[str] = []
    for kind in dict.fromkeys(rule.kind for rule in rules):
        mine = [rule for rule in rules if rule.kind == kind]
        scopes: dict[str, list[str]] = {}
        for rule in mine:
            scopes.setdefault(rule.words.removeprefix(f"{rule.scope}: "), []).append(rule.scope)
        if len(scopes) > MOST_CLAUSES:
            names = ", ".join(dict.fromkeys(rule.scope for rule in mine))
            told.append(f"{kind} of {names} ({len(mine)} rules)")
            continue
        for words, of in scopes.items():
            whole = next(rule.words for rule in mine if rule.words.endswith(words))
            told.append(whole if whole == words else f"{', '.join(of)}: {words}")
    return told


def _choice_findings(
    rules: Rules, decision: Decision, section: PlanSection, aim: Aim, currency: str
) -> tuple[Finding, ...]:
    """What is not chosen here and might have been meant to be: the mix where rules fix it, and the total."""
    if section.free_total:
        return ()
    found = []
    lower, upper = rules.on_cells()
    least, most = np.maximum(lower, rules.budget - (upper.sum() - upper)), rules.budget - (lower.sum() - lower)
    if (np.minimum(upper, most) - least).max() <= 0.01:
        left = "only the timing is decided" if decision.free.any() else "one plan is left"
        what = f"the rules leave no choice at {money(rules.budget, currency)}: each cell's total is fixed, and {left}"
        found.append(CATALOGUE.finding("P063", "[plan]", what))
    if section.objective != "outcome":
        what = f"the total is fixed at {money(rules.budget, currency)}, so {aim.words} is looked for by the mix alone"
        found.append(CATALOGUE.finding("P064", "[plan] budget", what))
    return tuple(found)


def _costs(response: ResponseDraws, unknown: NDArray[np.bool_], cells: Cells) -> tuple[str, ...]:
    """One sentence with the cost per exposure of the channels whose exposure is not the spend itself."""
    cost = cells.flat(response.cost_per_exposure)
    told = []
    for position, channel in enumerate(cells.channels):
        mine = slice(position * len(cells.groups), (position + 1) * len(cells.groups))
        known = cost[mine][~unknown[mine]]
        if not len(known) or (known == 1.0).all():
            continue
        low, high = f"{Written(known.min()):,.4g}", f"{Written(known.max()):,.4g}"
        told.append(f"{channel} {low}" if low == high else f"{channel} {low} to {high}")
    return (f"Cost per unit of exposure ({response.currency}): {', '.join(told)}.",) if told else ()
