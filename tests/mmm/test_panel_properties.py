"""What must hold of every panel, whatever the numbers: order, units and names change nothing but themselves."""

from __future__ import annotations

import time
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmm.panel import MediaPanel, panel_from_frame
from outlay.errors import DataError
from tests.mmm.panels import PROJECT, TODAY, panel, section, table

QUICK = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
FULL = {
    "group": "geo",
    "population": "people",
    "kpi_type": "units",
    "value_per_kpi": "worth",
    "levers": [{"name": "discount", "column": "depth", "cost": "search", "reference": "mean"}],
    "channels": [{"name": "tv", "spend": "tv", "exposure": "tv_grp"}],
}


def assert_same(one: MediaPanel, other: MediaPanel) -> None:
    """Bit for bit the same panel."""
    for field in fields(MediaPanel):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, np.ndarray):
            np.testing.assert_array_equal(left, right, err_msg=field.name)
        elif isinstance(left, pd.DatetimeIndex):
            pd.testing.assert_index_equal(left, right, check_names=False)
        else:
            assert left == right, field.name


@QUICK
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_the_order_of_rows_changes_nothing(seed: int, grouped: bool) -> None:
    frame = table(40, groups=("geo10", "geo2", "geo1") if grouped else ())
    changes = FULL if grouped else {}
    assert_same(panel(frame.sample(frac=1.0, random_state=seed), **changes), panel(frame, **changes))


def test_groups_are_in_natural_order() -> None:
    assert panel(table(40, groups=("geo10", "geo2", "geo1")), group="geo").groups == ("geo1", "geo2", "geo10")


@QUICK
@given(st.floats(1e-3, 1e6))
def test_another_currency_scales_spend_and_nothing_else(rate: float) -> None:
    frame = table(40)
    one, other = panel(frame), panel(frame.assign(tv=frame["tv"] * rate))
    np.testing.assert_array_equal(other.spend[:, :, 0], one.spend[:, :, 0] * rate)
    for name in ("exposure", "kpi", "controls", "events", "levers", "value"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@QUICK
@given(st.permutations([0, 1, 2]))
def test_permuted_channels_permute_the_arrays(order: list[int]) -> None:
    frame = table(40).assign(mail=np.arange(40.0))
    channels = [
        {"name": "tv", "spend": "tv", "exposure": "tv_grp"},
        {"name": "search", "spend": "search", "adstock": "none"},
        {"name": "mail", "exposure": "mail", "saturation": "logistic"},
    ]
    one = panel(frame, channels=channels)
    other = panel(frame, channels=[channels[index] for index in order])
    assert other.channels == tuple(one.channels[index] for index in order)
    assert other.adstock == tuple(one.adstock[index] for index in order)
    np.testing.assert_array_equal(other.exposure, one.exposure[:, :, order])
    np.testing.assert_array_equal(other.spend, one.spend[:, :, order])
    np.testing.assert_array_equal(other.paid, one.paid[order])


NUMBERS = ["sales", "tv", "tv_grp", "search", "price", "event", "depth", "people", "worth"]


@QUICK
@given(st.sampled_from(NUMBERS), st.integers(0, 79), st.sampled_from([np.nan, np.inf, -np.inf]))
def test_a_hole_anywhere_is_refused_by_row_and_column(column: str, row: int, hole: float) -> None:
    frame = table(40, groups=("a", "b"))
    frame.loc[row, column] = hole
    everything = {
        "group": "geo",
        "population": "people",
        "kpi_type": "units",
        "value_per_kpi": "worth",
    }
    with pytest.raises(DataError) as refusal:
        panel(frame, **everything)
    places = [finding.where for finding in refusal.value.findings if finding.id in ("D020", "D025")]
    assert places == [f"DataFrame, column {column}, row {row}"]


@QUICK
@given(st.integers(0, 2**32 - 1), st.sampled_from([("7D", 40), ("D", 100), ("MS", 30), ("ME", 30)]))
def test_the_round_trip_is_exact(seed: int, spacing: tuple[str, int]) -> None:
    freq, n = spacing
    frame = table(n, groups=("a", "b"), freq=freq)
    rng = np.random.default_rng(seed)
    frame[["tv", "sales"]] *= rng.uniform(0.1, 10.0, (len(frame), 2))  # digits that no decimal notation keeps
    one = panel(frame, **FULL)
    other = MediaPanel.from_frame(one.to_frame(), section(**FULL), PROJECT, one.findings)
    assert_same(one, other)


def test_the_round_trip_through_parquet_is_exact(tmp_path: Path) -> None:
    one = panel(table(40, groups=("a", "b")), **FULL)
    path = tmp_path / "panel.parquet"
    one.to_frame().to_parquet(path)
    assert_same(one, MediaPanel.from_frame(pd.read_parquet(path), section(**FULL), PROJECT, one.findings))


def stores(*pairs: tuple[str, str], n: int = 40) -> pd.DataFrame:
    """The table for each pair of region and store."""
    parts = [table(n, (region,)).assign(region=region, store=store, people=7.0 * len(store)) for region, store in pairs]
    return pd.concat(parts, ignore_index=True)


NESTED = (("b", "s10"), ("a", "s2"), ("b", "s3"), ("a", "s1"))
CROSSED = (("b", "y"), ("a", "y"), ("b", "x"), ("a", "x"), ("b", "z"))
EVERYTHING = {
    "group": ["region", "store"],
    "population": "people",
    "channels": [
        {"name": "mail", "exposure": "search"},
        {"name": "tv", "spend": "tv", "reach": "tv_grp", "frequency": "often"},
    ],
}


def everything(history: int = 0) -> pd.DataFrame:
    """A panel of two dimensions with reach, frequency and media history."""
    frame = stores(*CROSSED).assign(often=lambda t: 1.0 + t["tv"] / 1_000.0)
    return frame.assign(sales=frame["sales"].where(frame["date"] >= frame["date"].unique()[history]))


def test_the_round_trip_keeps_levels_contacts_and_history(tmp_path: Path) -> None:
    one = panel(everything(history=6), **EVERYTHING)
    path = tmp_path / "panel.parquet"
    one.to_frame().to_parquet(path)
    other = MediaPanel.from_frame(pd.read_parquet(path), section(**EVERYTHING), PROJECT, one.findings)
    assert_same(one, other)
    assert other.history == 6
    assert other.levels == one.levels
    assert other.groups == ("a / x", "a / y", "b / x", "b / y", "b / z")


def test_a_stored_panel_without_contacts_or_names_is_refused() -> None:
    frame = panel(everything(), **EVERYTHING).to_frame()
    for column in ("contacts:tv", "group:store"):
        with pytest.raises(DataError, match=column):
            MediaPanel.from_frame(frame.drop(columns=column), section(**EVERYTHING), PROJECT)


def test_no_groups_no_levels() -> None:
    assert panel(table(40)).levels == ()


def test_one_column_is_one_level() -> None:
    (level,) = panel(table(40, groups=("b", "a")), group="geo").levels
    assert (level.name, level.labels, level.index.tolist()) == ("geo", ("a", "b"), [0, 1])


@pytest.mark.parametrize("group", [["region", "store"], ["store", "region"]])
def test_nested_columns_are_an_outer_level_and_the_groups(group: list[str]) -> None:
    made = panel(stores(*NESTED), group=group, population="people")
    outer, inner = made.levels
    # natural order of the columns as they are named: by region and then store, or by store
    names = ["a / s1", "a / s2", "b / s3", "b / s10"]
    assert list(made.groups) == (names if group[0] == "region" else [" / ".join(n.split(" / ")[::-1]) for n in names])
    assert (outer.name, outer.labels, outer.index.tolist()) == ("region", ("a", "b"), [0, 0, 1, 1])
    assert (inner.name, inner.labels, inner.index.tolist()) == ("store", made.groups, [0, 1, 2, 3])
    assert made.population is not None
    assert made.population.tolist() == [14.0, 14.0, 14.0, 21.0]  # 7 per letter of the store's name


def test_crossed_columns_are_a_level_each() -> None:
    made = panel(stores(*CROSSED), group=["region", "store"])
    region, store = made.levels
    assert (region.name, region.labels, region.index.tolist()) == ("region", ("a", "b"), [0, 0, 1, 1, 1])
    assert (store.name, store.labels, store.index.tolist()) == ("store", ("x", "y", "z"), [0, 1, 0, 1, 2])


@pytest.mark.parametrize("region", ["the same", "its own"])
def test_a_column_that_adds_nothing_is_no_level(region: str) -> None:
    # One region for all, or a region for each store: a second spread could never be learned.
    frame = stores(*NESTED).assign(region=lambda t: "x" if region == "the same" else "r" + t["store"])
    (level,) = panel(frame, group=["region", "store"]).levels
    assert level.labels == panel(frame, group=["region", "store"]).groups
    assert len(level.labels) == 4


def test_names_that_hold_the_joint_stay_apart() -> None:
    made = panel(stores(("a / b", "c"), ("a", "b / c"), n=30), group=["region", "store"])
    assert made.groups == ('"a" / "b / c"', '"a / b" / "c"')
    other = MediaPanel.from_frame(made.to_frame(), section(group=["region", "store"]), PROJECT, made.findings)
    assert_same(made, other)


@QUICK
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_no_level(seed: int) -> None:
    frame = everything(history=3)
    assert_same(panel(frame.sample(frac=1.0, random_state=seed), **EVERYTHING), panel(frame, **EVERYTHING))


def test_reach_is_the_exposure_and_frequency_the_contacts() -> None:
    frame = everything()
    made = panel(frame, **EVERYTHING)
    cell = frame[(frame["region"] == "b") & (frame["store"] == "z") & (frame["date"] == made.dates[7])].iloc[0]
    assert made.reaches.tolist() == [False, True]
    assert (made.exposure[7, 4, 1], made.contacts[7, 4, 1]) == (cell["tv_grp"], cell["often"])
    assert not made.contacts[:, :, 0].any()
    assert made.pressure[7, 4].tolist() == [cell["search"], cell["tv_grp"] * cell["often"]]


def test_before_the_kpi_nothing_but_media_is_known() -> None:
    made = panel(everything(history=6), **EVERYTHING, kpi_type="units", value_per_kpi="worth")
    for name in ("kpi", "value", "controls", "events", "levers"):
        assert np.isnan(getattr(made, name)[:6]).all(), name
        assert np.isfinite(getattr(made, name)[6:]).all(), name
    assert np.isfinite(made.exposure).all()
    assert made.observed == slice(6, 40)
    assert panel(everything(history=6), **EVERYTHING).value.min() == 1.0  # a number, not a column


def test_the_national_panel_survives_the_round_trip() -> None:
    one = panel(table(40))
    assert_same(one, MediaPanel.from_frame(one.to_frame(), section(), PROJECT, one.findings))


def test_arrays_hold_the_cells_of_the_table() -> None:
    frame = table(40, groups=("a", "b"))
    made = panel(frame, **FULL)
    cell = frame[(frame["geo"] == "b") & (frame["date"] == made.dates[7])].iloc[0]
    assert made.kpi[7, 1] == cell["sales"]
    assert made.spend[7, 1, 0] == cell["tv"]
    assert made.exposure[7, 1, 0] == cell["tv_grp"]
    assert made.lever_cost[7, 1, 0] == cell["search"]
    assert made.value[7, 1] == cell["worth"]
    assert made.controls[7, 1, 0] == cell["price"]
    # the mean over all rows of both groups
    assert made.lever_reference[0] == pytest.approx(frame["depth"].mean(), rel=1e-12)
    assert made.population is not None
    assert made.population.tolist() == [1000.0, 1000.0]  # 1,000 per letter of the group's name


def test_many_rows_and_many_channels_are_quick() -> None:
    rng = np.random.default_rng(0)
    n, groups = 1000, 200  # 2 x 10^5 rows: a fifth of a million in a fifth of its time
    frame = pd.DataFrame(
        {
            "date": np.tile(pd.date_range("2021-01-01", periods=n), groups),
            "geo": np.repeat([f"g{index}" for index in range(groups)], n),
            "sales": rng.normal(100.0, 9.0, n * groups),
            "tv": rng.gamma(1.0, 1.0, n * groups),
        }
    )
    bare = {"controls": [], "events": [], "levers": [], "channels": [{"name": "tv", "spend": "tv"}]}
    start = time.perf_counter()
    assert panel_from_frame(frame, section(group="geo", **bare), PROJECT, today=TODAY).n_groups == groups
    assert time.perf_counter() - start < 5.0  # measured at 0.3 s; a loop over rows would take a minute
    columns = {f"c{index}": rng.gamma(1.0, 1.0, 300) for index in range(200)}
    wide = pd.DataFrame({"date": pd.date_range("2018-01-01", periods=300, freq="7D"), "sales": 1e6, **columns})
    wide["sales"] += rng.normal(size=300)
    start = time.perf_counter()
    media = section(**(bare | {"channels": [{"name": name, "spend": name} for name in columns]}))
    assert panel_from_frame(wide, media, PROJECT, today=TODAY).n_channels == 200
    assert time.perf_counter() - start < 5.0  # measured at 0.05 s


def test_a_stored_panel_of_another_section_is_refused() -> None:
    stored = panel(table(40)).to_frame()
    with pytest.raises(DataError, match="control:worth"):
        MediaPanel.from_frame(stored, section(controls=["worth"]), PROJECT)
    with pytest.raises(DataError, match="39 rows"):
        MediaPanel.from_frame(
            panel(table(20, groups=("a", "b")), group="geo", l_max=2).to_frame().iloc[1:], section(group="geo"), PROJECT
        )


KINDS = {
    "bool": lambda cells: cells > cells.median(),
    "nullable": lambda cells: cells.round().astype("Int64"),
    "arrow": lambda cells: cells.astype("float64[pyarrow]"),
    "float32": lambda cells: cells.astype("float32"),
    "decimals": lambda cells: pd.Series([Decimal(str(cell)) for cell in cells], dtype=object),
    "mixed objects": lambda cells: cells.astype(object),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_number_is_a_number(kind: str) -> None:
    frame = table(40)
    frame["price"] = KINDS[kind](frame["price"])
    expected = frame["price"].astype(float).to_numpy()
    np.testing.assert_array_equal(panel(frame).controls[:, 0, 0], expected)


def test_every_kind_of_date_is_a_date() -> None:
    frame = table(40)
    text = frame["date"].dt.strftime("%d.%m.%Y")
    for dates in (
        frame["date"].dt.date,
        frame["date"].dt.tz_localize("Europe/Berlin"),
        text,
        frame["date"].astype(object),
    ):
        assert panel(frame.assign(date=dates)).dates.equals(panel(frame).dates)
