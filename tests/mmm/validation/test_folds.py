"""Folds: where they begin, what they may see, and that their forecasts are the model's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.validation.folds import cross_validate, earliest_origin, fold_origins
from mmm.validation.naive import naive_forecast
from mmm.validation.predictive import ahead
from mmm.validation.refits import until
from tests.mmm.validation.fitters import conjugate_fit
from tests.mmm.validation.markets import data, fit, market


def test_origins_end_with_the_last_and_lie_at_most_a_horizon_apart() -> None:
    assert fold_origins(100, 196, 10, 13) == tuple(range(106, 197, 10))
    assert fold_origins(20, 400, 3, 13) == (374, 387, 400)
    assert fold_origins(50, 52, 10, 13) == (52,)
    assert fold_origins(60, 50, 10, 13) == ()


def test_the_first_origin_has_half_of_the_rows_and_a_year_where_there_are_two() -> None:
    panel, _ = data()
    assert earliest_origin(panel, 13, 13) == 13 + 52 + 8  # 130 weeks: more than half, 65
    assert earliest_origin(until(panel, 60), 4, 13) == 30  # less than two years: half of the rows


def test_naive_repeats_last_year_with_its_own_errors() -> None:
    year = 4
    kpi = np.array([1.0, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6])[:, None]
    found = naive_forecast(kpi, 5, year)
    assert found.how == "same period last year"
    np.testing.assert_array_equal(found.middle[:, 0], [4, 5, 6, 7, 4])  # last year plus one, which was always the error
    assert len(found.draws[0]) == len(kpi) - year


def test_naive_repeats_the_last_value_where_there_is_no_year() -> None:
    kpi = np.arange(12.0)[:, None]
    found = naive_forecast(kpi, 3, 52)
    assert found.how == "last value"
    np.testing.assert_array_equal(found.middle[:, 0], [12, 13, 14])  # each distance has its own past errors


@pytest.mark.parametrize("panel", [False, True])
def test_a_forecast_is_the_sum_of_its_parts(panel: bool) -> None:
    """One draw by plain loops: level, columns in the fit's scales, and media that carry over from history."""
    whole, section = data(panel)
    n, horizon = whole.n_periods - 6, 6
    draws = conjugate_fit(until(whole, n), section, market(panel).project, 3).draws
    design, s = draws.design, 7
    mean = ahead(draws, whole, horizon, 1).mean[s]
    for g in range(whole.n_groups):
        total = np.zeros(whole.n_periods)
        for c in range(whole.n_channels):
            x = whole.exposure[:, g, c] / design.x_scale[g, c]
            w = draws.weights(c)[s]
            carried = np.array([sum(w[lag] * x[t - lag] for lag in range(len(w)) if t >= lag) for t in range(len(x))])
            k = draws.half_saturation[s, c]
            total += draws.coefficient[s, g, c] * carried / (carried + k)
        base = draws.level[s, g] - total[design.fit].mean()
        names = [term.name for term in design.terms]
        terms = draws.terms[s, g] @ (_columns(names, whole, design, n)[:, g] - design.centre[g]).T
        np.testing.assert_allclose(mean[:, g], base + total[n:] + terms, rtol=1e-9)


def _columns(names, whole, design, n):  # type: ignore[no-untyped-def]
    """The baseline's columns of the last rows, made by hand from the panel."""
    from mmm.calendar import year_phase

    days = (whole.dates - design.panel.dates[design.fit][0]).days.to_numpy().astype(float)
    time = days / days[n - 1]
    phase = 2 * np.pi * year_phase(whole.dates)
    out = []
    for name in names:
        kind, _, rest = name.partition(" ")
        if kind == "trend":
            column = np.repeat((time - 0.5)[:, None], whole.n_groups, 1)
        elif kind == "season":
            wave = np.sin if rest.startswith("sin") else np.cos
            column = np.repeat(wave(int(rest[3:]) * phase)[:, None], whole.n_groups, 1)
        elif kind == "control":
            seen = whole.controls[..., 0]
            scored = seen[design.fit.start : n]
            column = (seen - scored.mean(0)) / np.sqrt(np.square(scored - scored.mean(0)).mean())
        else:
            seen = whole.levers[..., 0]
            scored = seen[design.fit.start : n]
            column = (seen - scored.mean()) / np.sqrt(np.square(scored - scored.mean(0)).mean())
        out.append(column[n:])
    return np.stack(out, -1)


def test_a_fold_does_not_look_ahead() -> None:
    """Another KPI after the origins changes no forecast, and every score."""
    it = fit()
    found = cross_validate(it, conjugate_fit, 2, 8)
    kpi = it.design.panel.kpi.copy()
    first = found.folds[0].origin
    kpi[first:] *= 1.5
    other = replace(it, design=replace(it.design, panel=replace(it.design.panel, kpi=kpi)))
    changed = cross_validate(other, conjugate_fit, 2, 8)
    np.testing.assert_array_equal(found.folds[0].middle, changed.folds[0].middle)
    assert (found.folds[0].crps < changed.folds[0].crps).all()


def test_a_right_model_beats_repetition_and_its_intervals_hold() -> None:
    """Noise is 3 % of the level; repetition has the changes of media and promotions against it."""
    found = cross_validate(fit(), conjugate_fit, 4, 13)
    assert found.skill - 2 * found.skill_error > 0
    share, error = found.coverage[0.9]
    assert abs(share - 0.9) < 3 * error
    assert list(found.by_group["group"]) == [None]
    assert len(found.by_fold) == 4


def test_a_panel_is_scored_by_group_too() -> None:
    found = cross_validate(fit(True), conjugate_fit, 2, 8)
    assert list(found.by_group["group"]) == [None, "north", "south"]
    cells = found.by_group["crps"]
    assert cells[0] == pytest.approx((cells[1] + cells[2]) / 2)


def test_too_few_periods_give_no_verdict() -> None:
    assert cross_validate(fit(), conjugate_fit, 10, 60) is None
