"""The two questions to the optimizer: which plan is best, and how good is the one I bring?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from budget.allocation import Allocation, Certificate, ShadowPrice
from budget.catalogue import CATALOGUE
from budget.cell_curves import Curves, cell_windows
from budget.cells import money
from budget.config import PlanSection
from budget.contradictions import refuse_contradictions
from budget.infeasible import conflict_error
from budget.judge import Interval, interval, judge
from budget.plan_file import BroughtPlan, Spread, brought_plan
from budget.prices import budget_price, shadow_prices
from budget.problem import Problem, pose
from budget.rounding import SumLimit, to_the_cent
from budget.solve import GAP, InfeasibleRulesError, Optimum, maximise
from budget.tables import flighting_table, plan_table
from outlay.errors import PlanError
from outlay.findings import Finding
from outlay.response import ResponseDraws
from outlay.transforms import Array

HERE = Path()


def optimize(
    response: ResponseDraws,
    section: PlanSection,
    *,
    base: Path = HERE,
    hdi: float = 0.9,
    organic: Sequence[str] = (),
) -> Allocation:
    """The plan with the largest expected outcome for the budget, within the rules.

    The plan is chosen on the first half of the draws and judged on the second, which come from other chains. It is
    never worse than a reference plan that keeps the rules, on the draws that chose it.

    Parameters
    ----------
    response : ResponseDraws
        From a fitted model.
    section : PlanSection
        Window, budget and rules.
    base : Path
        Folder that the path of a reference plan counts from.
    hdi : float
        Probability inside the intervals.
    organic : sequence of str
        Channels without spend, so that a rule that names one is told apart from a misspelling.

    Raises
    ------
    ConfigError
        Where a rule names what the model does not have.
    PlanError
        Where the rules cannot hold, or the question cannot be posed.
    """
    started = perf_counter()
    problem = pose(response, section, base, organic)
    choice = _choose(problem)
    problem_findings = problem.findings
    if choice.kept_reference:
        what = "no plan within the rules is better on the draws used for choosing"
        problem_findings += (CATALOGUE.finding("P054", "[plan]", what),)
    return _allocation(_Answer(problem, choice, choice.spend, problem_findings, _status(choice)), hdi, started)


def evaluate(
    response: ResponseDraws,
    section: PlanSection,
    plan: pd.DataFrame,
    *,
    base: Path = HERE,
    hdi: float = 0.9,
    organic: Sequence[str] = (),
    where: str = "the plan",
) -> Allocation:
    """Judge a plan that the user brings, to the cent, by the same tables as a recommended one.

    Its totals are compared with the reference plan's under the same timing; what its own timing adds is told apart in
    ``timing_gain``. Without ``[plan] budget`` the plan's own total is the budget, for reference and optimum too. The
    certificate is that of the best plan within the rules; a plan that breaks them has no gap and no upper bound.

    Parameters
    ----------
    plan : DataFrame
        Columns channel, spend, and optionally group and date; see :func:`budget.read_plan`.
    where : str
        How messages name the plan.

    Raises
    ------
    ConfigError, PlanError
        As :func:`optimize`, and P010 where the plan cannot be used.
    """
    started = perf_counter()
    problem = pose(response, section, base, organic)
    brought = _on_cells(problem, plan, where)
    total = round(float(brought.totals.sum()), 2)
    if total <= 0:
        raise PlanError("the plan spends nothing", where=where, repair=CATALOGUE["P010"].repair, id="P010")
    # Amounts in fractions of a cent, or spread over groups, must add up to the total that is told.
    brought = replace(brought, totals=to_the_cent(brought.totals, total))
    if section.budget is None and total != problem.reference.budget:
        problem = pose(response, section.model_copy(update={"budget": total}), base, organic)
    choice = _choose(problem)
    broken = _broken(problem, brought.totals, total)
    findings = (*problem.findings, *brought.findings)
    if broken:
        findings += (CATALOGUE.finding("P036", where, "; ".join(broken)),)
    status = _evaluated_status(problem, choice, brought.totals, broken)
    return _allocation(_Answer(problem, choice, brought.totals, findings, status, brought, broken), hdi, started)


@dataclass(frozen=True)
class _Choice:
    """The best plan to the cent, with its value on the draws that chose it."""

    spend: Array
    value: float
    optimum: Optimum
    kept_reference: bool

    @property
    def bound(self) -> float:
        # Cents can lift a plan above the bound of the exact rules by a hair.
        return max(self.optimum.bound, self.value)

    @property
    def gap(self) -> float:
        return self.gap_of(self.value)

    def gap_of(self, value: float) -> float:
        """How far a plan of this value can be from the best one; a cent within the rules can lift it to the bound."""
        return max(self.bound - value, 0.0) / abs(value) if value else 0.0


@dataclass(frozen=True)
class _Answer:
    """A plan to report, with what is known of it beside the numbers."""

    problem: Problem
    choice: _Choice
    spend: Array
    findings: tuple[Finding, ...]
    status: str
    brought: BroughtPlan | None = None
    broken: tuple[str, ...] = ()


def _choose(problem: Problem) -> _Choice:
    rules, reference = problem.rules, problem.reference.totals
    refuse_contradictions(rules, problem.cells, problem.response.currency)
    now = float(problem.choosing.plan(reference)[0].sum())
    try:
        optimum = maximise(problem.choosing, rules, _seeds(reference), now if now > 0 else 1.0)
    except InfeasibleRulesError:
        raise conflict_error(rules, problem.response.currency) from None
    limits = [
        SumLimit(rule.cells, rule.amount, np.inf) if rule.at_least else SumLimit(rule.cells, 0.0, rule.amount)
        for rule in rules.sums
    ]
    spend = to_the_cent(optimum.spend, rules.budget, rules.lower, rules.upper, limits)
    value = float(problem.choosing.plan(spend)[0].sum())
    if value <= now and not rules.broken_by(reference):
        return _Choice(reference, now, optimum, kept_reference=True)
    return _Choice(spend, value, optimum, kept_reference=False)


def _seeds(*plans: Array) -> tuple[Array, ...]:
    return tuple(np.stack(plans, axis=1))


def _allocation(answer: _Answer, hdi: float, started: float) -> Allocation:
    problem, choice = answer.problem, answer.choice
    response, reference = problem.response, problem.reference
    judged = judge(problem.judging, answer.spend, reference.totals, hdi)
    outcome, mroi = problem.choosing.plan(answer.spend)
    best = _expected(problem, choice.spend)
    bound = None if answer.broken else max(_held_out_bound(problem, choice, best), best, judged.expected.mean)
    findings = answer.findings + _doubts(answer, judged.gain, choice)
    evaluated = answer.brought is not None
    return Allocation(
        status=answer.status,
        evaluated=evaluated,
        objective=problem.section.objective,
        outcome=response.outcome,
        outcome_unit=response.outcome_unit,
        currency=response.currency,
        money=response.money,
        start=problem.window.dates[0].date(),
        end=problem.window.dates[-1].date(),
        periods=problem.section.periods,
        period_unit=problem.response.period,
        budget=problem.rules.budget,
        reference_words=reference.words,
        expected=judged.expected,
        reference=judged.reference,
        gain=judged.gain,
        roi=judged.roi,
        p_better=judged.p_better,
        hdi=hdi,
        upper_bound=bound,
        gap=None if answer.broken else choice.gap_of(float(outcome.sum())),
        certificate=_certificate(problem, choice),
        table=plan_table(problem, answer.spend, mroi, judged),
        flighting=flighting_table(problem, answer.spend),
        shadow_prices=_prices(problem, choice),
        broken_rules=answer.broken,
        timing_gain=None if answer.brought is None else _timing_gain(problem, answer.brought, hdi),
        optimum=best if evaluated else None,
        findings=findings,
        assumptions=problem.assumptions,
        seconds=perf_counter() - started,
    )


def _held_out_bound(problem: Problem, choice: _Choice, best: float) -> float:
    """What no plan within the rules can exceed on the draws that judge: the same problem on the other half."""
    seeds = _seeds(choice.spend, problem.reference.totals)
    return maximise(problem.judging, problem.rules, seeds, best if best > 0 else 1.0, aim=GAP).bound


def _expected(problem: Problem, spend: Array) -> float:
    return float(problem.judging.plan_draws(spend).sum(axis=1).mean())


def _certificate(problem: Problem, choice: _Choice) -> Certificate:
    return Certificate(
        value=choice.value,
        bound=choice.bound,
        gap=choice.gap,
        draws=problem.choosing.response.n_draws,
        rounds=choice.optimum.rounds,
        solver="HiGHS simplex through cvxpy",
        status=choice.optimum.status,
    )


def _prices(problem: Problem, choice: _Choice) -> tuple[ShadowPrice, ...]:
    units = (problem.response.currency, problem.response.outcome_unit)
    return shadow_prices(choice.optimum, problem.rules, problem.cells, units)


def _doubts(answer: _Answer, gain: Interval, choice: _Choice) -> tuple[Finding, ...]:
    """Warnings about what the numbers cannot show."""
    doubts = []
    if gain.low <= 0 <= gain.high and not np.array_equal(answer.spend, answer.problem.reference.totals):
        unit = answer.problem.response.outcome_unit
        what = f"the gain over the reference plan is {gain.low:,.0f} to {gain.high:,.0f} {unit}, which includes zero"
        doubts.append(CATALOGUE.finding("P032", "[plan]", what))
    price = budget_price(choice.optimum, answer.problem.rules, answer.problem.cells)
    if answer.problem.response.money and price < 1.0:
        currency = answer.problem.response.currency
        what = f"one more {currency} of budget brings {price:,.4g} {currency}, less than it costs before any margin"
        doubts.append(CATALOGUE.finding("P040", "[plan] budget", what))
    if choice.gap > 2 * GAP:
        doubts.append(CATALOGUE.finding("P037", "[plan]", f"the proven gap is {choice.gap:.2e} of the outcome"))
    return tuple(doubts)


def _status(choice: _Choice) -> str:
    if choice.kept_reference:
        margin = max(choice.gap, GAP)
        return f"the reference plan is kept: no plan within the rules is better by more than {margin:.0e} of it"
    if choice.gap > 2 * GAP:
        return f"good, not proven best: at most {choice.gap:.2%} below the best plan within the rules"
    return f"optimal: at most {max(choice.gap, 1e-9) * 100:.1g} % below the best plan within the rules"


def _evaluated_status(problem: Problem, choice: _Choice, spend: Array, broken: tuple[str, ...]) -> str:
    best, mine = _expected(problem, choice.spend), _expected(problem, spend)
    short = (best - mine) / abs(best) if best else 0.0
    rules = f"it breaks {len(broken)} rule{'s' if len(broken) != 1 else ''}" if broken else "it keeps the rules"
    return f"evaluated: {rules}; expected outcome {abs(short):.2%} {'below' if short >= 0 else 'above'} the best plan's"


def _on_cells(problem: Problem, plan: pd.DataFrame, where: str) -> BroughtPlan:
    spread = Spread(problem.reference.totals, "as in the reference plan")
    return brought_plan(plan, problem.cells, problem.window.edges, spread, where)


def _broken(problem: Problem, spend: Array, total: float) -> tuple[str, ...]:
    """The rules that a plan breaks, with its amounts."""
    currency, budget = problem.response.currency, problem.rules.budget
    told = [
        f"{rule.words}; the plan has {money(round(float(spend[rule.cells].sum()), 2), currency)}"
        for rule in problem.rules.broken_by(spend)
    ]
    if abs(total - budget) > 0.0101:
        told.insert(0, f"budget {money(budget, currency)}; the plan has {money(total, currency)}")
    return tuple(told)


def _timing_gain(problem: Problem, brought: BroughtPlan, hdi: float) -> Interval | None:
    """What the plan's own timing brings, with its totals held."""
    if brought.timing is None:
        return None
    totals = brought.timing.sum(axis=0)
    own = np.where(totals > 0, brought.timing / np.where(totals > 0, totals, 1.0), problem.reference.flighting)
    windows = cell_windows(problem.cells, problem.window.lead_in, own, problem.window.value)
    timed = Curves(problem.judging.response, problem.cells, windows)
    difference = timed.plan_draws(brought.totals) - problem.judging.plan_draws(brought.totals)
    return interval(difference.sum(axis=1), hdi)
