"""The outcome against the total budget, and where to stop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from budget.allocation import Allocation
from budget.config import PlanSection
from budget.planner import Planner
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
    rows: list[dict[str, object]] = []
    refused = None
    for total in np.round(whole * np.linspace(low, high, points), 2):
        try:
            found = planner.optimize(plain.model_copy(update={"budget": float(total)}))
        except PlanError as problem:
            refused = problem
            rows.append({"budget": float(total), "budget_change": total / whole - 1.0, "feasible": False})
            continue
        rows.append(_row(found, whole))
    if refused is not None and not any(row["feasible"] for row in rows):
        raise refused
    bar = planner.hurdle if hurdle is None else hurdle
    stop = None if bar is None else _stop(planner, plain, bar, rows)
    response = planner.response
    return Sweep(response.currency, response.outcome_unit, pd.DataFrame(rows), bar, stop, planner.hdi)


def _row(found: Allocation, whole: float) -> dict[str, object]:
    profit = found.profit
    return {
        "budget": found.budget,
        "budget_change": found.budget / whole - 1.0,
        "outcome_mean": found.expected.mean,
        "outcome_hdi_low": found.expected.low,
        "outcome_hdi_high": found.expected.high,
        "roi_mean": found.roi.mean,
        "mroi": budget_price(found),
        "profit_mean": None if profit is None else profit.mean,
        "profit_hdi_low": None if profit is None else profit.low,
        "profit_hdi_high": None if profit is None else profit.high,
        "gap": found.gap,
        "feasible": True,
    }


def budget_price(found: Allocation) -> float | None:
    """Outcome of one more unit of budget; None where the total is free."""
    return next((price.price for price in found.shadow_prices if price.kind == "budget"), None)


def _stop(planner: Planner, plain: PlanSection, hurdle: float, rows: list[dict[str, object]]) -> StoppingPoint | None:
    """Where the price of the budget falls to the hurdle: between two totals of the table, halved until they meet.

    The price is the one of the table, with all limits that move with the budget; it falls as the budget rises wherever
    responses are concave.
    """
    priced = [(float(str(row["budget"])), float(str(row["mroi"]))) for row in rows if row.get("mroi") is not None]
    if not priced:
        return None
    after = next((i for i, (_, price) in enumerate(priced) if price < hurdle), None)
    currency = planner.response.currency
    if after is None:
        budget, price = priced[-1]
        at = f"up to {Written(budget):,.0f} {currency}, the most looked at"
        words = f"{at}, one more {currency} still brings {Written(price):,.3g}"
        return _at(planner, plain, budget, hurdle, f"{words}, above {Written(hurdle):,.3g} {currency}")
    if after == 0:
        budget, price = priced[0]
        at = f"already at {Written(budget):,.0f} {currency}, the least looked at"
        words = f"{at}, one more {currency} brings {Written(price):,.3g} {currency}"
        return _at(planner, plain, budget, hurdle, f"{words}, below {Written(hurdle):,.3g} {currency}")
    low, high = priced[after - 1][0], priced[after][0]
    while high - low > NEAR * high:
        middle = round(0.5 * (low + high), 2)
        price = budget_price(planner.optimize(plain.model_copy(update={"budget": middle}))) or 0.0
        low, high = (middle, high) if price >= hurdle else (low, middle)
    less = f"less than {Written(hurdle):,.3g} {currency}"
    words = f"beyond about {Written(low):,.0f} {currency} one more {currency} brings {less}"
    return _at(planner, plain, low, hurdle, words)


def _at(planner: Planner, plain: PlanSection, budget: float, hurdle: float, words: str) -> StoppingPoint:
    found = planner.optimize(plain.model_copy(update={"budget": budget}))
    return StoppingPoint(found.budget, found.expected.mean, budget_price(found) or 0.0, hurdle, words)
