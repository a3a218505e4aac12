"""Movement between segments: by hand, adding up, and whatever the order of customers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outlay.runs import RunWriter
from outlay.summary import jeffreys
from segmentation.migration import Standing, migration, standing_of

NAMES = {1: "gold", 2: "basic"}


def standing(numbers: dict[str, int], value: dict[str, float] | None = None, when: str = "") -> Standing:
    ids = np.array(list(numbers), dtype=object)
    worth = None if value is None else np.array([value.get(id, np.nan) for id in ids])
    return Standing(ids, np.array(list(numbers.values())), NAMES, worth, when=when)


BEFORE = standing({"a": 1, "b": 1, "c": 2, "d": 2, "e": 2}, {"a": 100, "b": 80, "c": 10, "d": 20, "e": 5}, "March")
AFTER = standing({"e": 2, "a": 1, "b": 2, "c": 1, "f": 2}, {"a": 110, "b": 30, "c": 70, "e": 6, "f": 8}, "April")


def cell(table: pd.DataFrame, before: str, after: str) -> pd.Series:
    return table[(table["before"] == before) & (table["after"] == after)].iloc[0]


def test_matrix_by_hand() -> None:
    found = migration(BEFORE, AFTER)
    table = found.matrix
    # a stays gold, b falls, c rises, d goes, e stays basic, f is new
    assert table[["before", "after", "customers"]].values.tolist() == [
        ["gold", "gold", 1],
        ["gold", "basic", 1],
        ["basic", "gold", 1],
        ["basic", "basic", 1],
        ["basic", "(gone)", 1],
        ["(new)", "basic", 1],
    ]
    rise = cell(table, "basic", "gold")
    assert rise["rate"] == pytest.approx(1 / 3)
    assert (rise["low"], rise["high"]) == pytest.approx([float(x) for x in jeffreys(1.0, 3.0, 0.9)])
    assert (rise["value_before"], rise["value_after"], rise["value_change"]) == (10, 70, 60)
    assert np.isnan(cell(table, "(new)", "basic")["rate"])
    assert np.isnan(cell(table, "basic", "(gone)")["value_after"])
    assert found.facts["moved"] == 2
    assert found.facts["move_rate"] == pytest.approx(0.5)  # of the four in both
    assert (found.facts["new"], found.facts["gone"], found.facts["value_moved"]) == (1, 1, 100)
    assert (found.facts["before"], found.facts["after"]) == ("March", "April")


def test_segments_by_hand() -> None:
    gold, basic = migration(BEFORE, AFTER).segments.to_dict("records")
    columns = ["before", "after", "stayed", "came", "went", "new", "gone"]
    assert [gold[name] for name in columns] == [
        2,
        2,
        1,
        1,
        1,
        0,
        0,
    ]
    assert [basic[name] for name in columns] == [
        3,
        3,
        1,
        1,
        1,
        1,
        1,
    ]
    assert gold["stay_rate"] == 0.5
    # c came with 70, b went with 80
    assert gold["value_net"] == -10
    # b came with 30, c went with 10, f is new with 8, d went away with 20
    assert basic["value_net"] == 8


@st.composite
def pairs(draw: st.DrawFn) -> tuple[dict[str, int], dict[str, int]]:
    ids = [f"c{k}" for k in range(12)]
    member = st.dictionaries(st.sampled_from(ids), st.integers(1, 3), min_size=1)
    return draw(member), draw(member)


@settings(max_examples=50, deadline=None)
@given(pairs())
def test_everything_adds_up_in_any_order(numbers: tuple[dict[str, int], dict[str, int]]) -> None:
    before, after = numbers
    found = migration(standing(before), standing(after))
    assert found.matrix["customers"].sum() == len(set(before) | set(after))
    for row in found.segments.itertuples():
        assert row.before == row.stayed + row.went + row.gone == sum(n == row.number for n in before.values())
        assert row.after == row.stayed + row.came + row.new == sum(n == row.number for n in after.values())
    left = found.matrix[found.matrix["before_number"] > 0].groupby("before_number")["rate"].sum()
    np.testing.assert_allclose(left, 1.0)
    turned = migration(standing(dict(reversed(before.items()))), standing(dict(sorted(after.items()))))
    pd.testing.assert_frame_equal(found.matrix, turned.matrix)
    pd.testing.assert_frame_equal(found.segments, turned.segments)


def test_without_values_no_money_is_told() -> None:
    found = migration(standing({"a": 1}), standing({"a": 2}))
    assert not [name for name in found.segments.columns if name.startswith("value_")]
    assert found.facts["value_moved"] is None


def test_nobody_in_both_is_told() -> None:
    found = migration(standing({"a": 1}), standing({"A": 1}))
    assert [finding.id for finding in found.findings] == ["K093"]
    assert found.facts["move_rate"] is None


def test_movement_at_borders_is_told() -> None:
    ids = np.array([f"c{k}" for k in range(100)], dtype=object)
    ones, twos = np.ones(100, np.int64), np.repeat([1, 2], 50)
    blurred = np.where(np.arange(100) < 50, 0.9, 0.02)
    found = migration(Standing(ids, ones, NAMES, sureness=blurred), Standing(ids, twos, NAMES, sureness=blurred))
    assert found.facts["border"] == 1.0
    assert [finding.id for finding in found.findings] == ["K099"]
    assert cell(found.matrix, "gold", "gold")["border"] == 0.0
    sure = np.full(100, 0.9)
    assert not migration(Standing(ids, ones, NAMES, sureness=sure), Standing(ids, twos, NAMES, sureness=sure)).findings


def kept(root: Path, day: str, numbers: list[int]) -> Standing:
    table = pd.DataFrame({"id": ["a", "b", "c"], "number": numbers, "sureness": 0.5, "value": [1.0, 2.0, 3.0]})
    with RunWriter(root, "segment", command=["outlay", "segment"], seed=1) as writer:
        writer.write_table("labels", table.assign(segment=table["number"].map(NAMES)))
        writer.write_json("segments", {"as_of": day})
    return standing_of(writer.run)


def test_runs_are_compared_by_their_labels(tmp_path: Path) -> None:
    told = migration(kept(tmp_path, "2026-01-31", [1, 2, 2]), kept(tmp_path, "2026-02-28", [1, 1, 2]))
    assert (told.facts["before"], told.facts["after"]) == ("2026-01-31", "2026-02-28")
    assert told.facts["moved"] == 1
    assert cell(told.matrix, "basic", "gold")["value_after"] == 2.0
