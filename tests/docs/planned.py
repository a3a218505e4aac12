"""The market of the planning pages: five channels in two regions, spending about a million a week."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd

from attribution.refine import in_money
from outlay.response import ResponseDraws
from tests.budget.leads import make_downstream
from tests.budget.synthetic import make_response

CHANNELS = ("tv", "radio", "search", "social", "display")
GROUPS = ("north", "south")
WEEKS, FUTURE = 70, 40
SIZE = 80.0


@cache
def market() -> ResponseDraws:
    """Draws whose next period begins on 2025-01-06, with spend of some tens of thousands a week in each region."""
    small = make_response(seed=5, channels=len(CHANNELS), groups=len(GROUPS), draws=60, periods=WEEKS, future=FUTURE)
    dates = pd.date_range(end="2024-12-30", periods=WEEKS, freq="7D")
    return replace(
        small,
        channels=CHANNELS,
        groups=GROUPS,
        dates=dates,
        future_dates=pd.date_range("2025-01-06", periods=FUTURE, freq="7D"),
        spend=(SIZE * small.spend).round(2),
        cost_per_exposure=SIZE * small.cost_per_exposure,
        coefficient=SIZE * small.coefficient,
        baseline=SIZE * small.baseline,
    )


@cache
def market_of_leads() -> ResponseDraws:
    """The same market where the KPI is leads, some hundreds a week, in the money that they turn into."""
    sales = market()
    leads = replace(
        sales,
        outcome="mqls",
        outcome_unit="mqls",
        money=False,
        coefficient=sales.coefficient / 2_000.0,
        baseline=sales.baseline / 2_000.0 / SIZE,
    )
    return in_money(leads, replace(make_downstream(leads, 5), segments=("enterprise", "mid_market", "small_business")))
