"""Movement between two days: by the purchases that were known on each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from outlay.errors import ConfigError
from outlay.project import ProjectSection
from segmentation.clustering import Assignment
from segmentation.config import CustomersSection
from segmentation.customers_read import read_customers
from segmentation.migration import Standing, migration
from segmentation.migration_days import earlier_day, standing_at
from segmentation.mixed import Mixed
from segmentation.prepare import prepare

ABOUT = ProjectSection(name="shop", currency="EUR")
NAMES = {1: "spenders", 2: "others"}


@dataclass(frozen=True)
class BySpend:
    """Those above the middle in what they spent, and the others."""

    column: int
    method: str = "kprototypes"
    k: int = 2

    def assign(self, rows: Mixed) -> Assignment:
        held = rows.numbers[:, self.column].astype(float)
        return Assignment((held <= 0).astype(np.int32), np.abs(held), np.ones(rows.n))

    def reordered(self, order: NDArray[np.int64]) -> BySpend:
        return self

    def as_dict(self) -> dict[str, Any]:
        return {"column": self.column}


def section(**changes: Any) -> CustomersSection:
    source = {"source": "orders.parquet", "customer": "who", "date": "day", "amount": "paid"}
    return CustomersSection.model_validate({"transactions": source, **changes})


def write(folder: Path) -> None:
    """80 customers who bought for different sums in January; c0 to c9, the smallest, buy for 5,000 in June."""
    rows = [(f"c{k}", date(2025, 1, 1 + k % 28), 10.0 + 5 * k) for k in range(80)]
    rows += [(f"c{k}", date(2025, 6, 1 + k), 5000.0) for k in range(10)]
    rows += [(f"c{k}", date(2025, 2 + k % 4, 10), 3.0) for k in range(80)] + [("new", date(2025, 6, 30), 20.0)]
    pd.DataFrame(rows, columns=["who", "day", "paid"]).to_parquet(folder / "orders.parquet")


def test_customers_move_by_what_was_known_on_each_day(tmp_path: Path) -> None:
    write(tmp_path)
    asked = section()
    now = read_customers(asked, ABOUT, tmp_path)
    preparation = prepare(now, asked)
    money = next(j for j, name in enumerate(preparation.numeric) if name in ("spent", "monetary", "amount"))
    model = BySpend(money)
    day = earlier_day(now, asked)
    assert day == date(2025, 3, 31)  # 91 days before 30 June
    before = standing_at(day, (asked, ABOUT, tmp_path), (preparation, model), NAMES)
    assert before.when == "2025-03-31"
    assert len(before.ids) == 80
    after = Standing(now.ids, model.assign(preparation.apply(now)[0]).labels + 1, NAMES, now.value)
    found = migration(before, after)
    rose = found.matrix[(found.matrix["before_number"] == 2) & (found.matrix["after_number"] == 1)].iloc[0]
    assert rose["customers"] == 10
    assert rose["value_change"] >= 50_000
    assert found.facts["new"] == 1


def test_a_day_outside_the_purchases(tmp_path: Path) -> None:
    write(tmp_path)
    now = read_customers(section(), ABOUT, tmp_path)
    assert earlier_day(now, section(moved_since=date(2025, 5, 1))) == date(2025, 5, 1)
    for day in (date(2024, 12, 31), date(2025, 6, 30), date(2026, 1, 1)):
        with pytest.raises(ConfigError, match="moved_since"):
            earlier_day(now, section(moved_since=day))


def test_purchases_that_do_not_reach_back_have_no_movement(tmp_path: Path) -> None:
    rows = [(f"c{k}", date(2025, 6, 1 + k % 28), 10.0 + k) for k in range(40)]
    pd.DataFrame(rows, columns=["who", "day", "paid"]).to_parquet(tmp_path / "orders.parquet")
    assert earlier_day(read_customers(section(), ABOUT, tmp_path), section()) is None


def test_where_no_feature_comes_from_purchases_nobody_moves(tmp_path: Path) -> None:
    write(tmp_path)
    k = np.arange(80)
    table = pd.DataFrame({"who": [f"c{each}" for each in k], "age": 20 + k % 37, "kids": k % 4})
    table.to_csv(tmp_path / "customers.csv", index=False)
    asked = section(source="customers.csv", id="who", features=["age", "kids"])
    now = read_customers(asked, ABOUT, tmp_path)
    assert earlier_day(now, asked) is None
    with pytest.raises(ConfigError, match="nobody can have moved"):
        earlier_day(now, asked.model_copy(update={"moved_since": date(2025, 5, 1)}))
