"""What a browser uploads is looked at before anything reads it, and what goes down runs nothing."""

from __future__ import annotations

import base64
from pathlib import Path
from types import SimpleNamespace

import pytest

from outlay.errors import ConfigError
from outlay.exports import csv_text
from planner.downloads import MOST_BYTES, in_one_unit, scenario_frame, uploaded
from planner.store import Draft, Store

HEAD = "data:application/octet-stream;base64,"


def sent(content: bytes) -> str:
    return HEAD + base64.b64encode(content).decode()


def test_a_workbook_comes_through_whole() -> None:
    content = b"PK\x03\x04" + bytes(range(256))
    assert uploaded(sent(content)) == content


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        (sent(b"PK\x03\x04" + bytes(MOST_BYTES)), "larger than 5 MB"),
        (sent(b"<html>"), "no workbook"),
        (sent(b""), "no workbook"),
        ("no comma at all", "no workbook"),
        (HEAD + "UEsDB", "did not arrive whole"),  # five letters are no base64
        (HEAD + "UEsDB!==", "did not arrive whole"),
    ],
)
def test_what_is_no_workbook_is_refused(contents: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as refused:
        uploaded(contents)
    assert refused.value.id == "X076"


def test_a_workbook_holds_answers_in_one_unit() -> None:
    """One of leads beside those of money would stand under the heads of money."""
    answers = [
        SimpleNamespace(document=SimpleNamespace(name=name, outcome_unit=unit))
        for name, unit in (("Spring", "USD"), ("Leads", "leads"), ("Autumn", "USD"))
    ]
    kept, left = in_one_unit(answers, ["said before"])  # type: ignore[arg-type]
    assert [answer.document.name for answer in kept] == ["Spring", "Autumn"]
    assert left == ["said before", "Leads counts leads and not USD."]
    assert in_one_unit([], ["said before"]) == ([], ["said before"])


def test_the_table_holds_a_row_for_each_scenario_and_no_formula(tmp_path: Path) -> None:
    store = Store(tmp_path)
    asked = {"section": {}, "by_hand": None}
    for name, note in (("=1+1", "@SUM(A1)"), ("Spring", "")):
        store.create(name, Draft(asked, {"budget": 5.0, "currency": "USD"}, "fit-1", note))
    frame = scenario_frame(store.scenarios())
    assert frame["budget"].tolist() == [5.0, 5.0]
    lines = csv_text(frame).splitlines()
    assert [line.split(",")[0] for line in lines] == ["scenario", "Spring", "'=1+1"]
    assert ",'@SUM(A1)," in lines[2]
