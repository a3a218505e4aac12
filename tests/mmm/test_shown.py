"""A fit in a notebook and as charts: what is drawn are the numbers of its tables."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from mmm import plots
from mmm.media import FittedMedia
from mmm.told import Told
from outlay import style
from tests.cli.kept import fitted_of


@cache
def fitted() -> FittedMedia:
    return fitted_of("panel")


def test_a_notebook_shows_every_channel_with_its_interval_and_the_gate() -> None:
    page, roi = fitted()._repr_html_(), fitted().roi()
    whole = roi[roi["group"].isna()]
    for row in whole[whole["paid"]].itertuples():
        assert str(row.channel) in page
        assert style.ratio_between(row.roi_hdi_low, row.roi_hdi_high) in page
    assert fitted().trust.sentence().split(":")[0] in page


def test_roi_is_drawn_where_the_table_has_it() -> None:
    figure, roi = plots.plot_roi(fitted()), fitted().roi()
    paid = roi[roi["group"].isna() & roi["paid"]].sort_values("roi_mean")
    assert np.allclose(figure.data[-1].x, paid["roi_mean"])


def test_levers_are_no_media_and_take_none_of_its_colours() -> None:
    told = Told.of(fitted())
    first, *others = told.roi
    told = replace(told, roi=(first.model_copy(update={"channel": "markdown", "kind": "lever"}), *others))
    assert set(plots.media_colours(told)) == {row.channel for row in told.total_rows() if row.kind != "lever"}
    assert [trace.name for trace in plots.plot_contributions(told).data] == list(plots.media_colours(told))


def test_every_dot_of_the_returns_is_inside_the_chart() -> None:
    """Channels that the data say little about may have means far beyond the interval of the one that is known."""
    told = Told.of(fitted())
    known, *others = (row for row in told.total_rows() if row.paid)
    sure = {"identified": "yes", "roi_mean": 1.0, "roi_hdi_low": 0.5, "roi_hdi_high": 1.5}
    far = {"identified": "no", "roi_mean": 20.0, "roi_hdi_low": 0.5, "roi_hdi_high": 90.0}
    rows = (known.model_copy(update=sure), *(row.model_copy(update=far) for row in others))
    wide = replace(told, roi=rows)
    assert 20.0 < plots.plot_roi(wide).layout.xaxis.range[1] < 90.0
    assert plots.cut_off(wide) == [row.channel for row in others]


def test_a_curve_passes_through_its_points_and_marks_the_plan() -> None:
    curves = fitted().curves()
    name = str(curves["channel"].iloc[0])
    mine = curves[(curves["channel"] == name) & curves["group"].isna()].sort_values("spend")
    planned = float(mine["spend"].iloc[len(mine) // 2])
    figure = plots.plot_curve(fitted(), name, planned)
    at = next(trace for trace in figure.data if trace.mode == "markers" and trace.x[0] == planned)
    assert at.y[0] == pytest.approx(mine["outcome_mean"].iloc[len(mine) // 2])


def test_the_stack_adds_up_to_the_model() -> None:
    figure, table = plots.plot_decomposition(fitted()), fitted().contributions()
    stacked = np.sum([np.asarray(trace.y, float) for trace in figure.data if trace.stackgroup], axis=0)
    whole = table[table["group"].isna()].groupby("date")["mean"].sum()
    assert np.allclose(stacked, whole)


def test_charts_take_what_is_told_of_a_run_alike() -> None:
    told = Told.of(fitted())
    assert plots.plot_fit(told).to_json() == plots.plot_fit(fitted()).to_json()


@pytest.mark.parametrize("draw", [plots.plot_fit, plots.plot_decomposition, plots.plot_contributions])
def test_charts_of_several_series_have_a_legend(draw: object) -> None:
    assert draw(fitted()).layout.showlegend is not False  # type: ignore[operator]
