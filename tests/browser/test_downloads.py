"""Files of scenarios: what comes down opens in a spreadsheet, and an edited workbook comes back as a question."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.browser.conftest import Opener, Site, project, served
from tests.browser.keeping import expect, keep, optimise


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A page with two scenarios, one with a name that a spreadsheet would run."""
    with served(project(tmp_path_factory.mktemp("filed"))) as site:
        keep(site, "=1+1", budget=9_000_000.0)
        keep(site, "Spring", budget=10_000_000.0)
        yield site


def downloaded(page: Any, button: str, into: Path) -> Path:
    """What a button sends."""
    with page.expect_download(timeout=20_000) as waiting:
        page.locator(button).click()
    path = into / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_the_plan_of_the_page_is_a_workbook_and_comes_back_edited(window: Opener, filed: Site, tmp_path: Path) -> None:
    page = window("/plan", at=filed.url)
    optimise(page)
    path = downloaded(page, "#save-xlsx", tmp_path)
    book = openpyxl.load_workbook(path)
    plan = book["Plan"]
    assert plan["B5"].value == "Budget"
    plan["B6"].value = 8_500_000
    book.save(path)
    page.locator("header nav").get_by_text("Scenarios", exact=True).click()
    page.locator("#scenario-upload input[type=file]").set_input_files(path)
    expect(page.locator("section[aria-label=Plan]")).to_be_visible(timeout=20_000)
    expect(page.locator("#plan-budget")).to_have_value("8,500,000 USD")
    expect(page.locator("#save-state")).to_contain_text("Not saved yet")


def test_all_scenarios_are_one_workbook_whose_names_are_text(window: Opener, filed: Site, tmp_path: Path) -> None:
    page = window("/scenarios", at=filed.url)
    book = openpyxl.load_workbook(downloaded(page, "#scenarios-xlsx", tmp_path))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    named = [cell for cell in cells if cell.value == "=1+1"]
    assert named
    assert {cell.data_type for cell in named} == {"s"}
    assert any(cell.value == "Spring" for cell in cells)


def test_all_scenarios_are_a_table_that_runs_nothing(window: Opener, filed: Site, tmp_path: Path) -> None:
    page = window("/scenarios", at=filed.url)
    rows = list(csv.DictReader(StringIO(downloaded(page, "#scenarios-csv", tmp_path).read_text(encoding="utf-8-sig"))))
    assert {row["scenario"] for row in rows} == {"Spring", "'=1+1"}
    assert {float(row["budget_USD"]) for row in rows} == {9_000_000.0, 10_000_000.0}


def test_a_comparison_is_a_table_a_workbook_and_a_picture(window: Opener, filed: Site, tmp_path: Path) -> None:
    page = window("/scenarios", at=filed.url)
    for box in page.get_by_role("checkbox", name="Compare").all():
        box.check()
    expect(page.locator("#scenarios-compare")).to_have_text("Compare 2")
    page.locator("#scenarios-compare").click()
    expect(page.locator("#compare-found")).to_be_visible(timeout=20_000)
    rows = list(csv.DictReader(StringIO(downloaded(page, "#compare-csv", tmp_path).read_text(encoding="utf-8-sig"))))
    assert {row["scenario"] for row in rows} == {"Spring", "'=1+1"}
    for row in rows:
        spend = sum(float(value) for key, value in row.items() if key.startswith("spend_"))
        assert spend == pytest.approx(float(row["budget_USD"]), abs=0.05)  # ten channels in whole cents
    assert downloaded(page, "#compare-png", tmp_path).read_bytes().startswith(b"\x89PNG")
    assert downloaded(page, "#compare-xlsx", tmp_path).read_bytes().startswith(b"PK")


@pytest.mark.parametrize(
    ("content", "said"), [(b"not a workbook", "no workbook of the kind .xlsx"), (b"PK\x03\x04 broken", "workbook")]
)
def test_what_is_no_workbook_is_refused_in_words(
    window: Opener, filed: Site, tmp_path: Path, content: bytes, said: str
) -> None:
    page = window("/scenarios", at=filed.url)
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    page.get_by_label("Edited workbook to open (XLSX)").set_input_files(path)
    expect(page.get_by_text("This workbook was not taken")).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()
    expect(page.locator("section[aria-label=Scenarios]")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [("big.xlsx", 5_000_001, "big.xlsx is larger than 5 MB"), ("plan.ods", 10, "plan.ods is no workbook of the kind")],
)
def test_what_the_browser_itself_turns_away_is_told_too(
    window: Opener, filed: Site, name: str, size: int, said: str
) -> None:
    page = window("/scenarios", at=filed.url)
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": b"x" * size}
    page.get_by_label("Edited workbook to open (XLSX)").set_input_files(file)
    expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()


def test_an_edit_that_is_no_number_is_told_with_its_cell(window: Opener, filed: Site, tmp_path: Path) -> None:
    page = window("/plan", at=filed.url)
    optimise(page)
    path = downloaded(page, "#save-xlsx", tmp_path)
    book = openpyxl.load_workbook(path)
    book["Plan"]["B6"].value = "lots"
    book.save(path)
    page.locator("header nav").get_by_text("Scenarios", exact=True).click()
    page.get_by_label("Edited workbook to open (XLSX)").set_input_files(path)
    expect(page.get_by_role("alert").filter(has_text="Plan!B6: 'lots' is not a number. Write a number")).to_be_visible()
