"""Restated history: what changed between two panels is named, and what did not is not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mmm.checks_history import compare_history
from tests.mmm.panels import ids, only, panel, table


def test_the_same_history_says_nothing() -> None:
    assert compare_history(panel(table()), panel(table())) == []


def test_new_weeks_are_no_restatement() -> None:
    whole = table(60)
    assert compare_history(panel(whole.head(52)), panel(whole)) == []


def test_a_restated_number_is_named_by_series_and_date() -> None:
    new = table()
    new.loc[[10, 30], "tv"] += 1_000.0
    findings = compare_history(panel(table()), panel(new))
    assert ids(findings) == ["D160"]
    # 2 January 2023 plus 10 and 30 weeks
    assert findings[0].where == "DataFrame, spend tv"
    assert "2 values changed on 2 dates (2023-03-13, 2023-07-31)" in findings[0].what
    assert findings[0].severity == "warning"


def test_the_group_of_a_restatement_is_named() -> None:
    old, new = table(groups=("a", "b")), table(groups=("a", "b"))
    new.loc[104 + 5, "sales"] *= 1.1
    finding = only(compare_history(panel(old, group="geo"), panel(new, group="geo")), "D160")
    assert "in b" in finding.what


def test_rounding_in_the_last_digits_is_no_restatement() -> None:
    new = table()
    new["sales"] *= 1 + 1e-12
    assert compare_history(panel(table()), panel(new)) == []


def test_dropped_dates_and_groups_are_named() -> None:
    findings = compare_history(panel(table()), panel(table().iloc[4:].reset_index(drop=True)))
    assert "4 weeks of the previous fit are no longer there: 2023-01-02 to 2023-01-23" in only(findings, "D161").what
    grouped = table(groups=("a", "b", "c"))
    fewer = grouped[grouped["geo"] != "b"].reset_index(drop=True)
    gone = only(compare_history(panel(grouped, group="geo"), panel(fewer, group="geo")), "D161")
    assert gone.where == "DataFrame, groups"
    assert gone.what.endswith("b")


def test_series_that_came_and_went_are_noted() -> None:
    findings = compare_history(panel(table()), panel(table(), controls=["worth"]))
    assert "control:price went; control:worth came" in only(findings, "D162").what


def test_national_and_grouped_panels_compare_without_shared_rows() -> None:
    findings = compare_history(panel(table(groups=("a",))), panel(table(groups=("a",)), group="geo"))
    assert ids(findings) == ["D161"]  # the group "national" is gone


def test_history_that_got_its_kpi_is_a_restatement() -> None:
    early = table().assign(sales=lambda t: t["sales"].where(t.index >= 5))
    finding = only(compare_history(panel(early), panel(table())), "D160")
    assert finding.where == "DataFrame, kpi"


def test_two_dimensions_compare_like_one() -> None:
    frame = table(groups=("a", "b")).assign(store="s")
    changed = frame.assign(tv=lambda t: t["tv"] + (t.index == 3))
    findings = compare_history(panel(frame, group=["geo", "store"]), panel(changed, group=["geo", "store"]))
    assert "in a / s" in only(findings, "D160").what


def test_order_and_index_play_no_part() -> None:
    shuffled = table().sample(frac=1.0, random_state=3).set_index(pd.Index(np.arange(104) + 7))
    assert compare_history(panel(table()), panel(shuffled)) == []
