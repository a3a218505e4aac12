"""Numbers and names of segments from one run to the next, and movement where segments were matched."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from segmentation.match import match_labels
from segmentation.result import Before
from segmentation.workflow_movement import standing_before
from segmentation.workflow_numbers import by_value, final_names, renumbered
from segmentation.workflow_tables import labelled


def test_the_largest_in_money_is_first_and_without_money_the_largest() -> None:
    labels = np.array([0, 0, 0, 1, 2, 2], np.int32)
    weight = np.ones(6)
    value = np.array([1.0, 1.0, np.nan, 50.0, 9.0, 9.0])
    # totals 2, 50, 18: the missing one adds nothing
    assert by_value(labels, 3, weight, value).tolist() == [1, 2, 0]
    # sizes 3, 1, 2
    assert by_value(labels, 3, weight, None).tolist() == [0, 2, 1]
    # a row that stands for ten customers makes cluster 1 the largest
    assert by_value(labels, 3, np.array([1.0, 1, 1, 10, 1, 1]), None).tolist() == [1, 0, 2]


@given(st.lists(st.integers(0, 4), min_size=5, max_size=60), st.randoms())
def test_numbers_do_not_depend_on_what_clusters_were_called(found: list[int], random: st.DataObject) -> None:
    labels = np.array([*found, 0, 1, 2, 3, 4], np.int32)
    # totals that are all different, so that no tie is broken by the old name
    value = np.cumsum(np.ones(len(labels))) ** 1.3
    other = np.arange(5, dtype=np.int32)
    random.shuffle(other)  # type: ignore[attr-defined]
    one = renumbered(labels, by_value(labels, 5, np.ones(len(labels)), value))
    two = renumbered(other[labels], by_value(other[labels], 5, np.ones(len(labels)), value))
    totals = np.bincount(one, value, 5)
    if len(set(totals)) == 5:
        assert (one == two).all()
    assert (np.diff(totals) <= 1e-9).all()


def test_your_name_goes_before_the_kept_one_and_that_before_the_automatic_one() -> None:
    names, origin = final_names(3, {1: "Core"}, {1: "Old core", 2: "Young"}, {1: "A", 2: "B", 3: "C"})
    assert names == {1: "Core", 2: "Young", 3: "C"}
    assert origin == {1: "yours", 2: "kept", 3: "automatic"}


def test_no_name_is_given_twice() -> None:
    # you gave segment 2 the name that segment 1 had before; two automatic names are the same
    names, origin = final_names(3, {2: "Core"}, {1: "Core"}, {1: "Large", 2: "Large", 3: "Large"})
    assert names == {1: "Large", 2: "Core", 3: "Large 3"}
    assert origin[1] == "automatic"


def test_a_segment_that_is_gone_keeps_its_name_and_gets_a_number_after_all_others() -> None:
    ids = np.array([f"c{i}" for i in range(6)], dtype=object)
    then, now = np.array([0, 0, 1, 1, 2, 2]), np.array([1, 1, 0, 0, 0, 0])
    match = match_labels(then, now, 3, 2)
    model = _Model({1: "A", 2: "B", 3: "C"})
    labels = pd.DataFrame({"id": ids, "number": then + 1, "segment": "", "sureness": 1.0})
    before = Before("run", model, labels, None, "id")  # type: ignore[arg-type]
    standing = standing_before(before, match)
    kept = {name: number for number, name in standing.names.items()}
    # A is segment 1 as it was; of B and C one is matched to the other cluster, the other is no longer there
    assert kept["A"] == 1
    assert sorted(standing.names) == [1, 2, 3]
    assert standing.names[3].endswith("(no longer)")
    assert standing.numbers.tolist().count(3) == 2


class _Model:
    def __init__(self, names: dict[int, str]) -> None:
        self.names = names


def test_tables_name_segments_and_all_customers() -> None:
    names = {1: "Core", 2: "Young"}
    by_number = labelled(pd.DataFrame({"number": pd.array([2, None], "Int64"), "x": [1.0, 2.0]}), names)
    assert by_number["segment"].tolist() == ["Young", "all"]
    assert by_number["number"].isna().tolist() == [False, True]
    by_segment = labelled(pd.DataFrame({"segment": [0, 1], "name": ["", ""], "x": [1.0, 2.0]}), names)
    assert by_segment.columns.tolist() == ["number", "segment", "x"]
    assert by_segment["segment"].tolist() == ["all", "Core"]
