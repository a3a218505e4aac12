"""Residuals that know more: rarely where the model is right, surely where its curve or carry-over is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest

from mmm.doubts import doubts
from mmm.media import FittedMedia
from mmm.misfit import ALPHA, CERTAIN, bent_rest, misfits, shared_noise, slow_rest
from mmm.panel import panel_from_frame
from mmm.regression import f_test
from mmm.simulate import Driver, Schedule, World, simulate
from mmm.validation.verdicts import misfit_verdict
from tests.mmm.validation.fitters import conjugate_fit
from tests.mmm.validation.markets import WORLD, fit


def test_the_test_is_right_as_often_as_it_says() -> None:
    """2,000 targets without any tie: at 5 % the rate is within 4 standard errors (0.0195) of that."""
    rng = np.random.default_rng(1)
    known = np.column_stack([np.ones(90), rng.normal(size=(90, 4))])
    p = [f_test(rng.normal(size=90), rng.normal(size=(90, 3)), known) for _ in range(2000)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.0195)


def test_columns_that_are_known_already_tell_nothing() -> None:
    rng = np.random.default_rng(2)
    known = rng.normal(size=(60, 3))
    assert f_test(rng.normal(size=60), known[:, :2] @ rng.normal(size=(2, 2)), known) == 1.0
    assert f_test(rng.normal(size=12), rng.normal(size=(12, 3)), known[:12]) == 1.0  # too few rows to tell


def test_a_right_model_is_left_in_peace() -> None:
    table = misfits(fit().draws, fit().decomposition)
    assert list(table["part"]) == ["curve", "carry-over"] * 2
    assert (table["p"] > ALPHA).all()
    assert misfit_verdict(table).status == "good"


def _misfits(fitted: FittedMedia) -> pd.DataFrame:
    return misfits(fitted.draws, fitted.decomposition)


def _wrong(**tv: Any) -> FittedMedia:
    told = replace(WORLD.channels[0], **tv)
    return _fitted(replace(WORLD, channels=(told, WORLD.channels[1])))


def test_a_delayed_effect_told_as_a_decay_is_found() -> None:
    wrong = _wrong(adstock="delayed", shape=4.0, told={"adstock": "geometric"})
    table = _misfits(wrong)
    worst = table.loc[table["p"].idxmin()]
    assert (worst["channel"], worst["part"]) == ("tv", "carry-over")
    assert worst["p"] < ALPHA
    assert misfit_verdict(table).channels == ("tv",)
    found = doubts(wrong.draws, wrong.priors, wrong.returns, wrong.decomposition)
    assert [f.where for f in found if f.id == "M017"] == ["channel tv"]
    assert misfit_verdict(table.assign(p=[1.0, CERTAIN / 2, 1.0, 1.0])).barred == ("tv",)


def test_an_s_curve_told_as_concave_is_found() -> None:
    table = _misfits(_wrong(exponent=4.0, half_saturation=1.2, schedule=Schedule(on=0.7), told={"slope": 1.0}))
    worst = table.loc[table["p"].idxmin()]
    assert (worst["channel"], worst["part"]) == ("tv", "curve")
    assert worst["p"] < ALPHA


def test_demand_that_wanders_is_found_and_a_straight_trend_is_left_in_peace() -> None:
    it = fit()
    assert slow_rest(it.design, it.decomposition) > ALPHA
    told = doubts(it.draws, it.priors, it.returns, it.decomposition)
    assert "M016" not in {finding.id for finding in told}
    wrong = _fitted(replace(WORLD, drivers=(*WORLD.drivers, Driver("fashion", 0.2, kind="walk"))))
    assert slow_rest(wrong.design, wrong.decomposition) < ALPHA
    assert "M016" in {finding.id for finding in doubts(wrong.draws, wrong.priors, wrong.returns, wrong.decomposition)}


def test_growth_and_decline_count_where_the_trend_is_straight() -> None:
    """Noise of 1 % of the KPI and a parabola of the same size, in place of the residuals of a right model."""
    it = fit()
    whole = it.decomposition.fit["group"].isna()
    time = np.linspace(-1.0, 1.0, int(whole.sum()))
    noise = np.random.default_rng(3).standard_normal(len(time))
    size = 0.01 * it.decomposition.fit["actual"].mean()
    for bend, found in ((0.0, False), (2.0, True)):
        table = it.decomposition.fit.copy()
        table.loc[whole, "residual"] = size * (noise + bend * (time**2 - 1.0 / 3.0))
        assert (slow_rest(it.design, replace(it.decomposition, fit=table)) < ALPHA) is found


def test_effects_that_multiply_are_found_and_a_sum_is_left_in_peace() -> None:
    it = fit()
    assert bent_rest(it.design, it.decomposition) > ALPHA
    season = replace(WORLD.baseline, season=((0.25, 0.15),))
    wrong = _fitted(replace(WORLD, link="log", baseline=season, told={**WORLD.told, "likelihood": "normal"}))
    assert bent_rest(wrong.design, wrong.decomposition) < ALPHA
    assert "M019" in {finding.id for finding in doubts(wrong.draws, wrong.priors, wrong.returns, wrong.decomposition)}


def _fitted(world: World) -> FittedMedia:
    one = simulate(world, 1)
    panel = panel_from_frame(one.frame, one.section, one.project, today=date(2030, 1, 1))
    return conjugate_fit(panel, one.section, one.project, 1)


def _noise(shared: float, groups: int, seed: int) -> pd.DataFrame:
    """Residuals of 100 periods with an independent part and one that all groups share, each with a size of its own."""
    rng = np.random.default_rng(seed)
    size = rng.uniform(1.0, 5.0, groups)
    residual = size * (rng.standard_normal((100, groups)) + shared * rng.standard_normal((100, 1)))
    dates = pd.date_range("2024-01-01", periods=100, freq="7D")
    long = [pd.DataFrame({"date": dates, "group": f"g{g}", "residual": residual[:, g]}) for g in range(groups)]
    return pd.concat([pd.DataFrame({"date": dates, "group": None, "residual": residual.sum(1)}), *long])


def test_noise_that_groups_share_is_found_as_rarely_as_promised_where_there_is_none() -> None:
    """500 panels of independent noise: at 5 % the rate is within 4 standard errors (0.039) of that."""
    p = [shared_noise(_noise(0.0, 6, seed))[1] for seed in range(500)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.039)
    ratio, p_shared = shared_noise(_noise(0.5, 6, 1))
    assert p_shared < ALPHA
    assert 1.0 < ratio < 6.0
    assert shared_noise(_noise(0.5, 1, 1)) == (1.0, 1.0)


def test_shared_noise_and_trades_are_told_with_their_size() -> None:
    it = fit()
    trades = pd.DataFrame({"channel": ["tv", "search"], "explained": [0.7, 0.4]})
    with (
        patch("mmm.doubts.shared_noise", return_value=(4.0, 1e-6)),
        patch("mmm.doubts.baseline_trades", return_value=trades),
    ):
        found = {f.id: f for f in doubts(it.draws, it.priors, it.returns, it.decomposition)}
    assert "2.0 times" in found["M050"].what
    assert found["M018"].where == "channel tv"
    assert "70%" in found["M018"].what
