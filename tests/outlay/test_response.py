"""The response of a cell, against a loop over draws and periods; and the file that holds the draws."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from outlay.errors import RunError
from outlay.response import (
    NATIONAL,
    CellWindow,
    ResponseDraws,
    cell_response,
    load_response,
    periods_per_year,
    save_response,
)
from outlay.transforms import SATURATIONS

FAMILIES = tuple(sorted(SATURATIONS))


def make_response(saturation: str = "hill", l_max: int = 4, groups: int = 2, *, first: bool = False) -> ResponseDraws:
    rng = np.random.default_rng(3)
    draws, channels, periods, future = 5, 2, 20, 6
    days = pd.date_range("2024-01-01", periods=periods + future, freq="7D")
    return ResponseDraws(
        outcome="sales",
        outcome_unit="USD",
        money=True,
        currency="USD",
        period_days=7,
        channels=("tv", "söcial"),
        groups=(NATIONAL,) if groups == 1 else ("north", "south"),
        saturation=(saturation,) * channels,
        saturation_first=(first, False),
        link="identity",
        l_max=l_max,
        dates=days[:periods],
        future_dates=days[periods:],
        weights=rng.dirichlet(np.ones(l_max), (draws, channels)),
        half_saturation=rng.uniform(0.5, 3.0, (draws, channels)),
        exponent=rng.uniform(0.3, 1.0, (draws, channels)),
        coefficient=rng.uniform(10.0, 90.0, (draws, groups, channels)),
        scale=rng.uniform(50.0, 90.0, (groups, channels)),
        exposure=rng.uniform(0.0, 100.0, (periods, groups, channels)),
        spend=rng.uniform(0.0, 200.0, (periods, groups, channels)),
        cost_per_exposure=rng.uniform(0.5, 4.0, (groups, channels)),
        value=rng.uniform(1.0, 2.0, (periods + future, groups)),
        baseline=rng.uniform(100.0, 200.0, (draws, future, groups)),
        assumptions=("prices stay", "same weeks last year"),
    )


def saturate(family: str, x: float, k: float, s: float) -> float:
    """The formulas, written again by hand."""
    if x == 0:
        return 0.0
    return {
        "hill": lambda: 1 / (1 + (k / x) ** s),
        "michaelis_menten": lambda: x / (x + k),
        "logistic": lambda: (1 - 3 ** (-x / k)) / (1 + 3 ** (-x / k)),
        "tanh": lambda: math.tanh(math.atanh(0.5) * x / k),
        "root": lambda: x**s,
        "none": lambda: x,
    }[family]()


def naive(response: ResponseDraws, group: int, channel: int, window: CellWindow, total: float, draw: int) -> float:
    """Outcome of one draw, period by period, from the definition."""
    spend = list(total * window.flighting) + [0.0] * (len(window.value) - len(window.flighting))
    scale = response.scale[group, channel]
    bought = [amount / response.cost_per_exposure[group, channel] / scale for amount in spend]
    lead = [exposure / scale for exposure in window.lead_in]
    weights = response.weights[draw, channel]

    def sat(x: float) -> float:
        k, s = response.half_saturation[draw, channel], response.exponent[draw, channel]
        return saturate(response.saturation[channel], x, k, s)

    def adstock(path: list[float], period: int) -> float:
        at = len(lead) + period
        return sum(weights[lag] * path[at - lag] for lag in range(response.l_max))

    def effect(path: list[float], period: int) -> float:
        if response.saturation_first[channel]:
            return adstock([sat(x) for x in path], period)
        return sat(adstock(path, period))

    outcome = 0.0
    for period, value in enumerate(window.value):
        gained = effect(lead + bought, period) - effect(lead + [0.0] * len(bought), period)
        outcome += value * response.coefficient[draw, group, channel] * gained
    return outcome


def window_of(response: ResponseDraws, *, after: bool = True, horizon: int = 5) -> CellWindow:
    rng = np.random.default_rng(8)
    flighting = rng.dirichlet(np.ones(horizon))
    counted = horizon + (response.l_max - 1 if after else 0)
    return CellWindow(rng.uniform(0, 80, response.l_max - 1), flighting, rng.uniform(0.5, 2.0, counted))


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("saturation", FAMILIES)
@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("l_max", [1, 4, 9])
def test_outcome_is_the_definition(saturation, first, after, l_max):
    response = make_response(saturation, l_max, first=first)
    window = window_of(response, after=after)
    totals = np.array([0.0, 130.0, 900.0])
    outcome, _ = cell_response(response, 1, 0, window, totals)
    expected = [[naive(response, 1, 0, window, total, draw) for total in totals] for draw in range(5)]
    # Both are sums of a few terms of order 100, so they agree to 1e-11 of that.
    assert outcome == pytest.approx(np.array(expected), abs=1e-9)
    assert (outcome[:, 0] == 0.0).all()


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("saturation", FAMILIES)
def test_slope_is_the_finite_difference(saturation, first):
    response = make_response(saturation, first=first)
    window = window_of(response)
    totals, step = np.array([5.0, 200.0, 1500.0]), 0.01
    slope = cell_response(response, 0, 0, window, totals)[1]
    above, below = (cell_response(response, 0, 0, window, totals + sign * step)[0] for sign in (1, -1))
    # A central difference errs by (step / total)^2 times a few, 1e-5 at the smallest total of a root that starts at
    # zero, and by rounding over the step.
    assert slope == pytest.approx((above - below) / (2 * step), rel=2e-5, abs=1e-9)


@pytest.mark.parametrize("saturation", FAMILIES)
def test_slope_at_no_spend_is_the_limit_from_above(saturation):
    """With carry-over from before in every period; without it a root and a flat Hill curve rise infinitely steeply."""
    response = make_response(saturation)
    carried = window_of(response, after=False, horizon=3)  # four weights: the last period still has one week before
    tiny = np.array([0.0, 1e-6])
    outcome, slope = cell_response(response, 0, 0, carried, tiny)
    # A millionth of a currency unit: the secant errs by the curvature times that, and by 1e-14 of rounding over it.
    assert slope[:, 0] == pytest.approx(outcome[:, 1] / 1e-6, rel=1e-5, abs=1e-7)
    empty = replace(carried, lead_in=np.zeros_like(carried.lead_in))
    slope = cell_response(response, 0, 0, empty, np.zeros(1))[1]
    assert np.isinf(slope).all() == (saturation in ("root", "hill"))
    assert not np.isnan(slope).any()


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("saturation", ["root", "hill", "none", "logistic"])
def test_money_that_buys_nothing_has_no_outcome_and_no_slope(saturation, first):
    """An infinite slope times no exposure is nothing; so is an effect of zero."""
    response = make_response(saturation, first=first)
    empty = replace(window_of(response), lead_in=np.zeros(3), flighting=np.array([0.0, 1.0, 0.0, 0.0, 0.0]))
    dear = replace(response, cost_per_exposure=np.full((2, 2), np.inf))
    idle = replace(response, coefficient=np.zeros_like(response.coefficient))
    for case in (dear, idle):
        outcome, slope = cell_response(case, 0, 0, empty, np.array([0.0, 10.0]))
        assert (outcome == 0.0).all()
        assert (slope == 0.0).all()
    # Periods without flighting stay at zero exposure: they add nothing, and no infinity, to a slope elsewhere.
    assert np.isfinite(cell_response(response, 0, 0, empty, np.array([10.0]))[1]).all()


def test_a_straight_line_does_not_know_the_past():
    response = make_response("none")
    window = window_of(response)
    other = replace(window, lead_in=np.zeros_like(window.lead_in))
    totals = np.array([0.0, 10.0, 1e6])
    (outcome, slope), (same, _) = (cell_response(response, 0, 0, case, totals) for case in (window, other))
    assert np.array_equal(outcome, same)
    assert np.array_equal(outcome, slope * totals)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("saturation", [family for family in FAMILIES if family != "none"])
def test_outcome_rises_and_flattens(saturation, first):
    response = make_response(saturation, first=first)
    outcome, slope = cell_response(response, 0, 0, window_of(response), np.linspace(0, 5_000, 50))
    assert (np.diff(outcome, axis=1) > 0).all()
    assert (np.diff(slope, axis=1) < 0).all()


def test_carry_over_after_the_window_adds_outcome():
    response = make_response()
    longer = window_of(response)
    shorter = replace(longer, value=longer.value[:5])
    totals = np.array([500.0])
    assert (cell_response(response, 0, 0, longer, totals)[0] > cell_response(response, 0, 0, shorter, totals)[0]).all()


@pytest.mark.parametrize("groups", [1, 2])
def test_file_gives_back_every_field(tmp_path, groups):
    response = replace(make_response(groups=groups, first=True), link="log")
    save_response(response, tmp_path / "response.nc")
    loaded = load_response(tmp_path / "response.nc")
    for field in fields(ResponseDraws):
        before, after = getattr(response, field.name), getattr(loaded, field.name)
        if isinstance(before, np.ndarray | pd.DatetimeIndex):
            assert np.array_equal(before, after), field.name
        else:
            assert before == after, field.name
            assert type(before) is type(after), field.name
    assert loaded.is_panel == (groups == 2)
    some = loaded.take(np.array([0, 3]))
    assert some.n_draws == 2
    for name in ("weights", "half_saturation", "exponent", "coefficient", "baseline"):
        assert np.array_equal(getattr(some, name), getattr(response, name)[[0, 3]]), name


def test_one_channel_comes_back_as_a_tuple(tmp_path):
    # netCDF gives a list of one string back as a string.
    response = make_response()
    single = replace(
        response,
        channels=("tv",),
        saturation=("hill",),
        saturation_first=(True,),
        weights=response.weights[:, :1],
        assumptions=(),
        **{
            name: getattr(response, name)[..., :1]
            for name in (
                "half_saturation",
                "exponent",
                "coefficient",
                "scale",
                "exposure",
                "spend",
                "cost_per_exposure",
            )
        },
    )
    save_response(single, tmp_path / "one.nc")
    loaded = load_response(tmp_path / "one.nc")
    assert loaded.channels == ("tv",)
    assert loaded.saturation == ("hill",)
    assert loaded.saturation_first == (True,)
    assert loaded.assumptions == ()


def test_no_paid_channel_comes_back_as_none(tmp_path):
    response = make_response()
    none = replace(
        response,
        channels=(),
        saturation=(),
        saturation_first=(),
        weights=response.weights[:, :0],
        **{
            name: getattr(response, name)[..., :0]
            for name in (
                "half_saturation",
                "exponent",
                "coefficient",
                "scale",
                "exposure",
                "spend",
                "cost_per_exposure",
            )
        },
    )
    save_response(none, tmp_path / "none.nc")
    loaded = load_response(tmp_path / "none.nc")
    assert (loaded.channels, loaded.saturation, loaded.saturation_first) == ((), (), ())
    assert loaded.weights.shape == (5, 0, 4)


def test_damaged_files_are_refused_in_words(tmp_path):
    whole = tmp_path / "response.nc"
    save_response(make_response(), whole)
    content = whole.read_bytes()
    for name, bad in (("cut", content[: len(content) // 2]), ("text", b"not a response"), ("empty", b"")):
        path = tmp_path / f"{name}.nc"
        path.write_bytes(bad)
        with pytest.raises(RunError) as caught:
            load_response(path)
        assert caught.value.id == "R003", name
    with pytest.raises(RunError):
        load_response(tmp_path / "absent.nc")


@pytest.mark.parametrize("format", [1, 99])
def test_a_file_of_another_format_is_refused(tmp_path, format):
    """Also the first one, which knew a retention per channel and nothing else of adstock."""
    import h5netcdf

    path = tmp_path / "response.nc"
    save_response(make_response(), path)
    with h5netcdf.File(path, "a") as file:
        file.attrs["format"] = format
    with pytest.raises(RunError, match=f"its format is {format} ") as caught:
        load_response(path)
    assert caught.value.id == "R004"


def test_dates_that_mark_ends_and_unplanned_money_come_back(tmp_path):
    response = make_response()
    spend = tuple(float(week) for week in range(len(response.dates)))
    told = replace(response, date_marks="end", unplanned=(("radio", spend), ("söcial 2", spend[::-1])))
    save_response(told, tmp_path / "told.nc")
    loaded = load_response(tmp_path / "told.nc")
    assert loaded.date_marks == "end"
    assert loaded.unplanned == told.unplanned


@pytest.mark.parametrize("levers", [(), ("märkdown",), ("a", "b")])
def test_levers_come_back(tmp_path, levers):
    save_response(replace(make_response(), levers=levers), tmp_path / "levers.nc")
    assert load_response(tmp_path / "levers.nc").levers == levers


def test_a_file_that_says_nothing_of_marks_or_levers_has_starts_and_none(tmp_path):
    """Files written before the field existed are still read."""
    import h5netcdf

    path = tmp_path / "old.nc"
    save_response(make_response(), path)
    with h5netcdf.File(path, "a") as file:
        del file.attrs["date_marks"]
        del file.attrs["levers"]
    assert load_response(path).levers == ()
    assert (load_response(path).date_marks, load_response(path).unplanned) == ("start", ())


@pytest.mark.parametrize(("days", "periods"), [(1, 364), (7, 52), (30, 12)])
def test_a_year_of_periods_keeps_the_season_and_the_weekday(days, periods):
    assert periods_per_year(days) == periods
    assert days != 1 or periods % 7 == 0
