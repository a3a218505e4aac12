"""Leads with a known truth, for the tests of scores."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from attribution.scores_table import ScoringTable

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "data"
SHARED = Path(os.environ.get("OUTLAY_SHARED_DATA", str(DEFAULT))) / "customers"


def shared(name: str) -> pd.DataFrame:
    """A real table, or a skip where it is not at hand."""
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"{name} is not at hand: set OUTLAY_SHARED_DATA to the folder that holds customers/{name}")
    return pd.read_csv(path)


def leads(n: int = 4000, seed: int = 1, jump: float = 0.0, **more: object) -> tuple[ScoringTable, np.ndarray]:
    """Leads over 400 days, and the probability that each had; `jump` is added to the log-odds from day 300 on."""
    rng = np.random.default_rng(seed)
    day = np.sort(rng.integers(0, 400, n))
    visits, size = rng.poisson(3, n).astype(float), rng.lognormal(4, 1, n)
    industry = rng.choice(["software", "retail", "health"], n)
    segment, channel = rng.choice(["small", "large"], n), rng.choice(["search", "social", "events"], n)
    eta = -2.6 + 0.35 * visits + 0.6 * (industry == "software") + 0.8 * (segment == "large")
    truth = expit(eta - 0.5 * (channel == "social") + jump * (day >= 300))
    features = pd.DataFrame(
        {"visits": visits, "size": np.where(rng.random(n) < 0.1, np.nan, size), "industry": industry}
        | {"segment": segment, "channel": channel}
    )
    outcome = (rng.random(n) < truth).astype(float)
    table = ScoringTable(
        features=features,
        outcome=outcome,
        created=np.datetime64("2024-01-01") + day.astype("timedelta64[D]"),
        segment=segment.astype(object),
        channel=channel.astype(object),
        where="leads.csv",
        **more,  # type: ignore[arg-type]
    )
    return table, truth
