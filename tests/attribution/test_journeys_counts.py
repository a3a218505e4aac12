"""Counts of journeys against the definition, journey by journey; and what must not change them."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attribution import paths, paths_counts
from attribution.journeys_counts import JourneyCounts, count_journeys, counts_from_frame, counts_within
from attribution.journeys_engine import counted_by_engine
from attribution.journeys_pass import counted_in_a_pass
from attribution.journeys_table import touches_of
from attribution.paths import CONVERTED, LOST
from attribution.paths_counts import RULES
from outlay.project import ProjectSection
from outlay.sources import relation_of_frame
from tests.attribution.touches import DAY, NOW, Journey, journeys, random_touches, section

OPTIONS: list[dict[str, Any]] = [
    {},
    {"lookback_days": None, "session_minutes": 0.0},
    {"lookback_days": 10.0, "session_minutes": 2000.0},
    {"lookback_days": 20.0, "direct": "c1", "direct_rule": "ignore_if_other"},
    {"order": 3, "session_minutes": 3000.0, "direct": "c0", "direct_rule": "ignore_if_other"},
    {"order": 2, "lookback_days": None},
]


def credit(journey: Journey, rule: str, half_life: float = 7.0) -> dict[str, float]:
    """What a rule gives each channel of one journey, by its definition."""
    n, given_ = len(journey.channels), Counter[str]()
    age = [(journey.end - time).total_seconds() / 86400 for time in journey.times]
    decayed = np.array([0.5 ** (each / half_life) for each in age])
    position = [1.0] if n == 1 else [0.5, 0.5] if n == 2 else [0.4, *[0.2 / (n - 2)] * (n - 2), 0.4]
    weights = {
        "first": [1.0, *[0.0] * (n - 1)],
        "last": [*[0.0] * (n - 1), 1.0],
        "linear": [1.0 / n] * n,
        "position": position,
        "decay": (decayed / decayed.sum()).tolist(),
    }[rule]
    for name, weight in zip(journey.channels, weights, strict=True):
        given_[name] += weight
    return given_


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_everything_is_counted_as_journey_by_journey(options: dict[str, Any]) -> None:
    frame, of = random_touches(1, 500), section(value="value", **options)
    counts, told = counts_from_frame(frame, of, NOW), list(journeys(frame, of))
    names = counts.channels
    assert counts.journeys == len(told)
    assert counts.conversions == sum(each.converted for each in told)
    assert counts.value == sum(each.value for each in told)
    assert counts.touches == sum(len(each.channels) for each in told)
    for rule in RULES:
        expected: Counter[str] = Counter()
        valued: Counter[str] = Counter()
        for each in (each for each in told if each.converted):
            for name, share in credit(each, rule).items():
                expected[name] += share
                valued[name] += share * each.value
        found = counts.credits.groupby("channel")[[rule, f"{rule}_value"]].sum()
        for code, name in enumerate(names):
            assert found[rule].get(code, 0.0) == pytest.approx(expected[name], abs=1e-9)
            assert found[f"{rule}_value"].get(code, 0.0) == pytest.approx(valued[name], abs=1e-7)
    _assert_grams(counts, told, of.order)
    _assert_sets(counts, told)


def _assert_grams(counts: JourneyCounts, told: list[Journey], order: int) -> None:
    expected: Counter[tuple[int, ...]] = Counter()
    for each in told:
        codes = [counts.channels.index(name) for name in each.channels]
        for i, code in enumerate(codes):
            before = [codes[i - step] if i >= step else -1 for step in range(1, order)]
            follows = codes[i + 1] if i + 1 < len(codes) else CONVERTED if each.converted else LOST
            expected[(*before, code, follows)] += 1
    keys = [*(f"h{step}" for step in range(1, order)), "channel", "follows"]
    found = counts.grams.groupby(keys)["touches"].sum()
    assert {key: int(count) for key, count in found.items()} == dict(expected)
    assert counts.grams["value"].sum() == pytest.approx(counts.value)


def _assert_sets(counts: JourneyCounts, told: list[Journey]) -> None:
    expected: Counter[int] = Counter()
    won: Counter[int] = Counter()
    for each in told:
        mask = sum(1 << counts.channels.index(name) for name in set(each.channels))
        expected[mask] += 1
        won[mask] += each.converted
    found = counts.coalitions.groupby("mask")[["journeys", "conversions"]].sum()
    assert found["journeys"].to_dict() == dict(expected)
    assert {mask: count for mask, count in found["conversions"].items() if count} == {k: v for k, v in won.items() if v}


def test_a_table_by_hand() -> None:
    # One user converts twice: two journeys. The second visit of "a" within 30 minutes is the first's session.
    rows = [
        ("u", 0, "a", 0),
        ("u", 20, "a", 0),
        ("u", 60, "b", 1),
        ("u", 500, "c", 0),
        ("u", 600, "b", 1),
        ("v", 5, "a", 0),
    ]
    frame = pd.DataFrame(rows, columns=["user", "minute", "channel", "conversion"])
    frame["time"] = DAY + pd.to_timedelta(frame["minute"], unit="min")
    counts = counts_from_frame(frame, section(), NOW)
    assert (counts.touches, counts.journeys, counts.conversions) == (5, 3, 2)
    linear = counts.credits.groupby("channel")["linear"].sum()
    assert linear.tolist() == [0.5, 1.0, 0.5]  # a and b share the first journey, c and b the second
    assert [finding.id for finding in counts.findings] == ["J056", "J041", "J043"]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_neither_the_order_of_rows_nor_the_names_of_users_matter(seed: int) -> None:
    frame, of = random_touches(seed, 120, users=20), section(value="value", order=2)
    rng = np.random.default_rng(seed)
    names = {name: f"x{i}" for i, name in enumerate(rng.permutation(frame["user"].unique()))}
    mixed = frame.assign(user=frame["user"].map(names)).sample(frac=1, random_state=seed)
    one, other = counts_from_frame(frame, of, NOW), counts_from_frame(mixed, of, NOW)
    for name in ("grams", "coalitions", "credits"):
        _assert_same(getattr(one, name), getattr(other, name))


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), channels=st.integers(1, 6))
def test_every_rule_gives_away_what_there_is(seed: int, channels: int) -> None:
    frame = random_touches(seed, 150, channels=channels)
    frame.loc[0, ["conversion", "value"]] = [1, 5.0]
    counts = counts_from_frame(frame, section(value="value"), NOW)
    for rule in RULES:
        assert counts.credits[rule].sum() == pytest.approx(counts.conversions, rel=1e-12)
        assert counts.credits[f"{rule}_value"].sum() == pytest.approx(counts.value, rel=1e-12)


def test_tied_touches_have_one_order_whatever_the_rows() -> None:
    # all on one day without a time of day: every order of rows must give the same counts
    frame = random_touches(3, 200, minutes=1000).assign(time=DAY)
    one = counts_from_frame(frame, section(), NOW)
    other = counts_from_frame(frame[::-1], section(), NOW)
    _assert_same(one.grams, other.grams)
    assert "J020" in {finding.id for finding in one.findings}


def test_renaming_channels_moves_their_credit_along() -> None:
    frame = random_touches(4, 400)
    other = frame.assign(channel=frame["channel"].map({"c0": "z", "c1": "y", "c2": "x", "c3": "w"}))
    one, two = counts_from_frame(frame, section(), NOW), counts_from_frame(other, section(), NOW)
    for rule in RULES:
        first = one.credits.groupby("channel")[rule].sum().to_numpy()
        np.testing.assert_allclose(two.credits.groupby("channel")[rule].sum().to_numpy()[::-1], first, atol=1e-9)


def test_merging_sessions_twice_is_merging_them_once() -> None:
    frame, of = random_touches(5, 600, users=8), section(session_minutes=600.0, lookback_days=None)
    kept = [
        {"user": f"{i}", "time": time, "channel": name, "conversion": int(each.converted and time == each.end)}
        for i, each in enumerate(journeys(frame, of))
        for name, time in zip(each.channels, each.times, strict=True)
    ]
    again = counts_from_frame(pd.DataFrame(kept), of, NOW)
    assert again.touches == counts_from_frame(frame, of, NOW).touches == len(kept)


def test_segments_and_periods_add_up_to_the_whole() -> None:
    frame = random_touches(6, 600)
    frame["segment"] = frame["user"].str[-1]
    plain = counts_from_frame(frame, section(value="value"), NOW)
    cells = counts_from_frame(frame, section(value="value", segment="segment", period="month"), NOW)
    assert len(cells.segments) == 10
    assert cells.periods == ("2025-03-01", "2025-04-01")
    for name, keys in (
        ("grams", ["channel", "follows"]),
        ("coalitions", ["mask"]),
        ("credits", ["mask", "channel"]),
    ):
        whole, parts = getattr(plain, name), getattr(cells, name)
        numbers = [column for column in whole if column not in ("segment", "period", *keys)]
        _assert_same(whole.groupby(keys)[numbers].sum(), parts.groupby(keys)[numbers].sum())
    one = cells.cell(segment=2, period=1)
    frame_of = frame[frame["segment"] == "2"]
    told = [each for each in journeys(frame_of, section(value="value")) if each.end.month == 4]
    assert one.journeys == len(told)
    assert one.conversions == sum(each.converted for each in told)


def test_journeys_of_a_window_end_in_it(tmp_path: Path) -> None:
    frame = random_touches(8, 500)
    frame.to_parquet(tmp_path / "touches.parquet")
    of = section(source="touches.parquet", value="value")
    start, end = pd.Timestamp("2025-03-10").to_pydatetime(), pd.Timestamp("2025-04-10").to_pydatetime()
    counts = counts_within(of, tmp_path, start, end, NOW)
    told = [each for each in journeys(frame, of) if start <= each.end < end]
    assert counts.journeys == len(told)
    assert counts.value == sum(each.value for each in told)


@pytest.mark.parametrize("kind", ["csv", "parquet", "duckdb"])
def test_the_same_from_every_kind_of_source(kind: str, tmp_path: Path) -> None:
    frame = random_touches(9, 300)
    if kind == "csv":
        frame.to_csv(tmp_path / "t.csv", index=False)
    elif kind == "parquet":
        frame.to_parquet(tmp_path / "t.parquet")
    else:
        import duckdb

        with duckdb.connect(str(tmp_path / "t.duckdb")) as connection:
            connection.register("frame", frame)
            connection.execute("CREATE TABLE t AS SELECT * FROM frame")
    source = {"csv": "t.csv", "parquet": "t.parquet", "duckdb": "duckdb:///t.duckdb?table=t"}[kind]
    of = section(source=source, value="value", order=2)
    found = count_journeys(of, ProjectSection(name="p"), tmp_path, NOW)
    _assert_same(found.grams, counts_from_frame(frame, of, NOW).grams)


def _assert_same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    ordered = []
    for frame in (one, other):
        flat = frame.reset_index(drop=frame.index.names == [None])
        keys = [column for column in flat if flat[column].dtype.kind in "iu"]
        ordered.append(flat.sort_values(keys).reset_index(drop=True))
    pd.testing.assert_frame_equal(*ordered, check_dtype=False, atol=1e-9)


@pytest.mark.filterwarnings("ignore::FutureWarning:pyspark")
@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "pyspark"])
def test_the_expressions_are_written_for_every_engine(dialect: str) -> None:
    if dialect == "pyspark":
        pytest.importorskip("pyspark")
        assert ibis.pyspark  # its options are known once it was asked for
    kinds = {"user": "string", "time": "timestamp", "channel": "string", "conversion": "int8", "value": "float64"}
    rows = ibis.table({**kinds, "segment": "string"}, name="touches")
    codes = {"a": 0, "b": 1}
    table: Any = SimpleNamespace(
        rows=rows,
        channels=("a", "b"),
        channel_codes=codes,
        segment_codes=codes,
        relation=SimpleNamespace(backend=SimpleNamespace(name=dialect)),
    )
    of = section(value="value", segment="segment", period="month", order=2, direct="a", direct_rule="ignore_if_other")
    cut = paths.cut_of(of, table, [DAY, DAY + timedelta(days=31)])
    links = paths.linked(paths.keyed(table), cut)
    touches = paths.kept(links, cut)
    journeys_won = paths_counts.won(touches, paths_counts.conversions(paths.keyed(table, conversions=True), cut), cut)
    for expression in (
        paths_counts.tally(links, cut),
        paths_counts.coalitions(journeys_won),
        paths_counts.credits(touches, journeys_won, cut),
        paths_counts.grams(touches, journeys_won.select("user", "end", "value"), cut),
        paths_counts.lost(touches, cut, 0),
    ):
        assert "SELECT" in ibis.to_sql(expression, dialect=dialect)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("users", ["text", "numbers"])
def test_the_pass_counts_what_the_engine_counts(options: dict[str, Any], users: str) -> None:
    frame = random_touches(11, 700, users=50, minutes=60 * 24 * 50)
    frame["time"] = frame["time"].dt.floor("h")  # touches of one moment, too
    frame = pd.concat([frame, frame[:40]])  # and touches that stand twice, conversions among them
    frame["segment"] = frame["user"].str[-1]
    if users == "numbers":
        frame["user"] = frame["user"].str[1:].astype("int64")
    of = section(value="value", segment="segment", period="month", **options)
    told: list[Any] = []
    with relation_of_frame(frame) as relation:
        table = touches_of(relation, "the frame", of, NOW)
        cut = paths.cut_of(of, table, [DAY, DAY + timedelta(days=31)])
        horizon = paths.milliseconds(DAY + timedelta(days=40))
        told.append(counted_by_engine(table, cut, horizon))
        # in one go, and by parts of the users that are put together
        told += [counted_in_a_pass(table, cut, horizon), counted_in_a_pass(table, cut, horizon, most_rows=200)]
    for other in told[1:]:
        assert other.notes == told[0].notes
        for name in ("grams", "sets", "credits"):
            columns = list(getattr(other, name).columns)
            _assert_same(getattr(told[0], name)[columns], getattr(other, name))


def test_many_touches_of_one_user_are_sorted_too() -> None:
    # one user with all touches: the in-place sort has no friend in short lists
    frame = random_touches(12, 3000, users=1, rate=0.01)
    counts, told = counts_from_frame(frame, section(), NOW), list(journeys(frame, section()))
    assert counts.touches == sum(len(each.channels) for each in told)
    _assert_grams(counts, told, 1)
