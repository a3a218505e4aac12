"""The outcome against the total budget, and where to stop."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from budget.config import PlanSection
from budget.planner import Planner
from budget.priced import Priced
from outlay.errors import PlanError
from outlay.style import Written

NEAR = 2e-3
"""Relative width to which the stopping point is found."""


@dataclass(frozen=True)
class StoppingPoint:
    """The total at which one more unit of currency brings the hurdle.

    Attributes
    ----------
    budget, outcome : float
    mroi : float
        Outcome of one more unit of budget there; away from the hurdle where no total that was looked at meets it.
    hurdle : float
    words : str
    """

    budget: float
    outcome: float
    mroi: float
    hurdle: float
    words: str


@dataclass(frozen=True, eq=False)
class Sweep:
    """Best plans at several totals.

    Attributes
    ----------
    currency, outcome_unit : str
    table : DataFrame
        budget, budget_change (against the reference plan's), outcome_mean/_hdi_low/_hdi_high, roi_mean, mroi (of one
        more unit of budget), profit_mean/_hdi_low/_hdi_high (empty without a margin), gap, feasible.
    hurdle : float or None
        Outcome that one unit of currency must bring: one over the margin, one for money without a margin.
    stop : StoppingPoint or None
    hdi : float
        Probability inside the intervals.
    """

    currency: str
    outcome_unit: str
    table: pd.DataFrame
    hurdle: float | None
    stop: StoppingPoint | None
    hdi: float

    def to_json(self) -> dict[str, object]:
        """JSON-ready: no NaN."""
        rows = self.table.astype(object).where(self.table.notna(), None).to_dict("records")
        return {
            "currency": self.currency,
            "outcome_unit": self.outcome_unit,
            "hurdle": self.hurdle,
            "rows": [{str(key): value for key, value in row.items()} for row in rows],
            "stop": None if self.stop is None else vars(self.stop),
        }

    def _repr_html_(self) -> str:
        """The sweep as a notebook shows it."""
        from budget.document_around import SweepOutput
        from budget.shown import sweep_table
        from outlay.html_table import html_table

        counted = "Marginal: what one more unit of budget brings."
        return html_table(sweep_table(SweepOutput.model_validate(self.to_json()), self.hdi, counted))


def sweep(
    planner: Planner,
    section: PlanSection,
    points: int = 11,
    low: float = 0.5,
    high: float = 1.5,
    hurdle: float | None = None,
) -> Sweep:
    """Plan for totals from ``low`` to ``high`` times the budget, and find where one more unit brings the hurdle.

    Parameters
    ----------
    planner : Planner
    section : PlanSection
        Rules hold at every total; the objective is the outcome under its risk.
    points : int
        Totals, evenly spaced.
    low, high : float
        In multiples of the section's budget, or of the reference plan's total.
    hurdle : float, optional
        Default: one over the planner's margin; one where the outcome is money and no margin is known.

    Raises
    ------
    PlanError
        Where no total can keep the rules.
    """
    plain = section.model_copy(
        update={
            "objective": "outcome",
            "target": None,
            "budget_min": None,
            "budget_max": None,
            "target_counts": "media",
        }
    )
    whole = section.budget or planner.reference_budget(plain)
    totals = _Totals(planner, plain)
    rows: list[dict[str, object]] = []
    refused = None
    for total in np.round(whole * np.linspace(low, high, points), 2):
        try:
            found = totals.at(float(total))
        except PlanError as problem:
            refused = problem
            rows.append({"budget": float(total), "budget_change": total / whole - 1.0, "feasible": False})
            continue
        rows.append(_row(found, whole, planner))
    if refused is not None and not totals.found:
        raise refused
    bar = planner.hurdle if hurdle is None else hurdle
    stop = None if bar is None else _stop(totals, bar)
    response = planner.response
    return Sweep(response.currency, response.outcome_unit, pd.DataFrame(rows), bar, stop, planner.hdi)


@dataclass(eq=False)
class _Totals:
    """Best plans by their totals, each found once."""

    planner: Planner
    plain: PlanSection
    found: dict[float, Priced] = field(default_factory=dict)

    def at(self, total: float) -> Priced:
        """The best plan at a total."""
        if total not in self.found:
            self.found[total] = self.planner.priced(self.plain.model_copy(update={"budget": total}))
        return self.found[total]


def _row(found: Priced, whole: float, planner: Planner) -> dict[str, object]:
    judged = found.judged(planner.hdi, planner.margin)
    profit = judged.profit
    return {
        "budget": found.budget,
        "budget_change": found.budget / whole - 1.0,
        "outcome_mean": judged.expected.mean,
        "outcome_hdi_low": judged.expected.low,
        "outcome_hdi_high": judged.expected.high,
        "roi_mean": judged.roi.mean,
        "mroi": found.price,
        "profit_mean": None if profit is None else profit.mean,
        "profit_hdi_low": None if profit is None else profit.low,
        "profit_hdi_high": None if profit is None else profit.high,
        "gap": found.choice.gap,
        "feasible": True,
    }


def _stop(totals: _Totals, hurdle: float) -> StoppingPoint:
    """Where the price of the budget falls to the hurdle: between two totals of the table, by Brent's method.

    The price is the one of the table, with all limits that move with the budget; it falls as the budget rises wherever
    responses are concave. The point is the largest total that was looked at before it falls below the hurdle.
    """
    from scipy.optimize import brentq

    looked = sorted(totals.found)
    after = next((i for i, total in enumerate(looked) if totals.found[total].price < hurdle), None)
    currency = totals.planner.response.currency
    if after is None:
        last = totals.found[looked[-1]]
        at = f"up to {Written(last.budget):,.0f} {currency}, the most looked at"
        words = f"{at}, one more {currency} still brings {Written(last.price):,.3g}"
        return _point(last, hurdle, f"{words}, above {Written(hurdle):,.3g} {currency}")
    if after == 0:
        first = totals.found[looked[0]]
        at = f"already at {Written(first.budget):,.0f} {currency}, the least looked at"
        words = f"{at}, one more {currency} brings {Written(first.price):,.3g} {currency}"
        return _point(first, hurdle, f"{words}, below {Written(hurdle):,.3g} {currency}")
    low, high = looked[after - 1], looked[after]

    def above(total: float) -> float:
        return totals.at(min(max(round(total, 2), low), high)).price - hurdle

    if above(low) > 0.0 and high - low > NEAR * high:
        brentq(above, low, high, xtol=NEAR * high)  # its last two totals lie on either side, so near each other
    stop = max(total for total in totals.found if low <= total < high and above(total) >= 0.0)
    less = f"less than {Written(hurdle):,.3g} {currency}"
    words = f"beyond about {Written(stop):,.0f} {currency} one more {currency} brings {less}"
    return _point(totals.found[stop], hurdle, words)


def _point(found: Priced, hurdle: float, words: str) -> StoppingPoint:
    return StoppingPoint(found.budget, found.expected, found.price, hurdle, words)
