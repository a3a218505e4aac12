"""Customers of two times for tests of movement: features already prepared, and a model that needs no fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmentation.clustering import Assignment
from segmentation.customers import Customers
from segmentation.mixed import Mixed
from segmentation.prepare import Preparation
from segmentation.prepare_fields import CategoryField, NumberField

LEVELS = ("gold", "silver", "none")


def mixed(
    n: int, seed: int, *, shift: float = 0.0, shares: tuple[float, ...] = (0.5, 0.3, 0.2), weight: float = 1.0
) -> Mixed:
    """Three standard normals, the first of them shifted, the second with one cell in twenty empty; two categories."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n, 3)).astype(np.float32)
    numbers[:, 0] += np.float32(shift)
    numbers[rng.random(n) < 0.05, 1] = np.nan
    codes = np.stack([rng.choice(3, n, p=shares), rng.integers(0, 2, n)], 1).astype(np.int32)
    return Mixed(
        numbers=numbers,
        codes=codes,
        levels=(LEVELS, ("yes", "no")),
        weight=np.full(n, weight),
        numeric=("spent", "visits", "age"),
        categorical=("card", "app"),
        number_weights=np.ones(3),
        category_weights=np.ones(2),
    )


def segments(rows: Mixed) -> NDArray[np.int64]:
    """Two segments by the sign of the third number."""
    return (rows.numbers[:, 2] > 0).astype(np.int64) + 1


def preparation() -> Preparation:
    """Features as they are: nothing is pulled in or scaled."""
    numbers = tuple(
        NumberField(name, "", -np.inf, np.inf, log=False, offset=0.0, centre=0.0, scale=1.0)
        for name in ("spent", "visits", "age")
    )
    return Preparation(numbers, (CategoryField("card", LEVELS), CategoryField("app", ("yes", "no"))))


def customers(rows: Mixed) -> Customers:
    """The features as a table of customers."""
    frame = pd.DataFrame(rows.numbers.astype(float), columns=list(rows.numeric))
    for j, name in enumerate(rows.categorical):
        frame[name] = pd.Series(np.array([*rows.levels[j], None], dtype=object)[rows.codes[:, j]], dtype="str")
    n = rows.n
    return Customers(
        frame=frame,
        numeric=rows.numeric,
        categorical=rows.categorical,
        units={},
        ids=np.array([f"C{k}" for k in range(n)], dtype=object),
        lines=np.arange(2, n + 2),
        word="line",
        weight=rows.weight,
        value=None,
        value_name="",
        currency="EUR",
        as_of=None,
        purchases=None,
        source="customers.csv",
        fingerprint="",
    )


@dataclass(frozen=True)
class Halves:
    """A model of two segments, below and above zero in the third number; distance counts the first one too."""

    method: str = "kprototypes"
    k: int = 2
    centres: NDArray[np.float64] = field(default_factory=lambda: np.array([[0.0, -0.8], [0.0, 0.8]]))

    def assign(self, rows: Mixed) -> Assignment:
        held = rows.numbers[:, [0, 2]].astype(float)
        distance = ((held[:, None, :] - self.centres[None]) ** 2).sum(2)
        labels = distance.argmin(1).astype(np.int32)
        nearest, second = np.sort(distance, axis=1).T
        return Assignment(labels, nearest, 1 - nearest / second)

    def reordered(self, order: NDArray[np.int64]) -> Halves:
        return Halves(centres=self.centres[order])

    def as_dict(self) -> dict[str, Any]:
        return {"centres": self.centres.tolist()}
