"""A fitted model ready to answer scenario after scenario: what was learned of its curves stays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from budget.allocation import Allocation
from budget.answer import Answer, Judged, allocation_of
from budget.brought import (
    Brought,
    bring,
    broken_rules,
    minimums_of,
    missed_target,
    scales_of,
    short_volumes,
)
from budget.catalogue import CATALOGUE
from budget.cells import Cells
from budget.choice import Choice
from budget.compile import compile_rules
from budget.config import PlanSection
from budget.contradictions import refuse_contradictions
from budget.engine import AIM, Engine
from budget.feasible import HALF_A_CENT, own_broken
from budget.floor import FloorError
from budget.infeasible import conflict_error, ensure_feasible
from budget.judge import worked
from budget.kept import Kept
from budget.multiplied import MultipliedEngine
from budget.objective import Objective
from budget.polytope import InfeasibleRulesError, Polytope, SolverFailure
from budget.posed import Posed
from budget.priced import Priced
from budget.problem import Problem, pose
from budget.responses import Responses
from budget.rounding import round_plan
from budget.rules_custom import Custom
from budget.turns import Turns
from budget.volumes import Tangents
from budget.within import best_within
from outlay.errors import PlanError
from outlay.findings import Finding
from outlay.response import ResponseDraws
from outlay.style import Written
from outlay.transforms import Array

ENGINES = 24
"""Engines that are kept, two to a window: an engine holds curves on half of the draws, megabytes in a panel."""

DECADES = 4
"""Powers of ten of the total that share an engine, whose units are those of the question that made it."""

PROBLEMS = 24
"""Questions that are kept settled, for as many hands that move money at once."""

CHOICES = 64
"""Optima that are kept: plans that are set by hand are judged beside the one of their question."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """A plan (H, K) to the cent, on the cells of its model."""

    spend: Array
    cells: Cells

    def spend_of(self, channel: int) -> Array:
        """Spend of a channel in every period and group, (H, G)."""
        n = len(self.cells.groups)
        return self.spend[:, channel * n : (channel + 1) * n]


class Planner:
    """Plans on one model: every scenario on the same window costs a solve and not the curves.

    Threads may share one: solves take turns, in the order in which they are asked for.

    Parameters
    ----------
    response : ResponseDraws
        From a fitted model.
    base : Path
        Folder that the path of a reference plan counts from.
    hdi : float
        Probability inside the intervals.
    organic : sequence of str
        Channels without spend.
    margin : float, optional
        Profit per unit of outcome.
    findings : sequence of Finding
        What was said of the response on its way here; every answer carries it.
    """

    def __init__(
        self,
        response: ResponseDraws,
        *,
        base: Path | None = None,
        hdi: float = 0.9,
        organic: Sequence[str] = (),
        margin: float | None = None,
        findings: Sequence[Finding] = (),
    ) -> None:
        self.response, self.base, self.hdi = response, base or Path(), hdi
        self.organic, self.margin, self.findings = tuple(organic), margin, tuple(findings)
        self._turn = Turns()
        self._engines: Kept[tuple[object, ...], Engine] = Kept(ENGINES)
        self._problems: Kept[str, Problem] = Kept(PROBLEMS)
        self._choices: Kept[str, Choice] = Kept(CHOICES)
        self._bounds: Kept[str, float | None] = Kept(CHOICES)

    def optimize(self, section: PlanSection, rules: Custom | None = None) -> Allocation:
        """The best plan within the rules of a section; see :func:`budget.optimize`."""
        with self._turn:
            return self._optimize(section, rules)

    def _optimize(self, section: PlanSection, rules: Custom | None) -> Allocation:
        started = perf_counter()
        posed = self._pose(section, rules)
        choice = self._choice(posed, rules)
        findings = posed.problem.findings
        if choice.kept_reference:
            what = "no plan within the rules is better on the draws used for choosing"
            findings += (CATALOGUE.finding("P054", "[plan]", what),)
        answer = Answer(posed.problem, choice, choice.spend, findings)
        return self._allocation(posed, answer, rules, started)

    def evaluate(
        self, section: PlanSection, plan: pd.DataFrame, *, where: str = "the plan", rules: Custom | None = None
    ) -> Allocation:
        """Judge a plan that the user brings; see :func:`budget.evaluate`."""
        with self._turn:
            return self._evaluate(self.bring(section, plan, where=where), where, rules)

    def _evaluate(self, brought: Brought, where: str, rules: Custom | None) -> Allocation:
        started = perf_counter()
        spend, own = brought.spend, brought.own
        posed = self._pose(brought.problem.section, rules)
        problem = posed.problem
        choice, beyond = self._choose_or_nearest(posed, rules)
        broken = broken_rules(problem, spend) + tuple(rule.words for rule in own_broken(posed.compiled, spend))
        broken += short_volumes(posed.minimums, spend)
        missed = missed_target(problem, posed.scales, spend)
        findings = (*problem.findings, *brought.plan.findings)
        if broken or missed:
            findings += (CATALOGUE.finding("P036", where, "; ".join(broken + missed)),)
        if beyond:
            findings += (CATALOGUE.finding("P043", "[plan] target", beyond),)
        judged = Judged(brought.plan, own, broken, missed, beyond)
        return self._allocation(posed, Answer(problem, choice, spend, findings, judged), rules, started)

    def bring(self, section: PlanSection, plan: pd.DataFrame, *, where: str = "the plan") -> Brought:
        """Put a plan on the question that it is judged by, without an optimum beside it; several threads may ask.

        Raises
        ------
        ConfigError, PlanError
            As :func:`budget.evaluate`, but for rules that contradict each other: those are told as broken.
        """
        return bring(self.problem, section, plan, where)

    def problem(self, section: PlanSection) -> Problem:
        """A question settled, with nothing solved: window, reference plan, rules, curves; several threads may ask."""
        key = _key(section)
        return self._settle(section) if key is None else self._problems.get(key, lambda: self._settle(section))

    def _settle(self, section: PlanSection) -> Problem:
        return pose(self.response, section, self.base, self.organic, self.margin)

    def choose(self, section: PlanSection, rules: Custom | None = None) -> Chosen:
        """The best plan alone, without what is told of it."""
        with self._turn:
            posed = self._pose(section, rules)
            return Chosen(self._choice(posed, rules).spend, posed.problem.cells)

    def priced(self, section: PlanSection) -> Priced:
        """The best plan with its price, one of many: whoever waits for a single answer goes before it."""
        with self._turn.aside():
            posed = self._pose(section, None, keep=False)
            return Priced(posed.problem, self._choice(posed, None))

    def expected(self, section: PlanSection, spend: Array) -> float:
        """Expected outcome of a plan (H, K) on the draws that judge."""
        problem = self._pose(section, None).problem
        return float(worked(problem, problem.judging, spend).mean())

    def on(self, response: ResponseDraws, findings: Sequence[Finding] = ()) -> Planner:
        """The same planner on other draws, with what was said of them."""
        told = (*self.findings, *findings)
        return Planner(response, base=self.base, hdi=self.hdi, organic=self.organic, margin=self.margin, findings=told)

    def reference_budget(self, section: PlanSection) -> float:
        """Total of the section's budget or, without one, of its reference plan."""
        return self.problem(section).reference.budget

    @property
    def hurdle(self) -> float | None:
        """Outcome that a unit of currency must bring: one over the margin; one for money without a margin."""
        if not self.response.money:
            return None
        return 1.0 if self.margin is None else 1.0 / self.margin

    def value(self, section: PlanSection, spend: Array) -> float | None:
        """What is looked for, of a plan (H, K) on the draws that judge, in its unit; None where there is a target."""
        posed = self._pose(section, None)
        objective = posed.objective(posed.problem.judging)
        if objective.floor is not None:
            return None
        worth = posed.value(posed.problem.judging, objective, spend)
        return worth * posed.problem.aim.unit_of_value(posed.scales)

    def regrets(self, section: PlanSection, plan: Chosen, draws: int) -> Array:
        """What the plan misses of the best plan for single draws, within the same rules: (draws,).

        In profit or outcome less its price where that is sought, else in outcome at the plan's own total.
        """
        posed = self._pose(section, None)
        problem, scales = posed.problem, posed.scales
        sought = posed.objective(problem.choosing)
        start = problem.decision.of(plan.spend) / scales.money
        polytope, plain = posed.compiled.polytope, Objective(sought.per_outcome, sought.per_spend)
        if posed.minimums is not None:
            polytope = Tangents().and_at(posed.minimums, start, np.arange(len(posed.minimums))).over(polytope)
        if sought.floor is not None:
            polytope, plain = _at_total(polytope, float(start.sum())), Objective()
        n, missed = problem.judging.n_draws, []
        for draw in np.unique(np.linspace(0, n - 1, min(draws, n)).astype(np.intp)):
            truth = problem.judging.take(np.array([draw]))
            engine = type(posed.judging)(truth, problem.decision, scales)
            best = engine.best(polytope, plain, start, aim=1e-4, capacity=posed.work(truth))
            mine = posed.value(truth, plain, plan.spend)
            missed.append(max(best.value - mine, 0.0) * scales.outcome)  # a cent of rounding may be ahead
        return np.array(missed)

    def _pose(self, section: PlanSection, rules: Custom | None, *, keep: bool = True) -> Posed:
        problem = self.problem(section) if keep else self._settle(section)
        problem = replace(problem, findings=(*self.findings, *problem.findings))
        first, second = (self._engine(problem, half) for half in (problem.choosing, problem.judging))
        compiled = compile_rules(problem.rules, problem.decision, first.scales.money, rules)
        refuse_contradictions(compiled)
        minimums = minimums_of(problem, first.scales.money)
        return Posed(problem, ensure_feasible(compiled), first.scales, first, second, minimums)

    def _engine(self, problem: Problem, responses: Responses) -> Engine:
        """The engine of this window and these decisions on one half of the draws, kept for the next scenario."""
        decision, window = problem.decision, problem.window
        # a scale of another age would cost the answers their accuracy, whoever asked first
        magnitude = math.floor(math.log10(problem.reference.budget) / DECADES) if problem.reference.budget > 0 else None
        key = (
            responses is problem.judging,
            magnitude,
            window.first,
            responses.value.shape,
            decision.cell.tobytes(),
            decision.period.tobytes(),
            decision.shape.tobytes(),
            responses.after.tobytes(),
        )
        kind = MultipliedEngine if responses.multiplies else Engine
        return self._engines.get(key, lambda: kind(responses, decision, scales_of(problem)))

    def _choice(self, posed: Posed, rules: Custom | None) -> Choice:
        """The best plan, known where the same was asked before."""
        key = None if rules is not None else _key(posed.problem.section, *_BESIDE)
        return self._choose(posed) if key is None else self._choices.get(key, lambda: self._choose(posed))

    def _choose(self, posed: Posed, *, retried: bool = False) -> Choice:
        problem, compiled = posed.problem, posed.compiled
        responses, reference = problem.choosing, problem.reference.spend
        objective = posed.objective(responses)
        start = problem.decision.of(reference) / posed.scales.money
        try:
            within = best_within(posed, objective, start)
        except InfeasibleRulesError:
            # Rules that hold by a hair: the engines are stricter than the question whether they can.
            if retried:
                raise conflict_error(compiled) from None
            return self._choose(replace(posed, compiled=compiled.with_room(HALF_A_CENT)), retried=True)
        except FloorError as missed:
            raise _unreachable(posed, missed) from None
        except SolverFailure as failure:
            raise PlanError(str(failure), where="[plan]", repair=CATALOGUE["P012"].repair, id="P012") from failure
        optimum = within.optimum
        spend = round_plan(compiled, optimum.z * posed.scales.money)
        value = posed.value(responses, objective, spend)
        allowed = posed.keeps_rules(reference) and posed.keeps_floor(responses, objective, reference)
        allowed = allowed and posed.keeps_volumes(reference)
        now = posed.value(responses, objective, reference)
        kept = allowed and (value <= now or _same(spend, reference))
        if kept:
            spend, value = reference, now
        return Choice(spend, value, within, objective, posed.scales, kept_reference=kept)

    def _choose_or_nearest(self, posed: Posed, rules: Custom | None) -> tuple[Choice, str]:
        """The best plan; where none reaches the target, the one that comes nearest to it, and that in words."""
        try:
            return self._choice(posed, rules), ""
        except PlanError as refusal:
            if refusal.id != "P085":
                raise
            nearest = replace(posed, problem=replace(posed.problem, aim=posed.problem.aim.nearest()))
            return self._choose(nearest), refusal.what

    def _allocation(self, posed: Posed, answer: Answer, rules: Custom | None, started: float) -> Allocation:
        key = None if rules is not None else _key(posed.problem.section, *_BESIDE)
        if answer.judged is not None and not answer.judged.within:
            bound = None
        elif key is None:
            bound = self._held_out_bound(posed, answer.choice)
        else:
            bound = self._bounds.get(key, lambda: self._held_out_bound(posed, answer.choice))
        return allocation_of(answer, bound, posed.choosing, (self.hdi, self.margin), started)

    def _held_out_bound(self, posed: Posed, choice: Choice) -> float | None:
        """What no plan within the rules can exceed on the draws that judge: the same problem on the other half."""
        if posed.problem.aim.least_spend or choice.objective.floor is not None:
            return None  # the floor is another on other draws, and so are the plans that keep it
        objective = posed.objective(posed.problem.judging)
        # Its plan is not used: a bound that took the time the plan took is near enough.
        patience = min(posed.problem.section.time_limit, 1.0 + 2.0 * choice.optimum.seconds)
        try:
            found = posed.judging.best(
                choice.compiled.polytope,
                objective,
                choice.optimum.z,
                capacity=posed.work(posed.problem.judging),
                aim=10 * AIM,
                time_limit=patience,
            )
        except SolverFailure:
            return None  # the plan and its own proof stand without it
        own = posed.value(posed.problem.judging, objective, choice.spend)
        return max(found.bound, own) * posed.problem.aim.unit_of_value(posed.scales)


_BESIDE = ("name", "goal")
"""Keys of a question that no optimum depends on."""


def _key(section: PlanSection, *without: str) -> str | None:
    """A question as text; None where its reference plan is a file, which may be another when it is read again."""
    known = section.reference in ("last", "last_year")
    return section.model_dump_json(exclude=set(without)) if known else None


def _at_total(polytope: Polytope, total: float) -> Polytope:
    """The same rules for one total."""
    from scipy.sparse import csr_array, vstack

    row = np.zeros((1, len(polytope.lower)))
    row[0, : polytope.n] = 1.0
    return replace(
        polytope,
        matrix=vstack([polytope.matrix, csr_array(row)], format="csr"),
        low=np.append(polytope.low, total),
        high=np.append(polytope.high, total),
    )


def _unreachable(posed: Posed, missed: FloorError) -> PlanError:
    """The refusal of a target that no plan within the rules reaches."""
    problem, unit = posed.problem, posed.problem.response.outcome_unit
    short = -missed.room * posed.scales.outcome
    miss = f"the best misses it by {Written(short):,.0f} {unit}"
    what = f"no plan within the rules reaches the target ({problem.aim.words}): {miss}"
    return PlanError(what, where="[plan] target", repair=CATALOGUE["P085"].repair, id="P085")


def _same(plan: Array, other: Array) -> bool:
    """Whether two plans (H, K) differ in nothing but how the cents of a cell fall on its periods."""
    apart = plan - other
    return bool(np.abs(apart).max() <= 0.02 and np.abs(apart.sum(axis=0)).max() < 0.005)
