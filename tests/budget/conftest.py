"""Synthetic response draws for the optimizer's tests; no model is fitted here."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from outlay.response import NATIONAL, ResponseDraws


def make_response(
    seed: int = 0,
    channels: int = 3,
    groups: int = 1,
    draws: int = 40,
    saturation: str = "hill",
    periods: int = 60,
    future: int = 40,
    l_max: int = 4,
    **changes: object,
) -> ResponseDraws:
    """Weekly response draws with ROI near one, spend in thousands, and half-saturations near the usual spend."""
    rng = np.random.default_rng(seed)
    usual = rng.uniform(500.0, 2_000.0, (groups, channels))
    spend = usual * rng.uniform(0.5, 1.5, (periods, groups, channels))
    cost = rng.uniform(0.5, 5.0, (groups, channels))
    exposure = spend / cost
    scale = exposure.mean(axis=0)
    roi = rng.uniform(0.5, 2.0, (groups, channels))
    noise = np.exp(0.2 * rng.standard_normal((draws, groups, channels)))
    fields: dict[str, object] = {
        "outcome": "sales",
        "outcome_unit": "USD",
        "money": True,
        "currency": "USD",
        "period_days": 7,
        "channels": tuple(f"ch{i}" for i in range(channels)),
        "groups": (NATIONAL,) if groups == 1 else tuple(f"g{i}" for i in range(groups)),
        "saturation": (saturation,) * channels,
        "l_max": l_max,
        "dates": pd.date_range("2023-01-02", periods=periods, freq="7D"),
        "future_dates": pd.date_range("2023-01-02", periods=periods + future, freq="7D")[periods:],
        "retention": rng.uniform(0.1, 0.6, (draws, channels)),
        "half_saturation": rng.uniform(0.7, 2.0, (draws, channels)),
        "coefficient": 2.5 * roi * usual * noise,
        "scale": scale,
        "exposure": exposure,
        "spend": spend,
        "cost_per_exposure": cost,
        "value": np.ones((periods + future, groups)),
        "baseline": np.full((draws, future, groups), 50_000.0),
    }
    fields.update(changes)
    return ResponseDraws(**fields)  # type: ignore[arg-type]


@pytest.fixture
def response() -> ResponseDraws:
    """Three channels, no groups."""
    return make_response()


@pytest.fixture
def panel() -> ResponseDraws:
    """Three channels in two groups."""
    return make_response(seed=1, groups=2)
