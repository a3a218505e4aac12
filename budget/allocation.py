"""The recommended plan with its certificate, prices and judgement, ready for tables and JSON."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from datetime import date

import pandas as pd

from budget.judge import Interval
from outlay.findings import Finding


@dataclass(frozen=True)
class ShadowPrice:
    """What one more unit of something that binds is worth.

    Attributes
    ----------
    rule : str
        ``budget``, or the rule in the planner's words.
    kind : str
        ``budget``, ``min``, ``max``, ``max_change``, ``min_share``, ``max_share`` or ``range``.
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
        Mean outcome of the best plan on those draws.
    bound : float
        What no plan within the rules can exceed on those draws.
    gap : float
        (bound - value) / value.
    draws : int
        How many draws they were; the others judged the plan.
    rounds : int
        Linear programs solved.
    solver, status : str
        Solver and its last status.
    """

    value: float
    bound: float
    gap: float
    draws: int
    rounds: int
    solver: str
    status: str


@dataclass(frozen=True)
class Allocation:
    """A plan beside the reference plan.

    Attributes
    ----------
    status : str
        In words.
    evaluated : bool
        True where the plan was brought by the user and not chosen here.
    objective : str
        What was made as large as possible.
    outcome, outcome_unit, currency : str
        Units of everything below.
    money : bool
        True where the outcome is money, so that outcome over spend is an ROI.
    start, end : date
        Dates of the first and of the last period of the window, as the data write them.
    periods : int
    budget : float
        Total over the window; ``rows`` sums to it exactly.
    reference_words : str
        What the reference plan is.
    expected, reference, gain, roi : Interval
        On draws that the optimizer did not see, ``hdi`` inside the interval.
    p_better : float
        Probability that the plan beats the reference plan, on the same draws.
    hdi : float
    upper_bound : float or None
        Expected outcome that no plan within the rules can exceed on the draws that judged the plan, even one chosen
        with knowledge of them; ``upper_bound >= expected.mean``. None where an evaluated plan breaks rules: the bound
        does not hold for such a plan.
    gap : float or None
        How far this plan can be from the best one within the rules, as a share of its outcome on the draws that the
        optimizer saw: the certificate's for a plan chosen here. Never negative. None where an evaluated plan breaks
        rules.
    certificate : Certificate
    table : DataFrame
        One row per cell: channel, group, period (None: totals over the window), reference_spend, spend, change (in
        currency), change_share (0.1 is +10 %), lower, upper, mroi, binding, outcome_mean/_hdi_low/_hdi_high,
        reference_outcome_mean, roi_mean/_hdi_low/_hdi_high, extrapolated.
    flighting : DataFrame
        Spend per period that both plans keep to: date, channel, group, reference_spend, spend.
    shadow_prices : tuple of ShadowPrice
    broken_rules : tuple of str
        Rules that an evaluated plan breaks; empty for a plan chosen here.
    timing_gain : Interval or None
        What an evaluated plan's own timing brings over the reference timing.
    optimum : float or None
        Expected outcome of the best plan within the rules, where the plan was brought by the user.
    findings : tuple of Finding
    assumptions : tuple of str
    seconds : float
    """

    status: str
    evaluated: bool
    objective: str
    outcome: str
    outcome_unit: str
    currency: str
    money: bool
    start: date
    end: date
    periods: int
    period_unit: str
    budget: float
    reference_words: str
    expected: Interval
    reference: Interval
    gain: Interval
    roi: Interval
    p_better: float
    hdi: float
    upper_bound: float | None
    gap: float | None
    certificate: Certificate
    table: pd.DataFrame
    flighting: pd.DataFrame
    shadow_prices: tuple[ShadowPrice, ...]
    broken_rules: tuple[str, ...]
    timing_gain: Interval | None
    optimum: float | None
    findings: tuple[Finding, ...]
    assumptions: tuple[str, ...]
    seconds: float

    def to_json(self) -> dict[str, object]:
        """The document that ``outlay plan --json`` prints (JSON-ready: no NaN)."""
        document: dict[str, object] = {
            name: getattr(self, name)
            for name in (
                "status",
                "evaluated",
                "objective",
                "outcome",
                "outcome_unit",
                "currency",
                "periods",
                "period_unit",
                "budget",
                "hdi",
            )
        }
        document |= {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "reference_plan": self.reference_words,
        }
        document |= _flat("expected", self.expected) | _flat("reference", self.reference)
        document |= {"gain_mean": self.gain.mean, "gain_hdi_low": self.gain.low, "gain_hdi_high": self.gain.high}
        document |= {"roi_mean": self.roi.mean, "roi_hdi_low": self.roi.low, "roi_hdi_high": self.roi.high}
        document |= {
            "p_better": self.p_better,
            "upper_bound": self.upper_bound,
            "gap": self.gap,
            "certificate": asdict(self.certificate),
            "rows": [{key: _plain(value) for key, value in row.items()} for row in self.table.to_dict("records")],
            "shadow_prices": [asdict(price) for price in self.shadow_prices],
            "broken_rules": list(self.broken_rules),
            "timing_gain": None if self.timing_gain is None else asdict(self.timing_gain),
            "optimum": self.optimum,
            "findings": [finding.as_dict() for finding in self.findings],
            "assumptions": list(self.assumptions),
            "seconds": self.seconds,
        }
        return document


def _flat(name: str, value: Interval) -> dict[str, object]:
    return {name: value.mean, f"{name}_hdi_low": value.low, f"{name}_hdi_high": value.high}


def _plain(value: object) -> object:
    """A table's cell for JSON: numbers of numpy become Python's, NaN becomes null."""
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
