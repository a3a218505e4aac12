"""Tables of customers and of purchases for tests, from a seed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from outlay.project import ProjectSection
from segmentation.config import CustomersSection

ABOUT = ProjectSection(name="test", currency="EUR")
DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "data"
SHARED = Path(os.environ.get("OUTLAY_SHARED_DATA", str(DEFAULT))) / "customers"
FIRST = pd.Timestamp("2024-01-01")


def shared(name: str) -> Path:
    """A real table, or a skip where it is not at hand."""
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"{name} is not at hand: set OUTLAY_SHARED_DATA to the folder that holds customers/{name}")
    return path


def customers(n: int = 300, seed: int = 1) -> pd.DataFrame:
    """Customers with an id, a number, a skewed number, a day, a category, a flag and a few empty cells."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "cid": [f"C{i:04d}" for i in range(n)],
            "age": rng.integers(18, 80, n).astype(float),
            "spend": np.where(rng.random(n) < 0.05, np.nan, np.round(rng.lognormal(4.0, 1.0, n), 2)),
            "since": FIRST + pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
            "region": rng.choice(["north", "south", "west"], n),
            "opted_in": rng.integers(0, 2, n).astype(float),
        }
    )


def purchases(n: int = 1500, people: int = 120, seed: int = 2) -> pd.DataFrame:
    """Rows of orders: several rows an order, a tenth of them returns, a few for nothing, in no order of time.

    An order keeps to one customer and one day.
    """
    rng = np.random.default_rng(seed)
    orders = n // 3
    who, day = rng.integers(0, people, orders), rng.integers(0, 400, orders)
    order = rng.integers(0, orders, n)
    quantity = rng.integers(1, 9, n) * np.where(rng.random(n) < 0.1, -1, 1)
    price = np.where(rng.random(n) < 0.02, 0.0, np.round(rng.lognormal(2.0, 0.7, n), 2))
    return pd.DataFrame(
        {
            "who": [f"C{i:04d}" for i in who[order]],
            "when": FIRST + pd.to_timedelta(day[order], unit="D") + pd.to_timedelta(rng.integers(0, 80_000, n), "s"),
            "order": [f"O{i:05d}" for i in order],
            "quantity": quantity.astype(float),
            "price": price,
        }
    )


def section(**changes: Any) -> CustomersSection:
    """The section that reads :func:`customers`."""
    return CustomersSection(**{"source": "customers.csv", "id": "cid", **changes})


BOUGHT: dict[str, Any] = {
    "source": "purchases.parquet",
    "customer": "who",
    "date": "when",
    "order": "order",
    "quantity": "quantity",
    "price": "price",
}


def bought(transactions: dict[str, Any] | None = None, **changes: Any) -> CustomersSection:
    """The section that reads :func:`purchases`."""
    return CustomersSection(**{"transactions": {**BOUGHT, **(transactions or {})}, **changes})
