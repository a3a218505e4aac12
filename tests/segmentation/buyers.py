"""Customers with a known truth, and the published data, for the tests of lifetime value."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import gammainc, gammaincinv

from segmentation.clv_holdout import Early

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "data"
SHARED = Path(os.environ.get("OUTLAY_SHARED_DATA", str(DEFAULT))) / "customers"


def buyers(n: int, seed: int, days: int = 400) -> pd.DataFrame:
    """Customers of a BG/NBD population with r = 0.8, alpha = 60 days, a = 0.8, b = 2.5, and p = 6, q = 4, v = 20."""
    rng = np.random.default_rng(seed)
    age = rng.integers(30, days, n).astype(float)
    rate, leave = rng.gamma(0.8, 1.0 / 60.0, n), rng.beta(0.8, 2.5, n)
    left, came = rng.geometric(np.clip(leave, 1e-300, 1.0)), rng.poisson(rate * age)
    x = np.minimum(left, came).astype(float)
    last, u = np.zeros(n), rng.random(n)
    gone, stays = (left <= came) & (x > 0), (left > came) & (x > 0)
    last[gone] = gammaincinv(x[gone], u[gone] * gammainc(x[gone], (rate * age)[gone])) / rate[gone]
    last[stays] = age[stays] * u[stays] ** (1.0 / x[stays])
    shape = 6.0 * np.maximum(x, 1.0)
    mean = rng.gamma(shape, 1.0 / rng.gamma(4.0, 1.0 / 20.0, n)) / np.maximum(x, 1.0)
    recency = np.where(x > 0, np.clip(np.ceil(last), 1, age), 0.0)
    money = np.where(x > 0, np.maximum(mean, 0.01), np.nan)
    return pd.DataFrame({"frequency": x, "recency": recency, "age": age, "monetary": money})


def cdnow() -> pd.DataFrame:
    """The one-tenth sample of CDNOW: customer, date, value; purchases of a day together. Skips where it is absent."""
    path = SHARED / "cdnow_sample.txt"
    if not path.is_file():
        pytest.skip("cdnow_sample.txt is not at hand: set OUTLAY_SHARED_DATA to the folder that holds customers/")
    rows = pd.read_csv(
        path, sep=r"\s+", header=None, names=["master", "customer", "date", "cds", "value"], dtype={"date": str}
    )
    rows["date"] = pd.to_datetime(rows["date"], format="%Y%m%d")
    return rows.groupby(["customer", "date"], as_index=False)["value"].sum()


def purchases_at(rows: pd.DataFrame, day: str) -> pd.DataFrame:
    """Frequency, recency, age and monetary as of a day, of those who had bought by then."""
    until = rows[rows["date"] <= day]
    by = until.groupby("customer")
    first, last = by["date"].min(), by["date"].max()
    later = until[until["date"] > until["customer"].map(first)].groupby("customer")["value"].mean()
    return pd.DataFrame(
        {
            "frequency": (by.size() - 1).astype(float),
            "recency": (last - first).dt.days.astype(float),
            "age": (pd.Timestamp(day) - first).dt.days.astype(float),
            "monetary": later.reindex(first.index),
        }
    )


def cdnow_early() -> tuple[pd.DataFrame, Early]:
    """CDNOW as of the end of June 1998, and the check from week 39 on."""
    rows = cdnow()
    then, now = purchases_at(rows, "1997-09-30"), purchases_at(rows, "1998-06-30")
    later = (now["frequency"] - then["frequency"]).to_numpy()
    return now.reset_index(drop=True), Early(then.reset_index(drop=True), later, 273.0)
