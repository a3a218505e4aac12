"""What a browser uploads is looked at before anything reads it, and what goes down runs nothing."""

from __future__ import annotations

import base64
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from outlay.errors import ConfigError
from outlay.exports import csv_text
from planner import downloads
from planner.asked import Asked
from planner.csv_file import csv_file
from planner.desk import KEPT
from planner.downloads import MOST_BYTES, MOST_PLANS, answered_again, in_one_unit, scenario_frame, uploaded
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
    assert frame["budget_USD"].tolist() == [5.0, 5.0]
    lines = csv_text(frame).splitlines()
    assert [line.split(",")[0] for line in lines] == ["scenario", "Spring", "'=1+1"]
    assert ",'@SUM(A1)," in lines[2]


def test_columns_tell_their_units_where_all_scenarios_have_one(tmp_path: Path) -> None:
    store = Store(tmp_path)
    asked = {"section": {}, "by_hand": None}
    for name, unit in (("Spring", "leads"), ("Autumn", "leads"), ("In money", "USD")):
        answer = {"budget": 5.0, "expected": 3.0, "currency": "USD", "outcome_unit": unit}
        store.create(name, Draft(asked, answer, "fit-1"))
    in_money, *in_leads = store.scenarios()
    assert {"budget_USD", "expected_leads", "gain_mean_leads", "p_better"} <= set(scenario_frame(in_leads))
    assert {"budget_USD", "expected", "gain_mean"} <= set(scenario_frame([in_money, *in_leads]))


def test_a_table_is_written_as_the_spreadsheets_of_its_project_read_it() -> None:
    frame = pd.DataFrame({"scenario": ["Größe", "=1+1"], "budget_EUR": [1234.5, -2.0]})
    text = csv_file(frame, "x.csv", "1.234,56")["content"]
    assert text == "\ufeffscenario;budget_EUR\nGröße;1234,5\n'=1+1;-2,0\n"
    assert csv_file(frame, "x.csv", "1,234.56")["content"].splitlines()[1] == "Größe,1234.5"


class Slow:
    """A desk that knows one answer."""

    def __init__(self) -> None:
        self.solved: list[str] = []

    def knows(self, asked: Asked) -> bool:
        return asked.section.periods == 1

    def answer(self, asked: Asked) -> Any:
        self.solved.append(asked.key)
        return SimpleNamespace(asked=asked)


def test_a_workbook_waits_for_no_plan_past_its_time_and_names_what_it_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty planners share the desk: one press must not hold a thread of the server for as long as there are plans."""
    monkeypatch.setattr(downloads, "named", lambda answer, name: (name, answer))
    store, desk = Store(tmp_path), Slow()
    for periods in (3, 1, 2):
        asked = {"section": {"periods": periods}, "by_hand": None}
        store.create(f"{periods} periods", Draft(asked, {}, "fit-1"))
    kept = store.scenarios()
    answers, left = answered_again(desk, kept, patience=0.0)  # type: ignore[arg-type]
    assert [name for name, _ in answers] == ["1 periods"]  # type: ignore[misc]
    assert left == ["There was no time to find the plans of 2 periods, 3 periods: press again, what was found is kept."]
    assert len(desk.solved) == 1
    assert len(answered_again(desk, kept)[0]) == 3  # type: ignore[arg-type]


def test_the_page_turns_away_what_the_server_would() -> None:
    """The browser's own limit is written in a script, which cannot read ours."""
    script = (Path(downloads.__file__).parent / "assets" / "upload.js").read_text(encoding="utf-8")
    assert f"var MOST = {MOST_BYTES};" in script


def test_all_plans_of_a_workbook_can_be_kept_at_once() -> None:
    """Else pressing again would find the first ones anew, and never end."""
    assert MOST_PLANS < KEPT
