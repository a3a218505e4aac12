"""``outlay plan --from``: a workbook that a planner edited is a question again."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fakes import write_fit
from typer.testing import CliRunner

from budget.config import PlanSection
from budget.document import PlanOutput
from cli.app import app
from cli.workbook.plans import plans_workbook
from cli.workbook.read import question_of
from outlay.errors import ConfigError

PROJECT = (
    '[project]\nname = "shop"\nmargin = 0.4\n[plan]\nperiods = 4\nbudget = 5_000_000\nmax_change = 0.3\n'
    '[[plan.bounds]]\nchannel = "tv"\nmax = 900_000\nperiod_max = 400_000\n'
    '[[plan.groups]]\nchannels = ["search", "social"]\nmin_share = 0.02\n[[plan.locks]]\nchannel = "radio"\n'
)
BUDGET, START, PERIODS = "B6", "H6", "I6"
LOWER, UPPER, LOCK = 6, 7, 8  # columns F, G and H of the table

Edit = Callable[[Any], None]


def ask(*words: str, code: int = 0) -> Any:
    said = CliRunner().invoke(app, [*words, "--json"])
    assert said.exit_code == code, said.stderr
    return json.loads(said.stdout)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("book")
    write_fit(folder / "runs")
    (folder / "outlay.toml").write_text(PROJECT, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        answer = PlanOutput.model_validate(ask("plan", "--dry-run"))
        (folder / "answer.json").write_text(answer.model_dump_json(), encoding="utf-8")
    (folder / "book.xlsx").write_bytes(plans_workbook((answer,)))
    return folder


@pytest.fixture
def base(study: Path) -> PlanSection:
    question = PlanOutput.model_validate_json((study / "answer.json").read_text(encoding="utf-8")).question
    return PlanSection.model_validate_json(json.dumps(question))


def edited(study: Path, *edits: Edit, book: str = "book.xlsx") -> bytes:
    """The workbook with cells edited, as a planner's spreadsheet saves it."""
    opened = openpyxl.load_workbook(study / book)
    for edit in edits:
        edit(opened)
    out = io.BytesIO()
    opened.save(out)
    return out.getvalue()


def line_of(sheet: Any, channel: str) -> int:
    return next(row for row in range(10, 40) if sheet.cell(row, 1).value == channel)


def write(place: str, value: object) -> Edit:
    def edit(book: Any) -> None:
        book["Plan"][place] = value

    return edit


def limit(channel: str, column: int, value: object) -> Edit:
    def edit(book: Any) -> None:
        sheet = book["Plan"]
        sheet.cell(line_of(sheet, channel), column).value = value

    return edit


def place_of(study: Path, channel: str, column: int) -> str:
    sheet = openpyxl.load_workbook(study / "book.xlsx")["Plan"]
    return f"Plan!{sheet.cell(line_of(sheet, channel), column).coordinate}"


def refusal(content: bytes, base: PlanSection) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        question_of(content, base, name="book.xlsx")
    return caught.value


def test_a_workbook_that_nobody_edited_asks_the_same(study: Path, base: PlanSection) -> None:
    for content in ((study / "book.xlsx").read_bytes(), edited(study)):
        assert question_of(content, base) == base
        # the question travels with the workbook: what the project asks now does not matter
        assert question_of(content, PlanSection(periods=9)) == base
    assert question_of(study / "book.xlsx", base) == base


def test_the_budget_alone_leaves_all_rules(study: Path, base: PlanSection) -> None:
    found = question_of(edited(study, write(BUDGET, 6_000_000)), base)
    assert found == base.model_copy(update={"budget": 6_000_000.0})


def test_edited_limits_are_exactly_what_the_row_shows(study: Path, base: PlanSection) -> None:
    found = question_of(edited(study, limit("tv", UPPER, 1_200_000), limit("social", LOWER, None)), base)
    rows = {row.channel: row for row in PlanOutput.model_validate_json((study / "answer.json").read_text()).rows}
    bounds = [bound for bound in found.bounds if bound.channel == "tv"]
    # limits of single periods are not in the table, so they stay; the old most gives way to the new one
    assert [(bound.period_max, bound.min, bound.max) for bound in bounds] == [
        (400_000, None, None),
        (None, rows["tv"].lower, 1_200_000),
    ]
    (social,) = (bound for bound in found.bounds if bound.channel == "social")
    assert (social.min, social.max) == (None, rows["social"].upper)
    # max_change still holds every other channel, and no longer these two
    assert found.max_change is None
    others = {bound.channel for bound in found.bounds if bound.max_change == 0.3}
    assert others == rows.keys() - {"tv", "social"}
    assert (found.groups, found.locks) == (base.groups, base.locks)


def test_locks_can_be_set_moved_and_lifted(study: Path, base: PlanSection) -> None:
    was = openpyxl.load_workbook(study / "book.xlsx")["Plan"]
    assert was.cell(line_of(was, "radio"), LOCK).value > 0  # locked in the project file, at the reference
    found = question_of(edited(study, limit("radio", LOCK, None), limit("tv", LOCK, 500_000)), base)
    assert [(lock.channel, lock.spend) for lock in found.locks] == [("tv", 500_000)]
    found = question_of(edited(study, limit("tv", LOCK, "Reference")), base)
    assert {(lock.channel, lock.spend) for lock in found.locks} == {("radio", None), ("tv", None)}


def test_a_free_total_takes_the_place_of_a_fixed_one(study: Path, base: PlanSection) -> None:
    found = question_of(edited(study, write("D6", 7_000_000), write("E6", "profit"), write("A6", "more")), base)
    assert (found.budget, found.budget_max, found.objective, found.name) == (None, 7_000_000, "profit", "more")


def test_a_small_change_of_a_target_is_a_change(study: Path, base: PlanSection) -> None:
    """Half a cent is nothing in a budget; in a return of 1.5 it is another question."""
    answer = PlanOutput.model_validate_json((study / "answer.json").read_text(encoding="utf-8"))
    aim = {"objective": "target_roi", "target": 1.5}
    aimed = answer.model_copy(update={"question": {**(answer.question or {}), **aim}, "objective": "target_roi"})
    (study / "aimed.xlsx").write_bytes(plans_workbook((aimed,)))
    sheet = openpyxl.load_workbook(study / "aimed.xlsx")["Plan"]
    cell = next(cell for cell in sheet[6] if cell.value == 1.5).coordinate
    assert question_of(edited(study, book="aimed.xlsx"), base).target == 1.5
    assert question_of(edited(study, write(cell, 1.504), book="aimed.xlsx"), base).target == 1.504


def test_a_long_name_is_kept_whole(study: Path, base: PlanSection) -> None:
    assert question_of(edited(study, write("A6", "n" * 300)), base).name == "n" * 300


def test_windows_are_dates_or_dates_as_text(study: Path, base: PlanSection) -> None:
    for value in (datetime(2024, 1, 1), "2024-01-01"):
        found = question_of(edited(study, write(START, value), write(PERIODS, 8)), base)
        assert (found.start, found.periods) == (date(2024, 1, 1), 8)


def test_messages_name_sheet_and_cell_all_at_once(study: Path, base: PlanSection) -> None:
    wrong = [
        limit("tv", UPPER, -5),
        limit("social", LOWER, "lots"),
        limit("search", LOCK, "=1+1"),
        write(BUDGET, True),
        write(START, "soon"),
        write(PERIODS, 2.5),
    ]
    found = refusal(edited(study, *wrong), base)
    assert (found.id, found.exit_code) == ("X062", 2)
    text = found.text()
    for place, said in (
        (place_of(study, "tv", UPPER), "below zero"),
        (place_of(study, "social", LOWER), "'lots' is not a number"),
        (place_of(study, "search", LOCK), "this formula has no value"),
        ("Plan!B6", "not a number"),
        ("Plan!H6", "not a date"),
        ("Plan!I6", "no number of periods"),
    ):
        assert f"{place}: {said}" in text or (place in text and said in text), text


def test_limits_the_wrong_way_round_and_rows_that_are_not_there(study: Path, base: PlanSection) -> None:
    found = refusal(edited(study, limit("tv", UPPER, 10), limit("tv", LOWER, 20)), base)
    assert found.where == place_of(study, "tv", LOWER)
    assert "above the upper limit" in found.what
    found = refusal(edited(study, limit("tv", 1, "television")), base)
    assert "television is not a row of this plan" in found.text()
    assert "the row of tv is gone" in found.text()
    found = refusal(edited(study, limit("tv", 3, 77.0)), base)  # Recommended is no input
    assert found.where == place_of(study, "tv", 3)
    found = refusal(edited(study, limit("tv", 2, 77.0)), base)  # and neither is what it is compared with
    assert found.where == place_of(study, "tv", 2)
    found = refusal(edited(study, limit("tv", 1, None), limit("social", 1, None)), base)
    assert "the rows of tv, social are gone" in found.text() or "the rows of social, tv are gone" in found.text()


def test_rows_may_be_sorted_and_set_apart(study: Path, base: PlanSection) -> None:
    def apart(book: Any) -> None:
        sheet = book["Plan"]
        sheet.insert_rows(line_of(sheet, "social"))
        sheet.insert_rows(10)
        sheet.cell(line_of(sheet, "tv"), UPPER).value = 1_200_000

    assert [bound.max for bound in question_of(edited(study, apart), base).bounds if bound.channel == "tv"] == [
        None,
        1_200_000,
    ]


def test_sheets_under_another_name_are_not_passed_over(study: Path, base: PlanSection) -> None:
    """An edit on a copy, or on a sheet that was renamed, would be left out without a word."""

    def copied(book: Any, budget: float | None = None) -> None:
        copy = book.copy_worksheet(book["Plan"])
        copy.title = "Before"
        if budget is not None:
            copy[BUDGET] = budget

    def renamed(book: Any) -> None:
        book["Plan"].title = "Media plan"

    assert question_of(edited(study, copied), base) == base  # kept to look at, and not edited
    found = refusal(edited(study, lambda book: copied(book, 1.0)), base)
    assert (found.where, "it was edited" in found.what, "sheet Plan" in found.repair) == ("Before", True, True)
    found = refusal(edited(study, renamed), base)
    assert (found.where, found.repair) == ("Media plan", "Name it Plan again.")


def test_text_that_looks_like_a_number_is_told_apart(study: Path, base: PlanSection) -> None:
    for said in ("2.500.000,00", "2,500,000", "$5", "130%"):
        found = refusal(edited(study, limit("tv", UPPER, said)), base)
        assert f"{said!r} is text and not a number" in found.what
        assert "decimal sign" in found.repair
    assert "the formula gave '#DIV/0!'" in refusal(edited(study, limit("tv", UPPER, "#DIV/0!")), base).what


def test_what_does_not_go_together_is_told_at_the_edited_cells(study: Path, base: PlanSection) -> None:
    found = refusal(edited(study, write("E6", "target_roi")), base)
    assert found.where == "Plan!E6"
    assert "needs target" in found.what
    found = refusal(edited(study, write("E6", "most money")), base)
    assert found.where == "Plan!E6"
    assert "'most money' is not one of the words" in found.what
    assert "'profit'" in found.repair


def test_formulas_count_as_the_value_that_a_spreadsheet_gave_them(study: Path, base: PlanSection) -> None:
    """The cached value is read and nothing is calculated: the formula and its value are made to disagree here."""
    content = edited(study, write(BUDGET, "=2*2"))
    source, out = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for part in source.namelist():
            text = source.read(part)
            if part.startswith("xl/worksheets/"):
                text = text.replace(b"<f>2*2</f><v />", b"<f>2*2</f><v>6000000</v>")
                text = text.replace(b"<f>2*2</f><v></v>", b"<f>2*2</f><v>6000000</v>")
            target.writestr(part, text)
    assert question_of(out.getvalue(), base).budget == 6_000_000


def test_two_edited_plans_are_two_questions(study: Path, base: PlanSection) -> None:
    answer = PlanOutput.model_validate_json((study / "answer.json").read_text(encoding="utf-8"))
    (study / "two.xlsx").write_bytes(plans_workbook((answer, answer.model_copy(update={"name": "b"}))))

    def second(book: Any) -> None:
        book["Plan 2"]["B6"] = 4_000_000

    assert question_of(edited(study, second, book="two.xlsx"), base).budget == 4_000_000
    both = refusal(edited(study, second, write(BUDGET, 1.0), book="two.xlsx"), base)
    assert "Plan and Plan 2 were both edited" in both.what


def bomb() -> bytes:
    """A kilobyte that says of itself that it unpacks to more than any workbook of plans."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for i in range(1_001):
            target.writestr(f"xl/{i}.xml", b"")
    return out.getvalue()


def declared() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a workbook"),
        (b"channel,spend\n", "not a workbook"),
        (b"\xd0\xcf\x11\xe0old", "old or encrypted"),
        (b"PK\x03\x04 and nothing more", "damaged"),
        (bomb(), "unpacks to more"),
        (declared(), "declares a document type"),
    ],
    ids=["empty", "csv", "xls", "broken", "bomb", "entities"],
)
def test_what_is_no_workbook_of_ours_is_refused(content: bytes, said: str) -> None:
    found = refusal(content, PlanSection())
    assert found.id == "X061"
    assert said in found.what


def test_other_workbooks_and_a_changed_store_are_refused(study: Path, base: PlanSection) -> None:
    other = io.BytesIO()
    openpyxl.Workbook().save(other)
    assert "was not written by Outlay" in refusal(other.getvalue(), base).what

    def spoil(book: Any) -> None:
        book["Outlay"]["A2"] = "{}"

    assert "was edited" in refusal(edited(study, spoil), base).what


def test_a_workbook_cannot_name_files_or_take_more_time(study: Path, base: PlanSection) -> None:
    """A browser may send any workbook: the path of a reference plan and the time allowed are not its to choose."""
    answer = PlanOutput.model_validate_json((study / "answer.json").read_text(encoding="utf-8"))
    asked = {**(answer.question or {}), "time_limit": 99_999.0}
    slow = plans_workbook((answer.model_copy(update={"question": asked}),))
    assert question_of(slow, base).time_limit == base.time_limit
    file = plans_workbook((answer.model_copy(update={"question": {**asked, "reference": "/etc/passwd"}}),))
    assert "/etc/passwd" in refusal(file, base).what
    own = base.model_copy(update={"reference": "/etc/passwd"})  # the project's own choice
    assert question_of(file, own).reference == "/etc/passwd"


def test_the_command_line_plans_from_it(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study)
    Path("mine.xlsx").write_bytes(edited(study, write(BUDGET, 5_200_000), limit("tv", UPPER, 450_000)))
    found = ask("plan", "--from", "mine.xlsx", "--dry-run")
    assert (found["budget"], found["name"]) == (5_200_000, "mine")
    assert next(row for row in found["rows"] if row["channel"] == "tv")["spend"] <= 450_000
    assert ask("plan", "--from", "mine.xlsx", "--budget", "5100000", "--dry-run")["budget"] == 5_100_000
    said = CliRunner().invoke(app, ["plan", "--from", "mine.xlsx", "--dry-run"])
    assert f"Edited in mine.xlsx: Plan!B6, {place_of(study, 'tv', UPPER)}." in " ".join(said.stderr.split())


def test_rules_that_cannot_hold_name_the_cells(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study)
    Path("much.xlsx").write_bytes(edited(study, limit("tv", LOWER, 8_000_000), limit("tv", UPPER, None)))
    problem = ask("plan", "--from", "much.xlsx", "--dry-run", code=5)["error"]
    assert place_of(study, "tv", LOWER) in problem["where"]
    assert "much.xlsx" in problem["where"]
    assert ask("plan", "--from", "much.xlsx", "--scenario", "a.toml", code=2)["error"]["id"] == "X007"


def test_groups_of_a_panel_have_limits_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row is a channel in a group; the limit on its channel's change is about the sum over groups, and stays."""
    monkeypatch.chdir(tmp_path)
    write_fit(tmp_path / "runs", groups=("north", "south"), units=True)
    Path("outlay.toml").write_text('[project]\nname = "x"\n[plan]\nperiods = 4\nmax_change = 0.3\n', encoding="utf-8")
    ask("plan")
    ask("export", "xlsx", "--out", "panel.xlsx")
    opened = openpyxl.load_workbook("panel.xlsx")
    sheet = opened["Plan"]
    row = next(row for row in range(10, 40) if [sheet.cell(row, i).value for i in (1, 2)] == ["tv", "south"])
    sheet.cell(row, UPPER + 1).value = 123_456.5
    opened.save("panel.xlsx")
    found = question_of(Path("panel.xlsx"), PlanSection())
    (bound,) = found.bounds
    assert (bound.channel, bound.group, bound.max) == ("tv", "south", 123_456.5)
    assert found.max_change == 0.3
    assert ask("plan", "--from", "panel.xlsx", "--dry-run")["name"] == "panel"
