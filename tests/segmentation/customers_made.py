"""Tables of customers for tests of what segments mean, without a reader."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segmentation.config import CustomersSection
from segmentation.customers import Customers


def customers_of(
    numbers: dict[str, np.ndarray],
    categories: dict[str, np.ndarray] | None = None,
    *,
    others: dict[str, np.ndarray] | None = None,
    value: np.ndarray | None = None,
    weight: np.ndarray | None = None,
    units: dict[str, str] | None = None,
    value_name: str = "sales",
) -> Customers:
    """Customers with these features; `others` are columns that segments were not made from."""
    categories, others = categories or {}, others or {}
    texts = {name: np.asarray(column, dtype=object) for name, column in categories.items()}
    frame = pd.DataFrame({**numbers, **texts, **others})
    n = len(frame)
    return Customers(
        frame=frame,
        numeric=tuple(numbers),
        categorical=tuple(categories),
        units=units or {},
        ids=np.arange(1, n + 1).astype(str).astype(object),
        lines=np.arange(2, n + 2),
        word="line",
        weight=np.ones(n) if weight is None else np.asarray(weight, dtype=float),
        value=value,
        value_name=value_name if value is not None else "",
        currency="EUR",
        as_of=None,
        purchases=None,
        source="customers.csv",
        fingerprint="",
    )


def section_of(**keys: object) -> CustomersSection:
    """A [customers] section with a source that nobody reads."""
    return CustomersSection.model_validate({"source": "customers.csv", **keys})
