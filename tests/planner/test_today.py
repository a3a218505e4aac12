"""Today without a browser: fiscal periods of dates, and charts that show every channel."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pandas as pd
import pytest

from outlay.fiscal import Fiscal
from planner.charts_today import returns_chart
from planner.study import Study
from planner.today import Recent, Returned, dated, headline
from tests.budget.synthetic import make_response

RESPONSE = make_response(draws=10)


@pytest.mark.parametrize(("marks", "day"), [("start", "2024-01-01"), ("end", "2024-01-07")])
def test_a_week_has_its_fiscal_name_whichever_of_its_days_the_data_write(marks: str, day: str) -> None:
    """Monday 1 January 2024 begins ISO week 1, and Sunday the 7th ends it."""
    response = replace(RESPONSE, date_marks=marks)
    assert dated(pd.Timestamp(day), response, Fiscal(1, 1)) == f"{day} (FY24 W01)"
    assert dated(pd.Timestamp(day), response, None) == day


def row(channel: str, said: str, roi: tuple[float, float, float]) -> Returned:
    return Returned(channel, "paid", said, (1.0, 0.5, 1.5), 0.1, roi, roi)


def test_every_dot_is_inside_the_chart() -> None:
    """An interval of a channel that the data say little about may leave it, which its line shows."""
    study = SimpleNamespace(money=True, unit="USD", currency="USD")
    rows = [row("tv", "enough", (1.0, 0.5, 2.0)), row("radio", "little", (9.0, 0.5, 80.0))]
    low, high = returns_chart(study, rows).layout.xaxis.range  # type: ignore[arg-type]
    assert low <= 1.0
    assert 9.0 < high < 80.0


def test_returns_of_a_counted_outcome_fill_their_chart() -> None:
    """Leads per dollar are far below one, which means nothing there."""
    study = SimpleNamespace(money=False, unit="leads", currency="USD")
    low, high = returns_chart(study, [row("tv", "enough", (0.02, 0.01, 0.03))]).layout.xaxis.range  # type: ignore[arg-type]
    assert low == 0
    assert 0.03 < high < 0.06


@pytest.mark.parametrize(("money", "said"), [(True, "caused $2.00M of sales (90%"), (False, "caused 2.00M mqls (90%")])
def test_what_media_caused_names_the_outcome_once(money: bool, said: str) -> None:
    total = {f"contribution_{part}": 2e6 for part in ("mean", "hdi_low", "hdi_high")}
    total |= {"spend": 1e6} | {f"roi_{part}": 2.0 for part in ("mean", "hdi_low", "hdi_high")}
    fit = SimpleNamespace(json=lambda _: {}, table=lambda _: pd.DataFrame([total]))
    unit, outcome = ("USD", "sales") if money else ("mqls", "mqls")
    study = SimpleNamespace(fit=fit, money=money, unit=unit, outcome=outcome, currency="USD", hdi=0.9)
    assert said in headline(cast(Study, study), Recent({"tv": 1.0}, "2024-01-01", "2024-01-08", 2))
