"""The panel of segments: adds up to the purchases and to the spend, and leaves out no money in silence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from outlay.errors import ConfigError
from outlay.project import ProjectSection
from segmentation.config import CustomersSection
from segmentation.panel import MISSING, NationalMedia, Panel, panel

ABOUT = ProjectSection(name="shop", currency="EUR")
SECTION = CustomersSection.model_validate(
    {"transactions": {"source": "orders.parquet", "customer": "who", "date": "day", "amount": "paid", "order": "order"}}
)
FIRST = pd.Timestamp("2025-01-01")  # a Wednesday


def orders(n: int = 400, days: int = 60, seed: int = 1) -> pd.DataFrame:
    """Purchases of 30 customers, the first and the last day among them."""
    rng = np.random.default_rng(seed)
    day = np.r_[0, rng.integers(0, days, n - 2), days - 1]
    return pd.DataFrame(
        {
            "who": [f"c{k}" for k in rng.integers(0, 30, n)],
            "day": FIRST + pd.to_timedelta(day, unit="D"),
            "paid": np.round(rng.lognormal(3, 0.5, n), 2),
            "order": [f"o{k}" for k in range(n)],
        }
    )


def labels(of: int = 30) -> pd.DataFrame:
    """Every third customer is a regular, the others are guests."""
    return pd.DataFrame(
        {"id": [f"c{k}" for k in range(of)], "segment": ["regulars" if k % 3 == 0 else "guests" for k in range(of)]}
    )


def made(
    folder: Path, frame: pd.DataFrame, known: pd.DataFrame, media: NationalMedia | None = None, **how: str
) -> Panel:
    frame.to_parquet(folder / "orders.parquet")
    return panel(SECTION, ABOUT, folder, known, media, **how)  # type: ignore[arg-type]


def weekly(first: str, weeks: int) -> NationalMedia:
    """A media table of weeks, with a column whose name the panel has too."""
    dates = pd.date_range(first, periods=weeks, freq="7D")
    spend = pd.DataFrame({"tv": np.arange(weeks) * 100.0 + 50, "orders": np.full(weeks, 7.0)})
    return NationalMedia("media.csv", dates, "week", spend, pd.DataFrame({"price": np.linspace(1, 2, weeks)}))


def test_days_add_up_to_the_purchases(tmp_path: Path) -> None:
    frame = orders()
    found = made(tmp_path, frame, labels(), unit="day")
    assert len(found.frame) == 60 * 2  # every day of every segment, also the quiet ones
    frame["segment"] = frame["who"].map(labels().set_index("id")["segment"])
    for segment, rows in frame.groupby("segment"):
        mine = found.frame[found.frame["segment"] == segment]
        assert mine["revenue"].sum() == pytest.approx(rows["paid"].sum())
        assert mine["orders"].sum() == len(rows)
        assert mine["new_customers"].sum() == rows["who"].nunique()
        assert set(mine["population"]) == {10.0 if segment == "regulars" else 20.0}
    assert [finding.id for finding in found.findings] == ["K101"]


def test_weeks_that_are_not_whole_are_left_out_and_told(tmp_path: Path) -> None:
    frame = orders()
    found = made(tmp_path, frame, labels())
    # Wednesday 1 January to Saturday 1 March: whole weeks from Monday 6 January to Sunday 23 February
    assert found.frame["date"].min() == pd.Timestamp("2025-01-06")
    assert found.frame["date"].max() == pd.Timestamp("2025-02-17")
    inside = frame[(frame["day"] >= "2025-01-06") & (frame["day"] < "2025-02-24")]
    assert found.frame["revenue"].sum() == pytest.approx(inside["paid"].sum())
    week = found.frame[found.frame["date"] == "2025-01-13"]
    actual = frame[(frame["day"] >= "2025-01-13") & (frame["day"] < "2025-01-20")]
    assert week["active_customers"].sum() == actual["who"].nunique()
    (told,) = [finding for finding in found.findings if finding.id == "K100"]
    assert f"on 2024-12-30 and 2025-02-24, with EUR {frame['paid'].sum() - inside['paid'].sum():,.0f} of" in told.what


def test_customers_without_a_segment_are_a_group(tmp_path: Path) -> None:
    frame = orders()
    found = made(tmp_path, frame, labels(of=20), unit="day")
    mine = found.frame[found.frame["segment"] == MISSING]
    assert mine["revenue"].sum() == pytest.approx(frame[frame["who"].str[1:].astype(int) >= 20]["paid"].sum())
    assert found.frame["segment"].iloc[-1] == MISSING
    assert "10 customers without a segment" in next(f.what for f in found.findings if f.id == "K095")


@pytest.mark.parametrize("first", ["2024-12-30", "2025-01-01", "2025-01-05"])  # weeks from Monday, Wednesday, Sunday
def test_spend_is_shared_out_by_customers(tmp_path: Path, first: str) -> None:
    frame, media = orders(), weekly(first, 12)
    found = made(tmp_path, frame, labels(), media)
    assert set(found.frame["date"].dt.day_of_week) == {media.dates[0].day_of_week}
    together = found.frame.groupby("date")
    expected = pd.Series(media.spend["tv"].to_numpy(), media.dates)[together["tv"].sum().index]
    np.testing.assert_allclose(together["tv"].sum(), expected)
    regulars = found.frame[found.frame["segment"] == "regulars"].set_index("date")
    np.testing.assert_allclose(regulars["tv"], expected / 3)
    assert together["price"].nunique().max() == 1
    # the number of orders is not overwritten by a column of media that is called so
    assert found.columns["orders"] == "media_orders"
    inside = frame[(frame["day"] >= found.frame["date"].min())]
    inside = inside[inside["day"] < found.frame["date"].max() + pd.Timedelta(days=7)]
    assert found.frame["orders"].sum() == len(inside)
    assert found.frame["revenue"].sum() == pytest.approx(inside["paid"].sum())
    assert "guests 66.7%" in next(f.what for f in found.findings if f.id == "K094")


def test_columns_that_no_segment_can_have_are_told(tmp_path: Path) -> None:
    media = replace(weekly("2024-12-30", 12), left_out=("price", "storm"))
    found = made(tmp_path, orders(), labels(), media)
    assert "price, storm are not in the panel" in next(f.what for f in found.findings if f.id == "K102")


def test_tables_of_other_times_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no whole period in common"):
        made(tmp_path, orders(), labels(), weekly("2020-01-06", 12))


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    frame = orders()
    mine = made(tmp_path, frame, labels()).frame
    theirs = made(tmp_path, frame.sample(frac=1, random_state=3), labels().iloc[::-1]).frame
    pd.testing.assert_frame_equal(mine, theirs)
