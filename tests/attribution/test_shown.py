"""Leads, grades, journeys and goals in notebooks: their tables show the numbers of the results."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from attribution.config_score import ScoreSection
from attribution.conversion import ConversionModel
from attribution.credit import attribute
from attribution.plots_conversion import plot_rates
from attribution.plots_journeys import plot_shares
from attribution.plots_scores import plot_caught
from attribution.scores import score_leads
from attribution.shown import rates_between
from outlay import style
from tests.attribution.carded import carded
from tests.attribution.cells_worlds import about, section, world
from tests.attribution.scored import leads
from tests.attribution.test_credit import _counts, simulate
from tests.attribution.test_scorecard import simple
from tests.attribution.touches import section as journeys


def test_conversion_shows_rates_with_their_intervals() -> None:
    fitted = ConversionModel(world(3000, {"segment": 3, "channel": 2}, seed=3).cells, section(), about()).preview()
    page, rates = fitted._repr_html_(), fitted.rates(("segment",))
    for row in rates.itertuples():
        assert rates_between(row.low, row.high) in page
    drawn = plot_rates(fitted).data[-1]  # the dots, from the last level up
    told = fitted.tables()["rates"]
    ends = told[(told["dimension"] == "segment") & (told["stage"] == "end to end")]
    assert np.allclose(drawn.x, 100 * ends["mean"][::-1])


def test_grades_show_what_they_would_have_caught() -> None:
    found = score_leads(leads(1500)[0], ScoreSection(classifier="logistic"))
    page, table = found._repr_html_(), found.tables["captures"]
    for row in table[table["by"] == "score"].itertuples():
        assert style.percent(row.rate) in page
    drawn = next(trace for trace in plot_caught(found).data if trace.name == "score")
    assert np.allclose(drawn.y, table.loc[table["by"] == "score", "caught"][:4])


def test_journeys_show_every_model_and_what_credit_is_not() -> None:
    counts = _counts(simulate(np.random.default_rng(1), 200))
    found = attribute(counts, journeys(draws=200), about())
    page = found._repr_html_()
    assert all(channel in page for channel in found.table["channel"].unique())
    assert "Credit is not cause" in page
    linear = found.table[
        (found.table["model"] == "linear") & found.table["segment"].isna() & found.table["period"].isna()
    ]
    assert any(np.allclose(trace.x, linear["share"]) for trace in plot_shares(found).data)


def test_a_scorecard_shows_the_month_of_all_leads(tmp_path: Path) -> None:
    page = carded(simple(tmp_path, date(2025, 3, 10)))._repr_html_()
    assert "2025-02" in page
    assert "mql" in page
