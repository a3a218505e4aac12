"""The recommended plan with its certificate, prices and judgement, ready for tables and JSON."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from datetime import date

import pandas as pd

from budget.config import PlanSection
from budget.intervals import Interval
from budget.leads_told import LeadsTold
from outlay.findings import Finding


@dataclass(frozen=True)
class ShadowPrice:
    """What one more unit of something that binds is worth.

    Attributes
    ----------
    rule : str
        ``budget``, or the rule in the planner's words.
    kind : str
        ``budget``, the kind of rule (``min``, ``max``, ``max_change``, ``period_max``, ``min_share``, ``lock``,
        ``range``, ``custom`` ...), ``target`` or ``capacity``.
    price : float
        Outcome per unit, positive: of one more unit of budget, or of loosening the rule by one unit.
    unit : str
        The unit that is loosened, for example ``USD`` or ``percentage point``.
    text : str
        The whole sentence.
    """

    rule: str
    kind: str
    price: float
    unit: str
    text: str


@dataclass(frozen=True)
class Certificate:
    """Proof of the optimum on the draws that the optimizer saw.

    It is always that of the best plan within the rules, also where the user brought another plan.

    Attributes
    ----------
    value : float
        The objective of the best plan on those draws; of the cheapest plan, its spend.
    bound : float
        What no plan within the rules can exceed on those draws; of the cheapest plan, what none can undercut.
    gap : float
        How far the value can be from the best, relative to it.
    draws : int
        How many draws they were; the others judged the plan.
    rounds, nodes : int
        Programs solved, and nodes of the branch and bound.
    solver, status : str
        Solvers, and ``optimal``, ``time`` (the time allowed ran out) or ``local`` (best of several local optima).
    seconds : float
        Spent on finding and proving the plan.
    """

    value: float
    bound: float
    gap: float
    draws: int
    rounds: int
    nodes: int
    solver: str
    status: str
    seconds: float


@dataclass(frozen=True)
class Allocation:
    """A plan beside the reference plan.

    Attributes
    ----------
    name : str or None
        The scenario's name.
    status : str
        In words.
    evaluated : bool
        True where the plan was brought by the user and not chosen here.
    objective, objective_words, objective_unit : str
        What was looked for: the key of the project file, in words, and the unit of its value.
    objective_value : float
        The objective of this plan on draws that the optimizer did not see; of the cheapest plan, its spend.
    outcome, outcome_unit, currency : str
        Units of everything below.
    money : bool
        True where the outcome is money, so that outcome over spend is an ROI.
    start, end : date
        Dates of the first and of the last period of the window, as the data write them.
    periods : int
    budget : float
        Total over the window; the rows without a period sum to it exactly.
    total_is_free : bool
        Whether the optimizer chose the total.
    reference_words : str
        What the reference plan is.
    reference_budget : float
        Its total.
    expected, reference, gain, roi : Interval
        On draws that the optimizer did not see, ``hdi`` inside the interval.
    profit, reference_profit, profit_gain : Interval or None
        Margin times outcome less spend, where there is a margin and the outcome is money.
    p_better : float or None
        Probability that the plan beats the reference plan, on the same draws: by its outcome where both spend the same,
        else by its profit; None where the totals differ and there is no margin.
    risk, reference_risk : dict
        Of the outcome on the same draws: sd, the quantiles q05, q50 and q95, and cvar, the mean of the worst
        ``risk_level`` of draws; and gain_cvar, that of the gain over the reference plan.
    goal, p_goal, reference_p_goal : float or None
        Probability that the window's outcome, baseline included, reaches the goal.
    hdi : float
    upper_bound : float or None
        What the objective of no plan within the rules can exceed on the draws that judged the plan, even one chosen
        with knowledge of them. None where an evaluated plan breaks rules, and where the objective has a target: on
        other draws other plans reach it.
    gap : float or None
        How far this plan can be from the best one within the rules, as a share of its objective on the draws that the
        optimizer saw: the certificate's for a plan chosen here. Never negative. None where an evaluated plan breaks
        rules or misses the target.
    certificate : Certificate or None
        None where a plan is judged and no plan within the rules reaches the target.
    table : DataFrame
        One row per cell: channel, group, period (None: totals over the window), reference_spend, spend, change (in
        currency), change_share (0.1 is +10 %), lower, upper, mroi, binding, outcome_mean/_hdi_low/_hdi_high,
        reference_outcome_mean, roi_mean/_hdi_low/_hdi_high, extrapolated. For freely timed cells a row per period
        follows, with its date as period.
    flighting : DataFrame
        Spend per period: date, channel, group, reference_spend, spend.
    shadow_prices : tuple of ShadowPrice
    broken_rules : tuple of str
        Rules that an evaluated plan breaks, and the target where it misses that; empty for a plan chosen here.
    timing_gain : Interval or None
        What the plan's own timing brings over the reference timing, its totals held; None where they are the same.
    timing_counted : bool
        Whether ``expected`` and ``gain`` contain it: they do unless a brought plan's timing is not in question.
    optimum : float or None
        Expected outcome of the best plan within the rules, where the plan was brought by the user; where none reaches
        the target, of the one that comes nearest to it.
    draws : DataFrame
        Per draw that judged the plan: plan and reference (outcome), and plan_profit and reference_profit where profit
        is known. Two plans on one fit are compared draw by draw.
    section : PlanSection
        The question, so that it can be asked again.
    findings : tuple of Finding
    assumptions : tuple of str
    seconds : float
    leads : LeadsTold
        What the plan means for sellers: by segment, volumes beside their goals; empty where the outcome is the KPI.
    """

    name: str | None
    status: str
    evaluated: bool
    objective: str
    objective_words: str
    objective_value: float
    objective_unit: str
    outcome: str
    outcome_unit: str
    currency: str
    money: bool
    start: date
    end: date
    periods: int
    period_unit: str
    budget: float
    total_is_free: bool
    reference_words: str
    reference_budget: float
    expected: Interval
    reference: Interval
    gain: Interval
    roi: Interval
    profit: Interval | None
    reference_profit: Interval | None
    profit_gain: Interval | None
    p_better: float | None
    risk: dict[str, float]
    reference_risk: dict[str, float]
    risk_level: float
    goal: float | None
    p_goal: float | None
    reference_p_goal: float | None
    hdi: float
    upper_bound: float | None
    gap: float | None
    certificate: Certificate | None
    table: pd.DataFrame
    flighting: pd.DataFrame
    shadow_prices: tuple[ShadowPrice, ...]
    broken_rules: tuple[str, ...]
    timing_gain: Interval | None
    timing_counted: bool
    optimum: float | None
    draws: pd.DataFrame
    section: PlanSection
    findings: tuple[Finding, ...]
    assumptions: tuple[str, ...]
    seconds: float
    leads: LeadsTold = field(default_factory=LeadsTold)

    def to_json(self) -> dict[str, object]:
        """The document that ``outlay plan --json`` prints (JSON-ready: no NaN)."""
        document: dict[str, object] = {name: _plain(getattr(self, name)) for name in _AS_THEY_ARE}
        document |= {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "reference_plan": self.reference_words,
        }
        for name in ("expected", "reference"):
            document |= _flat(name, getattr(self, name))
        for name in ("gain", "roi", "profit", "reference_profit", "profit_gain"):
            document |= _spelled(name, getattr(self, name))
        return document | {
            "risk": {key: _plain(value) for key, value in self.risk.items()},
            "reference_risk": {key: _plain(value) for key, value in self.reference_risk.items()},
            "certificate": None
            if self.certificate is None
            else {key: _plain(value) for key, value in asdict(self.certificate).items()},
            "rows": [{key: _plain(value) for key, value in row.items()} for row in self.table.to_dict("records")],
            "shadow_prices": [asdict(price) for price in self.shadow_prices],
            "broken_rules": list(self.broken_rules),
            "timing_gain": None if self.timing_gain is None else asdict(self.timing_gain),
            "findings": [finding.as_dict() for finding in self.findings],
            "assumptions": list(self.assumptions),
            "segments": [_plain_parts(asdict(row)) for row in self.leads.segments],
            "volumes": [_plain_parts(asdict(row)) for row in self.leads.volumes],
            "one_order": self.leads.one_order,
        }

    def _repr_html_(self) -> str:
        """The plan as a notebook shows it: its table, and what it brings in sentences."""
        from budget.document import PlanOutput
        from budget.shown import plan_table
        from budget.words import verdict
        from outlay.html_table import html_table

        told = PlanOutput.of(self)
        return html_table(plan_table(told), verdict(told))


_AS_THEY_ARE = (
    "name",
    "status",
    "evaluated",
    "objective",
    "objective_words",
    "objective_value",
    "objective_unit",
    "outcome",
    "outcome_unit",
    "currency",
    "periods",
    "period_unit",
    "budget",
    "total_is_free",
    "reference_budget",
    "hdi",
    "p_better",
    "risk_level",
    "goal",
    "p_goal",
    "reference_p_goal",
    "upper_bound",
    "gap",
    "timing_counted",
    "optimum",
    "seconds",
)


def _flat(name: str, value: Interval) -> dict[str, object]:
    return {name: value.mean, f"{name}_hdi_low": value.low, f"{name}_hdi_high": value.high}


def _spelled(name: str, value: Interval | None) -> dict[str, object]:
    parts = (None, None, None) if value is None else (value.mean, value.low, value.high)
    return {f"{name}_{part}": _plain(x) for part, x in zip(("mean", "hdi_low", "hdi_high"), parts, strict=True)}


def _plain_parts(value: object) -> object:
    """A record for JSON, with the records inside of it."""
    if isinstance(value, dict):
        return {key: _plain_parts(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_parts(each) for each in value]
    return _plain(value)


def _plain(value: object) -> object:
    """A table's cell for JSON: numbers of numpy become Python's, NaN becomes null."""
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
