"""``outlay export xlsx``: what a spreadsheet opens, and that its formulas say what their values say."""

from __future__ import annotations

import io
import json
import math
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fakes import write_fit
from openpyxl.workbook import Workbook
from typer.testing import CliRunner

from budget.config import PlanSection
from budget.document import PlanOutput
from cli.app import app
from cli.outputs.registry import OUTPUTS
from cli.workbook.plans import plans_workbook
from cli.workbook.read import all_edited
from outlay.runs import Run, RunWriter, open_run

PROJECT = (
    '[project]\nname = "=1+1 & shop"\nmargin = 0.4\n[plan]\nperiods = 4\nbudget = 5_000_000\nmax_change = 0.3\n'
    '[[plan.bounds]]\nchannel = "search"\nmax = 1_500_000\n'
)
WEEKLY = 'name = "@weekly"\ntiming = "free"\nrisk = {measure = "cvar", level = 0.2}\n'
ODD = "=HYPERLINK(tv)"


def ask(*words: str, code: int = 0) -> Any:
    said = CliRunner().invoke(app, [*words, "--json"])
    assert said.exit_code == code, said.stderr
    return json.loads(said.stdout)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fit whose table has a channel that is named like a formula, two plans, and the workbook of all."""
    folder = tmp_path_factory.mktemp("workbook")
    write_fit(folder / "runs", odd_name=ODD)
    (folder / "outlay.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "weekly.toml").write_text(WEEKLY, encoding="utf-8")
    (folder / "lean.toml").write_text("budget = 4_500_000\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        lean, _ = ask("plan", "--scenario", "lean.toml", "weekly.toml")["plans"]
        found = ask("export", "xlsx", "--plan", lean["run"], "--out", "study.xlsx")
    OUTPUTS["export-xlsx"].model_validate(found)
    assert found["written"]
    assert len(found["plans"]) == 2
    return folder


@pytest.fixture(scope="module")
def book(study: Path) -> Workbook:
    return openpyxl.load_workbook(study / "study.xlsx")


@pytest.fixture(scope="module")
def values(study: Path) -> Workbook:
    return openpyxl.load_workbook(study / "study.xlsx", data_only=True)


def formulas(book: Workbook) -> Iterator[tuple[str, str]]:
    """Sheet and cell of every formula."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            yield from ((sheet.title, cell.coordinate) for cell in row if cell.data_type == "f")


def head_of(sheet: Any, first: str) -> int:
    return next(row for row in range(1, 30) if sheet.cell(row, 1).value == first)


def test_it_has_the_sheets_that_were_promised(book: Workbook) -> None:
    names = {"Summary", "ROI", "Contributions", "By date", "Curves", "Plan", "Plan 2", "Scenarios"}
    assert names | {"Assumptions", "Definitions"} <= set(book.sheetnames)
    assert book["Outlay"].sheet_state == "hidden"  # what was written in the input cells; told under Definitions
    assert [sheet.title for sheet in book.worksheets if sheet.title.startswith("Flighting")] == ["Flighting 2"]


def test_every_sheet_tells_its_run_and_keeps_its_head_in_view(book: Workbook, study: Path) -> None:
    fit = next(path.name for path in (study / "runs").iterdir() if "-fit-" in path.name)
    for sheet in book.worksheets:
        if sheet.title == "Outlay":
            continue
        assert fit in str(sheet["A2"].value), sheet.title
        assert "written 20" in str(sheet["A2"].value)
        assert fit in str(sheet.oddFooter.left.text)
        assert sheet.freeze_panes is not None
        assert sheet.column_dimensions["A"].width >= 12


def test_numbers_are_numbers_with_formats(book: Workbook) -> None:
    sheet = book["Plan"]
    row = head_of(sheet, "Channel") + 1
    assert isinstance(sheet.cell(row, 2).value, float)
    assert sheet.cell(row, 2).number_format.startswith('"$"#,##0')
    roi = book["ROI"]
    line = head_of(roi, "Channel") + 1
    assert [roi.cell(line, column).number_format for column in (7, 10)] == ["0.0%", "#,##0.00"]


def test_names_that_begin_like_formulas_are_text(book: Workbook) -> None:
    title = book["Summary"]["A1"]
    assert (title.value, title.data_type) == ("retailer", "s")
    cells = [cell for row in book["ROI"].iter_rows(max_col=1) for cell in row if cell.value == ODD]
    assert [(cell.data_type, cell.quotePrefix) for cell in cells] == [("s", True)]
    head = next(cell for row in book["By date"].iter_rows(max_row=6) for cell in row if cell.value == ODD)
    assert head.data_type == "s"
    names = [cell for row in book["Scenarios"].iter_rows(max_row=6) for cell in row if cell.value == "@weekly"]
    assert [cell.data_type for cell in names] == ["s"]


def test_values_of_totals_are_the_sums(book: Workbook, values: Workbook) -> None:
    """Without a spreadsheet: every plain sum beside its cached value."""
    checked = 0
    for name, place in formulas(book):
        text = str(book[name][place].value)
        if not text.startswith("=SUM(") or "!" in text:
            continue
        cells = values[name][text[5:-1]]
        numbers = [cell.value for row in cells for cell in row if isinstance(cell.value, int | float)]
        assert values[name][place].value == pytest.approx(math.fsum(numbers), rel=1e-12, abs=1e-6), (name, place)
        checked += 1
    assert checked > 200  # one for each week and part, and the totals of each table


def test_the_plan_adds_up_to_its_budget(values: Workbook) -> None:
    sheet = values["Plan"]
    total = next(row for row in range(10, 40) if sheet.cell(row, 1).value == "Total")
    assert sheet.cell(total, 3).value == pytest.approx(4_500_000, abs=0.01)
    assert sheet["B6"].value == 4_500_000
    assert sheet["A7"].value == "The limits leave room for the budget."


def test_changes_are_told_to_the_cent_so_that_nothing_is_not_minus_nothing(values: Workbook) -> None:
    sheet = values["Plan"]
    head = head_of(sheet, "Channel")
    heads = [str(sheet.cell(head, j).value) for j in range(1, 12)]
    reference, spend, change = (
        next(j for j, name in enumerate(heads, 1) if name.startswith(part))
        for part in ("Reference (", "Recommended (", "Change (")
    )
    rows = [row for row in range(head + 1, 40) if isinstance(sheet.cell(row, change).value, int | float)]
    for row in rows:
        difference = sheet.cell(row, spend).value - sheet.cell(row, reference).value
        assert sheet.cell(row, change).value == pytest.approx(difference, abs=0.0051)
        assert sheet.cell(row, change).value == round(sheet.cell(row, change).value, 2)
    assert len(rows) > 3


def test_contributions_agree_with_the_fit(values: Workbook, study: Path) -> None:
    """Parts add up to the model's mean, the same in both sheets."""
    from outlay.runs import open_run

    fitted = open_run(study / "runs", None, "fit").table("fit")["mean"].sum()
    sheet = values["Contributions"]
    end = next(row for row in range(5, 60) if sheet.cell(row, 1).value == "Sum of parts")
    assert sheet.cell(end, 3).value == pytest.approx(fitted, rel=1e-9)


def test_a_file_with_edits_is_not_written_over(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study)
    path = tmp_path / "mine.xlsx"
    shutil.copy("study.xlsx", path)
    ask("export", "xlsx", "--out", str(path))  # as it was: may be replaced
    edited = openpyxl.load_workbook(path)
    edited["Plan"]["B6"] = 1.0
    edited.save(path)
    before = path.read_bytes()
    assert ask("export", "xlsx", "--out", str(path), code=2)["error"]["id"] == "X001"
    assert path.read_bytes() == before


def test_names_that_are_no_workbooks_are_refused(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study)
    before = sorted(study.iterdir())
    for name, id in (("book.xls", "X007"), ("report.pdf", "X007"), ("ftp://ann:secret@host/book.xlsx", "C016")):
        told = ask("export", "xlsx", "--out", name, code=2)["error"]
        assert told["id"] == id
        assert "secret" not in json.dumps(told)
    assert sorted(study.iterdir()) == before


def test_a_fit_without_plans_and_one_that_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_fit(tmp_path / "runs", trusted=False, units=True, groups=("north", "south"))
    assert ask("export", "xlsx", code=4)["error"]["id"] == "T006"
    found = ask("export", "xlsx", "--force")
    assert (found["plans"], found["trusted"]) == ([], False)
    book = openpyxl.load_workbook(found["path"])
    assert "Plan" not in book.sheetnames
    assert "ROI by group" in book.sheetnames
    marks = [str(sheet["A3"].value) for sheet in book.worksheets]
    assert all("NOT TRUSTED" in mark for mark in marks)


def test_plans_of_the_page_are_a_workbook(study: Path) -> None:
    path = next((study / "runs").glob("*plan*/allocation.json"))
    answer = PlanOutput.model_validate_json(path.read_text(encoding="utf-8"))
    other = answer.model_copy(update={"name": "[]:*?/\\ " + "x" * 80})  # no name of a sheet could hold this
    book = openpyxl.load_workbook(io.BytesIO(plans_workbook((answer, other))))
    assert {"Scenarios", "Plan", "Plan 2", "Definitions"} <= set(book.sheetnames)


def valued(plan: Run, root: Path) -> Run:
    """The same plan, counted in money as the value of leads is."""
    told = {**plan.json("allocation.json"), "outcome": "value", "outcome_unit": "USD", "name": None}
    parents = [open_run(root, fit, "fit") for fit in plan.parents]
    with RunWriter(root, "plan", command=["outlay", "plan"], seed=1, parents=parents) as writer:
        for name in set(plan.manifest["files"]) - {"allocation.json"}:
            shutil.copy(plan.file(name), writer.path(name))
        writer.write_json("allocation", told)
    return writer.run


def test_plans_of_another_outcome_are_left_out_and_say_their_own_unit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "outlay.toml").write_text(
        '[project]\nname = "b"\ncurrency = "USD"\n[plan]\nperiods = 4\n[report]\npaper = "Letter"\n', encoding="utf-8"
    )
    write_fit(tmp_path / "runs", units=True)
    orders = open_run(tmp_path / "runs", ask("plan")["run"], "plan")
    money = valued(orders, tmp_path / "runs")
    found = ask("export", "xlsx")
    assert (found["plans"], found["left_out"]) == ([money.id], [orders.id])
    book = openpyxl.load_workbook(found["path"])
    assert book["Scenarios"].max_column == 2  # the labels and one plan
    assert {sheet.page_setup.paperSize for sheet in book.worksheets if sheet.sheet_state == "visible"} == {1}  # Letter
    plan = book["Plan"]
    heads = {str(cell.value): cell.column for cell in plan[9]}
    assert {"Expected value (USD)", "ROI", "Marginal ROI"} <= set(heads)
    assert "$" in plan.cell(10, heads["Expected value (USD)"]).number_format
    assert "outcome in USD" in str(plan["A2"].value)
    assert "outcome in orders" in str(book["ROI"]["A2"].value)
    terms = {str(row[0].value): str(row[1].value) for row in book["Definitions"].iter_rows(min_row=6)}
    assert (terms["Outcome"], terms["Outcome of plans"], terms["Gain"]) == ("orders", "USD", "USD")
    said = CliRunner().invoke(app, ["export", "xlsx", "--plan", orders.id])
    assert f"Left out: {money.id} counts another outcome than {orders.id}." in " ".join(said.stderr.split())


def calculated(folder: Path, *books: Path) -> Path:
    """The folder of workbooks as LibreOffice saves them, with all formulas calculated."""
    out = folder / "out"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out), *map(str, books)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return out


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice: apt install libreoffice-calc")
def test_a_spreadsheet_calculates_the_same(study: Path, book: Workbook, values: Workbook, tmp_path: Path) -> None:
    """Every formula, calculated anew by LibreOffice from a copy without cached values, agrees with its cached value."""
    bare = tmp_path / "bare.xlsx"
    openpyxl.load_workbook(study / "study.xlsx").save(bare)  # saving so drops all cached values
    dropped = openpyxl.load_workbook(bare, data_only=True)
    assert dropped["Plan"]["A7"].value is None
    out = calculated(tmp_path, bare)
    again = openpyxl.load_workbook(out / "bare.xlsx", data_only=True)
    found = list(formulas(book))
    for name, place in found:
        known, new = values[name][place].value, again[name][place].value
        if isinstance(known, int | float):
            assert new == pytest.approx(known, rel=1e-9, abs=1e-6), (name, place)
        else:
            assert (new or "") == (known or ""), (name, place)
    assert len(found) > 400  # 150 weeks with two formulas each, and the totals
    # and what a spreadsheet saved is read back: nobody edited anything
    assert [each.changed for each in all_edited(out / "bare.xlsx", PlanSection())] == [False, False]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice: apt install libreoffice-calc")
def test_the_line_below_the_inputs_knows_limits_and_locks(study: Path, book: Workbook, tmp_path: Path) -> None:
    """A lock takes the place of both limits of its row, as an amount or as the row's reference spend."""
    last = next(i for i in range(10, 40) if book["Plan"].cell(i, 1).value == "Total")
    row = next(i for i in range(10, last) if book["Plan"].cell(i, 1).value == "tv")
    budget, now = book["Plan"]["B6"].value, book["Plan"].cell(row, 2).value
    much, little, room = "locks add up to more", "locks add up to less", "leave room"
    asked: dict[str, tuple[dict[str, Any], str]] = {
        "lock": ({f"H{row}": budget + 1}, much),
        "low": ({f"F{row}": budget + 1}, much),
        "over": ({f"F{row}": budget + 1, f"H{row}": now}, room),  # the lock counts, and not the limit
        "word": ({f"F{row}": budget + 1, f"H{row}": "reference"}, room),
        "zero": ({f"G{i}": 0 for i in range(10, last)}, little),
        "open": ({f"G{i}": None for i in range(10, last)}, room),
        "none": ({"B6": None}, ""),
    }
    for name, (cells, _) in asked.items():
        opened = openpyxl.load_workbook(study / "study.xlsx")
        for place, value in cells.items():
            opened["Plan"][place] = value
        opened.save(tmp_path / f"{name}.xlsx")
    out = calculated(tmp_path, *(tmp_path / f"{name}.xlsx" for name in asked))
    for name, (_, said) in asked.items():
        told = openpyxl.load_workbook(out / f"{name}.xlsx", data_only=True)["Plan"]["A7"].value or ""
        assert (said in told) if said else told == "", (name, told)
