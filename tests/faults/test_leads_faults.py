"""Every fault that a table of leads can have: its id, the place and rows it names, and whether it stops the work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attribution._entries_leads import ENTRIES
from attribution.leads_cells import cells_from_frame, read_cells
from outlay.errors import DataError
from outlay.findings import Finding
from tests.attribution.leads_made import ABOUT, as_arrow, leads, section

N = 600


def put(column: str, value: object, *rows: int) -> Callable[[], pd.DataFrame]:
    """The table with some cells replaced, row 1 being the first."""

    def made() -> pd.DataFrame:
        frame = as_arrow(leads(N))
        if isinstance(value, str):
            frame[column] = frame[column].astype(object)
        frame.loc[[row - 1 for row in rows], column] = value
        return frame

    return made


def flags(**wrong: object) -> Callable[[], pd.DataFrame]:
    """The table with won as 0/1, in row 9 as given, if it is."""

    def made() -> pd.DataFrame:
        frame = as_arrow(leads(N))
        frame["won"] = frame["won"].notna().astype(float)
        if wrong:
            frame.loc[8, "won"] = wrong["row9"]
        return frame

    return made


def first(column: str, *, reached: bool) -> int:
    """The first row that reached a stage, or did not."""
    return int(np.flatnonzero(leads(N)[column].notna() == reached)[0]) + 1


def shifted(column: str, by: int) -> Callable[[], pd.DataFrame]:
    """The first lead that reached the stage did so some days after its creation."""

    def made() -> pd.DataFrame:
        frame = as_arrow(leads(N))
        row = first(column, reached=True) - 1
        frame.loc[row, column] = frame.loc[row, "created"] + pd.Timedelta(days=by)
        return frame

    return made


def twice() -> pd.DataFrame:
    frame = as_arrow(leads(N))
    frame.loc[[299, 599], "lead"] = "L00004"
    return frame


def nobody() -> pd.DataFrame:
    return as_arrow(leads(N)).assign(sqo=pd.NaT, won=pd.NaT, amount=np.nan)


def recent() -> pd.DataFrame:
    """Leads of nine days, the last of which is the day of the table."""
    return as_arrow(leads(N, days=9))


SQO, WON, LOST = first("sqo", reached=True), first("won", reached=True), first("won", reached=False)
ALL_WON = int(leads(N)["won"].notna().sum())
TOMORROW = pd.Timestamp(date.today() + timedelta(days=3))

# name: (table, changes of the section, id, words that must stand in the place or the problem)
STOPS: dict[str, tuple[Callable[[], pd.DataFrame], dict[str, Any], str, list[str]]] = {
    "a stage of 2": (flags(row9=2.0), {}, "L001", ["column won", "row 9", "1 lead", "neither 0 nor 1"]),
    "an empty 0/1": (flags(row9=np.nan), {}, "L002", ["column won", "row 9"]),
    "won without sqo": (put("sqo", pd.NaT, WON), {}, "L003", [f"row {WON}", "reached won and not sqo"]),
    "won before sqo": (
        shifted("won", 0),
        {"id": None},
        "L004",
        ["columns won and sqo", f"row {WON}", "won before sqo"],
    ),
    "sqo before creation": (shifted("sqo", -1), {}, "L004", ["columns sqo and mql", "sqo before mql"]),
    "mql before creation": (shifted("mql", -1), {}, "L005", ["columns mql and created", "row 1", "mql before created"]),
    "negative value": (put("amount", -1.0, 5, 7), {}, "L006", ["column amount", "rows 5, 7", "2 leads", "below zero"]),
    "infinite value": (put("amount", np.inf, 5), {}, "D025", ["column amount", "row 5"]),
    "won without value": (put("amount", np.nan, WON), {}, "L007", ["amount and won", f"row {WON}", "won and no value"]),
    "created after today": (put("created", TOMORROW, 600), {}, "L010", ["column created", "row 600", "after today"]),
    "reached after today": (put("sqo", TOMORROW, SQO), {}, "L010", ["column sqo", f"row {SQO}", "sqo after today"]),
    "no day of creation": (put("created", pd.NaT, 3), {}, "D030", ["column created", "row 3"]),
    "a day of another age": (put("created", pd.Timestamp(1899, 12, 31), 3), {}, "D037", ["column created", "row 3"]),
    "ids twice": (twice, {}, "L014", ["column lead", "rows 5, 300, 600", "1 id in 3 rows", '"L00004"']),
    "maturity modelled on 0/1": (flags(), {"maturity": "model"}, "L034", ["column won", "0/1"]),
    "nobody reached": (nobody, {}, "L042", ["column won", "nobody reached sqo"]),
    "everybody too young": (recent, {"maturity_days": 30}, "L042", ["column sqo", "younger than 30 days"]),
    "nobody yet by as_of": (
        lambda: as_arrow(leads(N)),
        {"as_of": date(2020, 1, 1)},
        "L019",
        ["column created", "as_of, 2020-01-01", "the first came on 2024-01-02"],
    ),
    "no rows": (lambda: as_arrow(leads(N)).head(0), {}, "D004", ["no rows"]),
    "no column": (lambda: as_arrow(leads(N)).drop(columns="won"), {}, "D006", ['no column "won"']),
    "a list as segment": (
        lambda: as_arrow(leads(N)).assign(segment=[["a"]] * N),
        {},
        "D027",
        ["column segment", "not names"],
    ),
    "truth as value": (lambda: as_arrow(leads(N)).assign(amount=True), {}, "D027", ["column amount", "not numbers"]),
}


@pytest.mark.parametrize("name", STOPS)
def test_a_fault_that_stops_the_work(name: str) -> None:
    table, changes, id, words = STOPS[name]
    with pytest.raises(DataError) as caught:
        cells_from_frame(table(), section(**changes), ABOUT)
    found = [finding for finding in caught.value.findings if finding.severity == "error" and finding.id == id]
    _tells(found, words)


def _tells(found: list[Finding], words: list[str]) -> None:
    assert found
    text = " ".join(f"{finding.where} {finding.what}" for finding in found)
    assert [word for word in words if word not in text] == [], text
    assert all(finding.repair for finding in found)


def sub(**parts: str) -> Callable[[], pd.DataFrame]:
    return lambda: as_arrow(leads(N)).assign(part=lambda t: t["segment"].map(parts))


def quiet() -> pd.DataFrame:
    frame = as_arrow(leads(N))
    return frame[~frame["created"].between("2024-03-04", "2024-03-17")]


def all_reach() -> pd.DataFrame:
    frame = as_arrow(leads(N))
    return frame.assign(sqo=frame["created"], won=frame["won"].where(frame["won"].isna(), frame["created"]))


def uneven() -> pd.DataFrame:
    return as_arrow(leads(N)).assign(score=[1.0] * 500 + [2.0] * 100)


# as above; an empty dict of changes would not name the columns
SAID: dict[str, tuple[Callable[[], pd.DataFrame], dict[str, Any], str, list[str]]] = {
    "value without won": (put("amount", 5.0, LOST), {}, "L008", ["amount and won", f"row {LOST}", "without won"]),
    "a skipped stage": (
        put("sqo", pd.NaT, WON),
        {"skipped_stages": "reached"},
        "L017",
        ["columns sqo and won", f"row {WON}", "1 lead that reached won and not sqo count as having reached sqo"],
    ),
    "won without value, left out": (
        put("amount", np.nan, WON),
        {"missing_value": "leave_out"},
        "L018",
        ["amount and won", f"row {WON}", f"1 lead of {ALL_WON} ({1 / ALL_WON:.1%}) with won", "left out of values"],
    ),
    "won for nothing": (put("amount", 0.0, WON), {}, "L009", [f"row {WON}", "won and a value of 0"]),
    "as_of taken": (leads_plain := lambda: as_arrow(leads(N)), {}, "L011", ["no as_of is stated", "latest day"]),
    "created after as_of": (leads_plain, {"as_of": date(2024, 10, 1)}, "L012", ["column created", "left out"]),
    "reached after as_of": (leads_plain, {"as_of": date(2024, 10, 1)}, "L013", ["column won", "count as not reached"]),
    "0/1 before as_of": (flags(), {"as_of": date(2024, 10, 1)}, "L016", ["column won", "may have been"]),
    "ids missing": (put("lead", None, 2, 4), {}, "L015", ["column lead", "rows 2, 4", "2 leads of 600"]),
    "segment missing": (put("segment", None, 2, 4), {}, "L020", ["column segment", "2 leads of 600", '"(missing)"']),
    "unknown segment": (
        put("segment", "Enterprize", 2),
        {"segments": ("enterprise", "small", "public")},
        "L021",
        ["column segment", '"Enterprize" with 1 lead', 'did you mean "enterprise"?'],
    ),
    "a part in two wholes": (
        sub(enterprise="banks", small="banks", public="schools"),
        {"sub_segment": "part"},
        "L022",
        ["part and segment", '"banks" in "enterprise", "small"'],
    ),
    "two spellings": (put("segment", "Small", 2), {}, "L023", ['"Small", "small"', "capitals"]),
    "padded names": (put("segment", " small", 2), {}, "D041", ["column segment", "1 name with spaces"]),
    "score missing": (put("score", np.nan, 2), {"score": "score"}, "L024", ["column score", "row 2", "1 lead of 600"]),
    "many names": (
        lambda: as_arrow(leads(1200)).assign(segment=lambda t: t["lead"]),
        {},
        "L025",
        ["column segment", "1,200 different names"],
    ),
    "a segment without leads": (
        leads_plain,
        {"segments": ("enterprise", "small", "public", "partners")},
        "L026",
        ['no lead is in "partners"'],
    ),
    "uneven bands": (uneven, {"score": "score"}, "L027", ["column score", "2 bands", "up to 1: 83%"]),
    "time learnt": (leads_plain, {}, "L030", ["column sqo", "95 %", "learnt from"]),
    "young 0/1": (flags(), {}, "L031", ["column won", "count as not converted"]),
    "too few to learn": (lambda: as_arrow(leads(60)), {}, "L032", ["column won", "fewer than 20"]),
    "young left out": (leads_plain, {}, "L033", ["column sqo", "of 600 leads at mql are left out"]),
    "young modelled": (leads_plain, {"maturity": "model"}, "L035", ["column sqo", "by the part"]),
    "weeks without leads": (quiet, {}, "L040", ["column created", "2 weeks", "2024-03-04, 2024-03-11"]),
    "few leads": (lambda: as_arrow(leads(150)), {}, "L041", ["150 leads reached mql"]),
    "few conversions": (lambda: as_arrow(leads(60)), {"maturity_days": 0}, "L041", ["leads reached won"]),
    "everybody converts": (all_reach, {"maturity_days": 0}, "L043", ["column sqo", "everybody of 600"]),
    "nobody converts": (
        lambda: as_arrow(leads(N)).assign(won=pd.NaT, amount=np.nan),
        {"maturity_days": 0},
        "L043",
        ["column won", "nobody of"],
    ),
    "an empty cell": (
        lambda: as_arrow(leads(N)).query("not (segment == 'small' and channel == 'events')"),
        {},
        "L044",
        ["1 of 9 cells of segment x channel", "small x events"],
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_a_fault_that_is_told(name: str) -> None:
    table, changes, id, words = SAID[name]
    cells = cells_from_frame(table(), section(**changes), ABOUT)
    found = [finding for finding in cells.findings if finding.id == id]
    _tells(found, words)


def test_the_table_that_all_faults_start_from_has_none() -> None:
    cells = cells_from_frame(as_arrow(leads(N)), section(), ABOUT)
    # how long it takes and what that leaves out; the day of the table; nothing about a row
    assert {finding.id for finding in cells.findings} == {"L011", "L030", "L033"}


def test_every_id_has_a_test() -> None:
    # those of labels need runs of segments: tests/attribution/test_leads_labels.py
    by_runs = {"L050", "L051", "L052", "L053", "L054"}
    assert set(ENTRIES) - by_runs <= {id for _, _, id, _ in (*STOPS.values(), *SAID.values())}


def test_all_errors_of_a_table_are_told_together() -> None:
    frame = put("amount", -1.0, 5)()
    frame.loc[7, "created"] = pd.NaT
    frame.loc[599, "lead"] = "L00000"
    with pytest.raises(DataError) as caught:
        cells_from_frame(frame, section(), ABOUT)
    assert {finding.id for finding in caught.value.findings if finding.severity == "error"} >= {"L006", "D030", "L014"}


def csv(folder: Path, column: str, row: int, text: str) -> str:
    """The table as text with one cell replaced; the row counts from 1 below the header."""
    frame = leads(N).astype(object).where(lambda t: t.notna(), "")
    frame.loc[row - 1, column] = text
    frame.to_csv(folder / "leads.csv", index=False)
    return "leads.csv"


@pytest.mark.parametrize(
    "column, text, id, words",
    [
        ("created", "2024-02-30", "D031", ["column created", "line 8", '"2024-02-30"']),
        ("created", "", "D030", ["column created", "line 8"]),
        ("sqo", "soon", "D031", ["column sqo", "line 8", '"soon"']),
        ("sqo", "03/04/2024", "D033", ["column sqo", "line 8"]),
        ("amount", "12k", "D021", ["column amount", "line 8", '"12k"']),
        ("amount", "$5", "D026", ["column amount", "line 8"]),
    ],
)
def test_text_that_cannot_be_read_is_named_by_its_line(
    tmp_path: Path, column: str, text: str, id: str, words: list[str]
) -> None:
    # row 7 is line 8: the header is line 1
    with pytest.raises(DataError) as caught:
        read_cells(section(source=csv(tmp_path, column, 7, text)), ABOUT, tmp_path)
    _tells([finding for finding in caught.value.findings if finding.id == id], words)


@pytest.mark.parametrize("text, id", [("2", "L001"), ("yes", "L001"), ("2024-01-05", "L001"), ("", "L002")])
def test_text_of_0_and_1_takes_nothing_else(tmp_path: Path, text: str, id: str) -> None:
    frame = leads(N).assign(won=lambda t: t["won"].notna().astype(int).astype(str))
    frame.loc[6, "won"] = text
    frame.to_csv(tmp_path / "leads.csv", index=False)
    with pytest.raises(DataError) as caught:
        read_cells(section(source="leads.csv"), ABOUT, tmp_path)
    _tells([finding for finding in caught.value.findings if finding.id == id], ["column won", "line 8"])


def test_a_stage_of_words_is_neither_0_1_nor_a_day(tmp_path: Path) -> None:
    leads(N).assign(won="closed").to_csv(tmp_path / "leads.csv", index=False)
    with pytest.raises(DataError) as caught:
        read_cells(section(source="leads.csv"), ABOUT, tmp_path)
    _tells([finding for finding in caught.value.findings if finding.id == "L001"], ["column won", '"closed"'])
