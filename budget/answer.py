"""From a chosen or a brought plan to what is told of it: judgement, prices, doubts, status."""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from budget.aims import Scales
from budget.allocation import Allocation, Certificate
from budget.catalogue import CATALOGUE
from budget.choice import Choice
from budget.engine import AIM, Engine
from budget.intervals import Interval, interval, probability
from budget.judge import Judgement, judge, worked
from budget.leads_told import lead_findings, leads_told
from budget.outlook import outcome_of_window
from budget.plan_file import BroughtPlan
from budget.prices import budget_price
from budget.prices_beside import decision_outcomes, lead_prices, prices_of
from budget.problem import Problem
from budget.sellers import Sellers
from budget.tables import flighting_table, plan_table
from budget.work import scaled_work
from outlay import style
from outlay.findings import Finding
from outlay.style import Written
from outlay.transforms import Array

LEAST = 1e-8
"""Gap below which a bound says no more than that it is small."""


@dataclass(frozen=True, eq=False)
class Judged:
    """What is known of a plan that the user brings.

    Attributes
    ----------
    brought : BroughtPlan
    own : ndarray (H, K)
        The plan under its own timing; the answer's ``spend`` is the same totals under the timing of the question.
    broken, missed : tuple of str
        Rules that it breaks; the target, where it misses that.
    beyond : str
        That no plan within the rules reaches the target, in words; empty where one does. The choice is then the plan
        that comes nearest to it.
    """

    brought: BroughtPlan
    own: Array
    broken: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    beyond: str = ""

    @property
    def within(self) -> bool:
        """Whether the plan is one of those that the proof speaks of."""
        return not (self.broken or self.missed or self.beyond)


@dataclass(frozen=True, eq=False)
class Answer:
    """A plan (H, K) to report, with what is known of it beside the numbers; ``judged`` where the user brings it."""

    problem: Problem
    choice: Choice
    spend: Array
    findings: tuple[Finding, ...]
    judged: Judged | None = None

    @property
    def timed(self) -> Array:
        """The plan under its own timing."""
        return self.spend if self.judged is None else self.judged.own


def allocation_of(
    answer: Answer, bound: float | None, engine: Engine, terms: tuple[float, float | None], started: float
) -> Allocation:
    """Tell all that is known of a plan.

    Parameters
    ----------
    answer : Answer
    bound : float or None
        What no plan within the rules can exceed on the draws that judge, in the unit of the objective's value.
    engine : Engine
        On the draws that chose the plan.
    terms : (float, float or None)
        Probability inside the intervals, and margin.
    started : float
        When the question was asked.
    """
    problem, choice = answer.problem, answer.choice
    response, section = problem.response, problem.section
    hdi, margin = terms
    judged = judge(problem, answer.spend, hdi, margin)
    slopes = marginal_returns(answer, engine)
    mroi = slopes * choice.scales.outcome / choice.scales.money
    timing, counted = _timing_gain(answer, hdi)
    value = _objective_value(answer)
    evaluated = answer.judged is not None
    within, beyond = (True, "") if answer.judged is None else (answer.judged.within, answer.judged.beyond)
    goals = _goal(answer)
    return Allocation(
        name=section.name,
        status=_status(choice) if answer.judged is None else _evaluated_status(answer, answer.judged),
        evaluated=evaluated,
        objective=section.objective,
        objective_words=problem.aim.words,
        objective_value=value,
        objective_unit=problem.aim.unit,
        outcome=response.outcome,
        outcome_unit=response.outcome_unit,
        currency=response.currency,
        money=response.money,
        start=problem.window.dates[0].date(),
        end=problem.window.dates[-1].date(),
        periods=section.periods,
        period_unit=response.period,
        budget=round(float(answer.spend.sum()), 2),
        total_is_free=section.free_total,
        reference_words=problem.reference.words,
        reference_budget=problem.reference.budget,
        expected=judged.expected,
        reference=judged.reference,
        gain=judged.gain,
        roi=judged.roi,
        profit=judged.profit,
        reference_profit=judged.reference_profit,
        profit_gain=judged.profit_gain,
        p_better=judged.p_better,
        risk=judged.risk,
        reference_risk=judged.reference_risk,
        risk_level=section.risk.level,
        goal=section.goal,
        p_goal=goals[0],
        reference_p_goal=goals[1],
        hdi=hdi,
        upper_bound=None if bound is None or not within else max(bound, value),
        gap=choice.gap_of(_scaled_value(answer)) if within else None,
        certificate=None if beyond else _certificate(problem, choice),
        table=plan_table(problem, choice.compiled, answer.spend, mroi, judged),
        flighting=flighting_table(problem, answer.timed),
        shadow_prices=() if beyond else prices_of(answer.problem, choice),
        broken_rules=() if answer.judged is None else answer.judged.broken + answer.judged.missed,
        timing_gain=timing,
        timing_counted=counted,
        optimum=_expected(problem, choice.spend) if evaluated else None,
        draws=judged.draws,
        section=section,
        findings=answer.findings + _doubts(answer, judged, goals),
        assumptions=problem.assumptions,
        leads=leads_told(problem, answer.spend, hdi, None if beyond else lead_prices(problem, choice)),
        seconds=perf_counter() - started,
    )


def marginal_returns(answer: Answer, engine: Engine) -> Array:
    """Mean outcome of one more unit of each decision (N,), scaled: where sellers have a limit, of what they work."""
    problem, scales = answer.problem, answer.choice.scales
    z = problem.decision.of(answer.spend) / scales.money
    work = scaled_work(problem, problem.choosing, scales.outcome)
    if not isinstance(work, Sellers):
        return engine.mean_slopes(z)
    slopes = engine.oracle().jacobian(z)[1]
    weights, _ = work.cut(decision_outcomes(problem, answer.spend) / scales.outcome, np.full(len(slopes), 1.0))
    return np.asarray(np.where(weights.T > 0.0, weights.T * slopes, 0.0).mean(axis=0))


def _expected(problem: Problem, spend: Array) -> float:
    return float(worked(problem, problem.judging, spend).mean())


def _scaled_value(answer: Answer) -> float:
    """The objective of the plan on the draws that chose, scaled."""
    problem, choice = answer.problem, answer.choice
    outcome = worked(problem, problem.choosing, answer.spend) / choice.scales.outcome
    return choice.objective.value(outcome, float(answer.spend.sum()) / choice.scales.money)


def _objective_value(answer: Answer) -> float:
    """The objective of the plan on the draws that judge, in its unit; the cheapest plan's is its spend."""
    return _value_of(answer.problem, answer.choice.scales, answer.spend)


def _value_of(problem: Problem, scales: Scales, spend: Array) -> float:
    if problem.aim.least_spend:
        return round(float(spend.sum()), 2)
    reference = worked(problem, problem.judging, problem.reference.spend)
    objective = problem.aim.objective(scales, reference, np.zeros(problem.judging.n_draws))
    outcome = worked(problem, problem.judging, spend) / scales.outcome
    return objective.value(outcome, float(spend.sum()) / scales.money) * scales.outcome


def _timing_gain(answer: Answer, hdi: float) -> tuple[Interval | None, bool]:
    """What the plan's timing brings over the reference timing, its totals held, and whether the gain contains it."""
    problem, spend = answer.problem, answer.spend
    own = answer.timed
    same = problem.reference.flighting * own.sum(axis=0)
    if np.abs(own - same).max() <= 0.02:
        return None, True
    responses = problem.judging
    difference = worked(problem, responses, own) - worked(problem, responses, same)
    return interval(difference, hdi), own is spend or bool(np.abs(own - spend).max() <= 0.02)


def _goal(answer: Answer) -> tuple[float | None, float | None]:
    """Probability that the window's outcome, baseline included, reaches the goal: of the plan, of the reference."""
    problem, goal = answer.problem, answer.problem.section.goal
    if goal is None:
        return None, None
    reached = []
    for spend in (answer.timed, problem.reference.spend):
        outcome = outcome_of_window(problem, problem.judging, spend)
        reached.append(None if outcome is None else probability(outcome - goal))
    return reached[0], reached[1]


def _certificate(problem: Problem, choice: Choice) -> Certificate:
    unit, optimum = problem.aim.unit_of_value(choice.scales), choice.optimum
    sign = -1.0 if problem.aim.least_spend else 1.0
    return Certificate(
        value=sign * choice.value * unit,
        bound=sign * choice.bound * unit,
        gap=choice.gap,
        draws=problem.choosing.n_draws,
        rounds=optimum.rounds,
        nodes=optimum.nodes,
        solver=optimum.solver,
        status=optimum.status,
        seconds=optimum.seconds,
    )


def _doubts(answer: Answer, judged: Judgement, goals: tuple[float | None, float | None]) -> tuple[Finding, ...]:
    """Warnings about what the numbers cannot show."""
    problem, choice, gain = answer.problem, answer.choice, judged.gain
    doubts = []
    unit, currency = problem.response.outcome_unit, problem.response.currency
    moved = not np.array_equal(answer.spend, problem.reference.spend)
    same_total = abs(float(answer.spend.sum()) - problem.reference.budget) < 0.005
    if moved and same_total and gain.low <= 0 <= gain.high:
        low, high = Written(gain.low), Written(gain.high)
        what = f"the gain over the reference plan is {low:,.0f} to {high:,.0f} {unit}, which includes zero"
        doubts.append(CATALOGUE.finding("P032", "[plan]", what))
    price = _budget_price(answer)
    if problem.response.money and price is not None and price < 1.0:
        brings = f"{Written(price):,.4g} {currency}"
        what = f"one more {currency} of budget brings {brings}, less than it costs before any margin"
        doubts.append(CATALOGUE.finding("P040", "[plan] budget", what))
    if choice.gap > 2 * AIM:
        gap = f"the proven gap is {choice.gap:.2e} of the objective" if np.isfinite(choice.gap) else "no bound is known"
        doubts.append(CATALOGUE.finding("P037", "[plan]", gap))
    if problem.section.goal is not None and goals[0] is None:
        what = "the fit holds no baseline for the window, so the probability of the goal is not known"
        doubts.append(CATALOGUE.finding("P042", "[plan] goal", what))
    return (*doubts, *lead_findings(problem))


def _budget_price(answer: Answer) -> float | None:
    """Outcome of one more unit of budget, where the total is fixed and the outcome is what is sought."""
    problem, choice = answer.problem, answer.choice
    sought = problem.section.objective == "outcome" and problem.section.risk.tail == 0.0
    if problem.section.free_total or not sought:
        return None
    return budget_price(choice.optimum, choice.compiled, choice.scales.outcome)


def _status(choice: Choice) -> str:
    if choice.kept_reference:
        margin = _part(max(choice.gap, AIM))
        return f"the reference plan is kept: no plan within the rules is better by more than {margin} of it"
    if choice.gap <= LEAST:
        return f"optimal: less than {_part(LEAST)} below the best plan within the rules"
    if choice.gap <= 2 * AIM:
        return f"optimal: at most {_part(choice.gap)} below the best plan within the rules"
    if not np.isfinite(choice.gap):
        return "good, not proven best: the rules allow effects so large that no bound can be given"
    why = {
        "time": "the time allowed ran out",
        "local": "the best of several local optima",
        "optimal": "cents and rules leave it no nearer",
    }[choice.optimum.status]
    return f"good, not proven best ({why}): at most {choice.gap:.2%} below the best plan within the rules"


def _part(share: float) -> str:
    """A small share as a percentage of one digit, rounded up because it is a bound, and without an exponent."""
    exponent = math.floor(math.log10(100 * share) + 1e-9)
    digit = math.ceil(100 * share / 10**exponent - 1e-9)
    exponent += digit // 10  # 9.5 is 10
    return f"{math.ceil(100 * share / 10**exponent - 1e-9) * 10**exponent:.{max(-exponent, 0)}f} %"


def _evaluated_status(answer: Answer, judged: Judged) -> str:
    n = len(judged.broken)
    kept = f"it breaks {n} rule{'s' if n != 1 else ''}" if n else "it keeps the rules"
    if judged.missed:
        kept += " and misses the target"
    return f"evaluated: {kept}; {judged.beyond or _beside_the_best(answer)}"


def _beside_the_best(answer: Answer) -> str:
    """What is looked for, of a brought plan beside the best one, on the draws that judge."""
    problem, scales = answer.problem, answer.choice.scales
    best, mine = (_value_of(problem, scales, spend) for spend in (answer.choice.spend, answer.spend))
    aim, outcome = problem.aim, problem.response.outcome
    names = {
        "profit": "expected profit",
        "target_kpi": "spend",
        "target_mroi": f"expected {outcome} less what the spend must bring",
    }
    name = names.get(aim.name, f"expected {outcome}")
    if problem.section.risk.tail > 0.0 and not aim.least_spend:
        name += " (risk counted)"
    difference = Written(abs(mine - best))
    apart = f"{f'{difference:,.0f}' if difference >= 1e5 else f'{difference:,.6g}'} {aim.unit}"
    part = f" ({style.percent(difference / abs(best), 2)})" if best else ""
    return f"{name} {apart}{part} {'below' if mine <= best else 'above'} the best plan's"
