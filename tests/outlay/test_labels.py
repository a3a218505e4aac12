"""Labels of customers: the latest run of segments, the one that is named, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from outlay.errors import ConfigError, RunError
from outlay.labels import LabelsSection, label_run, read_labels
from tests.labelled import segment_run

LABELS = {"A1": "enterprise", "A2": "small", " A3 ": "small"}


def test_the_latest_run_of_either_kind_is_read(tmp_path: Path) -> None:
    segment_run(tmp_path, LABELS)
    run = segment_run(tmp_path, {"B1": "public"}, kind="segment_assign", as_of="2026-03-31")
    found = read_labels(tmp_path / "runs")
    assert found.run.id == run.id
    assert found.as_of == date(2026, 3, 31)
    assert found.frame.to_dict("records") == [{"id": "B1", "segment": "public"}]


def test_a_run_is_named_by_its_id_or_its_beginning(tmp_path: Path) -> None:
    first = segment_run(tmp_path, LABELS)
    segment_run(tmp_path, {"B1": "public"})
    for ref in (first.id, first.id[:-1]):
        found = read_labels(tmp_path / "runs", ref)
        assert found.frame["id"].tolist() == ["A1", "A2", "A3"]  # spaces around an id are none of its
    with pytest.raises(ConfigError, match="2 runs of segments begin like"):
        label_run(tmp_path / "runs", "20")
    with pytest.raises(ConfigError, match="no run of segments is called") as told:
        label_run(tmp_path / "runs", "1999")
    assert first.id in told.value.repair


def test_without_a_run_the_repair_is_to_run_segment(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no segments yet") as told:
        read_labels(tmp_path / "runs")
    assert told.value.id == "C023"
    assert "outlay segment" in told.value.repair


@pytest.mark.parametrize("fault", ["rows", "twice"])
def test_customers_without_ids_of_their_own_are_refused(tmp_path: Path, fault: str) -> None:
    labels = {"1": "a", "2": "b"} if fault == "rows" else {"1": "a", " 1": "b"}
    segment_run(tmp_path, labels, id=None if fault == "rows" else "account_id")
    with pytest.raises(ConfigError, match="no ids that another table could name"):
        read_labels(tmp_path / "runs")


def test_a_damaged_latest_run_is_not_passed_over(tmp_path: Path) -> None:
    segment_run(tmp_path, LABELS)
    newest = segment_run(tmp_path, LABELS)
    # The older run made in the same second has the same beginning: the name decides only between seconds.
    moved = newest.path.with_name("29990101T000000Z-segment-00000000")
    newest.path.rename(moved)
    (moved / "manifest.json").write_text("{")
    with pytest.raises(RunError, match=r"R003|R004"):
        read_labels(tmp_path / "runs")


def test_the_joined_column_is_named_after_the_customers(tmp_path: Path) -> None:
    assert LabelsSection(customer="account_id").column == "segment of account_id"
