"""The outcome taken apart: the parts are counted from where they are said to be, and add up."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.contributions import components, decompose
from mmm.draws import MediaDraws
from outlay.summary import hdi_bounds
from tests.mmm.probes import case

CASES = ("national", "panel", "units", "bare", "daily")


def naive_mean(draws: MediaDraws) -> np.ndarray:
    """Level, centred baseline and centred media, (S, F, G), outcome units: the model's own sum."""
    design = draws.design
    panel, fit = design.panel, design.fit
    columns = design.raw_terms[fit] - design.centre
    mean = draws.level[:, None, :] + np.einsum("sgk,fgk->sfg", draws.terms, columns)
    for g in range(panel.n_groups):
        for c in np.flatnonzero(design.active):
            media = draws.effect(g, int(c))[:, fit]
            mean[:, :, g] += media - media.mean(1, keepdims=True)
    return mean * panel.value[fit]


@pytest.mark.parametrize("name", CASES)
def test_parts_add_up_to_the_fitted_mean(name: str) -> None:
    draws = case(name).draws()
    total = sum(part.draws for part in components(draws))
    np.testing.assert_allclose(total, naive_mean(draws), rtol=1e-9)


def part_of(name: str, component: str) -> np.ndarray:
    return next(part.draws for part in components(case(name).draws()) if part.name == component)


def test_a_lever_does_nothing_at_its_reference() -> None:
    it = case("panel")
    depth = it.design.panel.levers[it.design.fit][..., 0]
    part = part_of("panel", "discount")
    np.testing.assert_allclose(part[:, depth == it.design.panel.lever_reference[0]], 0.0, atol=1e-9)
    assert (np.abs(part[:, depth > 0.1]) > 0).all()


def test_controls_count_from_their_mean() -> None:
    it = case("national")
    np.testing.assert_allclose(part_of("national", "controls").mean((1, 2)), 0.0, atol=1e-9 * it.design.y_scale[0])


def test_weekdays_move_nothing_between_season_and_base() -> None:
    """Over a whole week the weekday effects cancel; counted from zero, their sum was left to the prior."""
    draws = case("daily").draws(n=40)
    design = draws.design
    days = [k for k, term in enumerate(design.terms) if term.name.startswith("weekday")]
    waves = [k for k, term in enumerate(design.terms) if term.kind == "season" and k not in days]
    columns = design.raw_terms[design.fit]
    season = next(part.draws for part in components(draws) if part.name == "season")
    weekday = season - np.einsum("sgk,fgk->sfg", draws.terms[..., waves], columns[..., waves])
    week = weekday[:, : 7 * (weekday.shape[1] // 7)].reshape(draws.n_draws, -1, 7).sum(2)
    np.testing.assert_allclose(week, 0.0, atol=1e-9 * design.y_scale[0])


def test_kinds_and_names_of_the_parts() -> None:
    parts = [(part.name, part.kind) for part in components(case("national").draws())]
    assert parts == [
        ("base", "baseline"),
        ("season", "baseline"),
        ("controls", "baseline"),
        ("discount", "lever"),
        ("tv", "paid"),
        ("search", "paid"),
        ("mail", "organic"),
        ("radio", "paid"),
        ("social", "paid"),
    ]


def test_tables_have_every_part_period_and_group_once() -> None:
    it = case("panel")
    tables = decompose(it.draws(), 0.9, seed=1)
    by = tables.by_period
    assert not by.duplicated(["date", "group", "component"]).any()
    assert len(by) == 9 * (3 + 1) * len(it.design.y)  # 9 parts; 3 groups and their total
    whole = by[by["group"].isna()].set_index(["component", "date"])["mean"]
    split = by[by["group"].notna()].groupby(["component", "date"])["mean"].sum()
    np.testing.assert_allclose(split.loc[whole.index], whole, rtol=1e-9, atol=1e-6)


def test_means_of_the_parts_add_up_to_the_fitted_mean_of_the_table() -> None:
    tables = decompose(case("national").draws(), 0.9, seed=1)
    added = tables.by_period.groupby("date")["mean"].sum().to_numpy()
    np.testing.assert_allclose(added, tables.fit["mean"], rtol=1e-9)
    np.testing.assert_allclose(tables.fit["residual"], tables.fit["actual"] - tables.fit["mean"], rtol=1e-12)


def test_the_predictive_interval_holds_the_noise() -> None:
    """One draw repeated: the interval of the fit is then the noise alone, 90 % of it 3.29 sds wide."""
    it = case("bare")
    draws = it.draws(n=1, chains=1)
    many = type(draws)(
        design=draws.design,
        **{
            name: np.repeat(getattr(draws, name), 4000, axis=0)
            for name in (
                "half_life",
                "adstock_shape",
                "half_saturation",
                "exponent",
                "share",
                "coefficient",
                "level",
                "terms",
                "sigma",
            )
        },
    )  # fmt: skip
    fit = decompose(many, 0.9, seed=5).fit
    width = (fit["hdi_high"] - fit["hdi_low"]).mean()
    # The narrowest interval of 4000 draws is a few per cent too narrow; 36 periods make the mean of it steady.
    assert width == pytest.approx(2 * 1.6449 * draws.sigma[0, 0], rel=0.05)


def test_a_long_panel_is_thinned_evenly_and_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    it = case("national")
    draws = it.draws(n=60)
    whole = decompose(draws, 0.9, seed=1)
    monkeypatch.setattr("mmm.contributions._NUMBERS", 0)
    monkeypatch.setattr("mmm.contributions._FEWEST", 40)
    thinned = decompose(draws, 0.9, seed=1)
    assert (whole.draws, thinned.draws) == (120, 40)  # every third
    # Means are of all draws either way, and the interval of a part is that of the draws that were kept.
    np.testing.assert_allclose(thinned.fit["mean"], whole.fit["mean"], rtol=1e-12)
    np.testing.assert_allclose(thinned.by_period["mean"], whole.by_period["mean"], rtol=1e-9)
    base = next(part.draws for part in components(draws) if part.name == "base")[::3, :, 0]
    low, high = hdi_bounds(base, 0.9)
    rows = thinned.by_period[thinned.by_period["component"] == "base"]
    np.testing.assert_allclose(rows["hdi_low"], low, rtol=1e-9)
    np.testing.assert_allclose(rows["hdi_high"], high, rtol=1e-9)


def test_the_baseline_below_zero_is_counted_over_periods_and_groups() -> None:
    it = case("panel")
    draws = it.draws()
    tables = decompose(draws, 0.9, seed=1)
    parts = [part.draws.mean(0) for part in components(draws) if part.kind == "baseline"]
    assert tables.baseline_below_zero == pytest.approx((np.sum(parts, axis=0) < 0).mean())
