"""What the optimizer gets: the same response as history's, and the model's own mean as the baseline of the future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.forecast import RESPONSE_DRAWS, response_draws
from mmm.future import assume_future
from outlay.response import CellWindow, ResponseDraws, cell_response
from tests.mmm.probes import Case, case, case_of
from tests.mmm.simulate import THREE, adstock, saturate, simulate


@pytest.mark.parametrize("name", ["national", "panel", "units"])
def test_a_cell_s_response_is_what_its_last_quarter_did(name: str) -> None:
    """The last 13 periods as a plan: the loop runs history with and without them, carry-over after them included."""
    it = case(name)
    draws = it.draws(n=3)
    response = response_draws(draws)
    panel, l_max = it.design.panel, it.design.l_max
    start = panel.n_periods - 13
    for index, channel in enumerate(response.channels):
        c = panel.channels.index(channel)
        for g in range(panel.n_groups):
            # The response turns spend into exposure by one cost, so the loop's quarter is spend over that cost.
            spend = panel.spend[start:, g, c] + (0.0 if panel.spend[start:, g, c].any() else 100.0)
            total = spend.sum()
            window = CellWindow(
                lead_in=response.exposure[start - l_max + 1 : start, g, index],
                flighting=spend / total,
                value=response.value[start : start + 13 + l_max - 1, g],
            )
            outcome, slope = cell_response(response, g, index, window, np.array([0.0, total, total * 1.001]))
            exposure = np.concatenate(
                [panel.exposure[:start, g, c], spend / response.cost_per_exposure[g, index], np.zeros(l_max - 1)]
            )
            without = exposure.copy()
            without[start:] = 0.0
            value = np.concatenate([panel.value[:, g], it.design.future.value[: l_max - 1, g]])
            about = it.world.channels[c]
            for s in range(draws.n_draws):
                retention = 0.5 ** (1.0 / draws.half_life[s, c]) if about.half_life else 0.0
                shape = replace(about, half_saturation=draws.half_saturation[s, c])
                run, bare = (
                    draws.coefficient[s, g, c] * saturate(shape, adstock(x / it.design.x_scale[g, c], retention, l_max))
                    for x in (exposure, without)
                )
                assert outcome[s, 1] == pytest.approx((value * (run - bare)).sum(), rel=1e-9)
                assert outcome[s, 0] == 0.0
                change = (outcome[s, 2] - outcome[s, 1]) / (0.001 * total)
                assert slope[s, 1] == pytest.approx(change, rel=2e-3)  # a one-sided difference over 0.1 %


def future_mean(it: Case, draws: object, horizon: int) -> np.ndarray:
    """The model's mean in a future built by hand, (S, H, G): last year's controls, levers and organic media."""
    design = it.design
    panel, n = design.panel, design.panel.n_periods
    year = {"weekly": 52, "daily": 364}[panel.frequency.name]  # the same weekday a year before
    rows = n - year + np.arange(horizon) % year if n >= year else np.full(horizon, n - 1)
    out = np.zeros((draws.n_draws, horizon, panel.n_groups))
    columns = design.raw_terms[n:]
    for k, term in enumerate(design.terms):
        # What is not season or trend must be the history's own column at those rows.
        if term.kind in ("control", "lever", "event"):
            np.testing.assert_array_equal(columns[..., k], design.raw_terms[rows][..., k])
    for s in range(draws.n_draws):
        for g in range(panel.n_groups):
            mean = draws.level[s, g] + (columns[:, g] - design.centre[g]) @ draws.terms[s, g]
            for c, about in enumerate(it.world.channels):
                exposure = panel.exposure[:, g, c]
                retention = 0.5 ** (1.0 / draws.half_life[s, c]) if about.half_life else 0.0
                shape = replace(about, half_saturation=draws.half_saturation[s, c])
                ahead = exposure[rows] if about.spend == 0 else np.zeros(0)
                x = np.concatenate([exposure, ahead]) / design.x_scale[g, c]
                effect = draws.coefficient[s, g, c] * saturate(shape, adstock(x, retention, design.l_max))
                mean = mean - effect[design.fit].mean()  # the level holds mean media
                if about.spend == 0:
                    mean = mean + effect[n:]
            out[s, :, g] = mean * panel.value[rows, g]
    return out


@pytest.mark.parametrize("name", ["national", "panel", "units", "daily"])
def test_the_baseline_is_the_model_s_mean_in_a_future_built_by_hand(name: str) -> None:
    it = case(name)
    draws = it.draws(n=2)
    response = response_draws(draws)
    horizon = len(response.future_dates)
    scale = np.abs(response.baseline).max()
    np.testing.assert_allclose(response.baseline, future_mean(it, draws, horizon), rtol=1e-9, atol=1e-12 * scale)


def test_season_and_trend_go_on_by_the_calendar() -> None:
    """The future's season is the calendar's: a year ahead of a date, the same phase within a day."""
    it = case_of(simulate(4, THREE, n=110))
    design = it.design
    n = design.panel.n_periods
    names = [term.name for term in design.terms]
    season, trend = names.index("season sin1"), names.index("trend")
    days = design.future.dates.day_of_year.to_numpy()
    length = np.where(design.future.dates.is_leap_year, 366, 365)
    expected = np.sin(2 * np.pi * (days - 1) / length)
    np.testing.assert_allclose(design.raw_terms[n:, 0, season], expected, atol=1e-12)
    steps = np.diff(design.raw_terms[:, 0, trend])
    np.testing.assert_allclose(steps, steps[0], rtol=1e-9)  # one slope through history and future


def test_a_year_and_the_carry_over_can_be_planned() -> None:
    response = response_draws(case("national").draws(n=2))
    assert len(response.future_dates) == 52 + case("national").design.l_max
    assert response.value.shape == (80 + 60, 1)


def test_with_less_than_a_year_the_last_values_go_on_and_it_is_said() -> None:
    it = case_of(simulate(4, THREE, n=40))
    future = assume_future(it.design.panel, 8)
    np.testing.assert_array_equal(future.controls, np.repeat(it.design.panel.controls[-1:], 60, axis=0))
    assert any("less than a year of data" in line for line in future.assumptions)


def test_cost_per_exposure_is_the_last_year_s_money_over_its_exposure() -> None:
    it = case("panel")
    panel = it.design.panel
    expected = panel.spend[-52:, 1, 4].sum() / panel.exposure[-52:, 1, 4].sum()
    assert it.design.future.cost_per_exposure[1, 4] == pytest.approx(expected)
    assert it.design.future.cost_per_exposure[1, 1] == pytest.approx(1.0)  # search: the spend is the exposure


def test_a_channel_that_rested_for_a_year_keeps_its_older_cost_and_it_is_said() -> None:
    world = simulate(4, THREE, n=110)
    frame = world.frame.copy()
    frame.loc[50:, ["tv_spend", "tv_exposure"]] = 0.0
    future = case_of(replace(world, frame=frame)).design.future
    assert future.cost_per_exposure[0, 0] == pytest.approx(12.0)
    assert any("older cost" in line and "tv" in line for line in future.assumptions)


def test_every_active_channel_is_either_planned_or_in_the_baseline() -> None:
    """A channel declared as paid that never cost anything is not planned; its effect must not vanish."""
    world = simulate(4, THREE, n=80)
    it = case_of(replace(world, frame=world.frame.assign(tv_spend=0.0)))
    draws = it.draws(n=2)
    response = response_draws(draws)
    assert response.channels == ("search",)
    free = it.design.panel.exposure[:, 0, 0]
    ahead = free[80 - 52 + np.arange(60) % 52]
    effect = draws.coefficient[:, 0, 0, None] * draws.saturated(0, 0, np.concatenate([free, ahead]))[:, 80:]
    silent = replace(draws, coefficient=draws.coefficient * [0.0, 1.0, 1.0])
    silent.__dict__["media_mean"] = draws.media_mean  # the same baseline, without the channel's future
    np.testing.assert_allclose(response.baseline[:, :, 0] - response_draws(silent).baseline[:, :, 0], effect, rtol=1e-7)


@pytest.mark.parametrize("n, kept", [(300, 600), (2000, RESPONSE_DRAWS)])
def test_draws_are_thinned_evenly(n: int, kept: int) -> None:
    draws = case("bare").draws(n=n)
    response = response_draws(draws)
    assert response.n_draws == kept
    place = np.searchsorted(np.sort(draws.half_saturation[:, 0]), response.half_saturation[:, 0])
    assert len(np.unique(place)) == kept  # no draw twice


def test_units_without_a_value_are_told_in_units() -> None:
    world = simulate(4, THREE, n=60, kpi_type="units")
    response: ResponseDraws = response_draws(case_of(world).draws(n=2))
    assert not response.money
    assert response.outcome_unit == "sales"
    valued = response_draws(case("units").draws(n=2))
    assert valued.money
    assert (valued.outcome, valued.outcome_unit) == ("value of sales", "EUR")
