"""The report in a browser: it draws its charts, fits a phone, asks the network for nothing, and prints as it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes import write_fit
from typer.testing import CliRunner

from cli.app import app

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    write_fit(folder / "runs")
    project = str(folder / "outlay.toml")
    said = CliRunner().invoke(app, ["report", "--project", project])
    assert said.exit_code == 0, said.stderr
    return Path(said.stdout.strip())


DRAWN = "[...document.querySelectorAll('.chart')].map(place => place.querySelectorAll('svg.main-svg').length > 0)"
SIZES = "[...document.querySelectorAll('.chart')].map(place => [place.clientWidth, place.clientHeight])"

TITLES_INSIDE = """[...document.querySelectorAll('.chart')].every(place => [...place.querySelectorAll('.xtitle')].every(
  title => title.getBoundingClientRect().right <= place.getBoundingClientRect().right))"""

FRONT_ENDS = """document.querySelector('.executive').getBoundingClientRect().bottom
  - document.body.getBoundingClientRect().top"""  # the coloured rule above it is on the sheet, too


@pytest.mark.parametrize("width", [390, 1280])
def test_it_draws_every_chart_fits_the_screen_and_asks_for_nothing(browser: Browser, page: Path, width: int) -> None:
    asked: list[str] = []
    faults: list[Any] = []
    with browser.new_page(viewport={"width": width, "height": 900}) as tab:
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("pageerror", lambda fault: faults.append(fault))
        tab.on("console", lambda told: faults.append(told.text) if told.type == "error" else None)
        tab.goto(page.as_uri())
        drawn = tab.evaluate(DRAWN)
        assert drawn
        assert all(drawn)
        # titles of axes break where they would run out of a narrow chart
        assert tab.evaluate(TITLES_INSIDE)
        # tables scroll inside their own boxes; the page itself does not move sideways
        assert tab.evaluate("document.documentElement.scrollWidth") == width
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert faults == []


def test_it_prints_at_the_width_of_the_sheet_and_is_as_it_was_afterwards(browser: Browser, page: Path) -> None:
    with browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="dark") as tab:
        tab.goto(page.as_uri())
        before = tab.evaluate(SIZES)
        tab.evaluate("dispatchEvent(new Event('beforeprint'))")
        # A4 less margins of 14 mm is 182 mm, 687 px: no chart is wider, and the first page is not longer than a sheet
        assert all(width <= 687 for width, _ in tab.evaluate(SIZES))
        assert all(
            width <= 688
            for width in tab.evaluate("[...document.querySelectorAll('svg.main-svg')].map(s => s.clientWidth)")
        )
        assert tab.evaluate(FRONT_ENDS) <= 1012
        # no table is cut at the edge: wide ones take smaller type
        assert tab.evaluate("[...document.querySelectorAll('.scroll')].every(b => b.scrollWidth <= b.clientWidth + 1)")
        tab.evaluate("dispatchEvent(new Event('afterprint'))")
        tab.wait_for_timeout(200)
        assert tab.evaluate(SIZES) == before


def test_a_first_page_of_any_length_is_one_sheet(browser: Browser, page: Path) -> None:
    """Wherever the page would just not fit, by a few pixels, its type is smaller."""
    with browser.new_page(viewport={"width": 1280, "height": 900}) as tab:
        tab.goto(page.as_uri())
        tab.evaluate(
            "document.querySelector('.summary ul').insertAdjacentHTML('beforeend', '<li>More.</li>'.repeat(30))"
        )
        for more in range(0, 48, 4):
            tab.evaluate(f"document.querySelector('.executive').style.paddingBottom = '{more}px'")
            tab.evaluate("dispatchEvent(new Event('beforeprint'))")
            assert tab.evaluate(FRONT_ENDS) <= 1012
            tab.evaluate("dispatchEvent(new Event('afterprint'))")


def test_without_scripts_it_says_what_is_missing(browser: Browser, page: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(page.as_uri())
    assert "need JavaScript" in tab.inner_text("header")
    assert tab.inner_text("#returns") == "What each channel returned"
    # what would be an empty frame is not there, and the tables are
    assert tab.locator("figure:visible").count() == 0
    assert tab.locator("table:visible").count() >= 5
    context.close()
