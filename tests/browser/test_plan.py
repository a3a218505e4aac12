"""The plan's view in a browser: from the question to a plan, by hand, at other totals, and why there is none."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Opener, Site

GRID, LIMITS = "#plan-grid .ag-center-cols-container", "#plan-limits .ag-center-cols-container"
CHANNEL = "tv"
"""A channel of the fit; the page of `conftest` lets every channel change by half."""


def opened(window: Opener, **more: Any) -> Any:
    page = window("/plan", **more)
    page.wait_for_selector(f"{LIMITS} .ag-row")
    return page


@pytest.fixture(scope="module")
def shared(browser: Any, site: Site) -> Iterator[Any]:
    """One window for the tests of this file: opening the page takes longer than most of them."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(f"{site.url}/plan")
    page.wait_for_selector(f"{LIMITS} .ag-row")
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def page(shared: Any) -> Any:
    """The shared window with the project's own question in it."""
    shared.click("#plan-reset")
    says(shared, "#plan-state", "Not optimised yet.")
    shared.locator("#plan-unit").get_by_text("USD", exact=True).click()
    return shared


def optimised(page: Any) -> Any:
    page.click("#plan-optimise")
    page.wait_for_selector("#plan-tiles >> text=Gain over the reference plan")
    page.wait_for_selector(f"{GRID} .ag-row")
    return page


def cell(page: Any, grid: str, column: str, channel: str = CHANNEL) -> Any:
    """A cell of the grid, found by its channel."""
    name = "#plan-grid" if grid is GRID else "#plan-limits"
    row = page.locator(f"{name} .ag-pinned-left-cols-container .ag-row", has_text=channel).first
    return page.locator(f"{grid} .ag-row[row-index='{row.get_attribute('row-index')}'] [col-id='{column}']")


def typed(page: Any, grid: str, column: str, text: str, *, enter: bool = True) -> None:
    cell(page, grid, column).click()
    page.wait_for_selector(f"{grid} .ag-cell-inline-editing")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.type(text)
    if enter:
        page.keyboard.press("Enter")


def amount(text: str) -> float:
    return float(text.replace(",", "").removesuffix("USD").strip())


def spent(page: Any, channel: str = CHANNEL) -> float:
    return amount(cell(page, GRID, "spend", channel).inner_text())


def chosen(page: Any, field: str, label: str) -> None:
    page.click(f"#plan-{field}")
    page.get_by_role("option", name=label).first.click()


def unfolded(page: Any, label: str) -> None:
    button = page.get_by_role("button", name=label)
    if button.get_attribute("aria-expanded") != "true":
        button.click()
        page.wait_for_timeout(300)


def eventually(holds: Callable[[], bool]) -> None:
    """What the page shows follows in a moment."""
    for _ in range(100):
        if holds():
            return
        time.sleep(0.1)
    assert holds()


def says(page: Any, where: str, text: str) -> None:
    page.wait_for_function(
        "([where, text]) => (document.querySelector(where)?.innerText || '').includes(text)", arg=[where, text]
    )


@pytest.mark.parametrize("width", [390, 1280])
def test_a_planner_gets_a_proven_plan_with_one_click(window: Opener, width: int) -> None:
    page = opened(window, width=width)
    assert "over 13 weeks for the most sales" in page.inner_text("#plan-sentence")
    assert page.inner_text("#plan-state") == "Not optimised yet."
    optimised(page)
    tiles = page.inner_text("#plan-tiles")
    for told in ("Expected sales", "Gain over the reference plan", "90%:", "Better than the reference", "Profit"):
        assert told in tiles
    certificate = page.inner_text("#plan-certificate")
    assert "proven optimal" in certificate.lower()
    assert "none within the rules brings over" in certificate
    says(page, "#plan-state", "The plan below answers this.")
    page.wait_for_selector("#plan-chart .bars")
    # nothing is wider than the window, so that a telephone does not scroll sideways
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_window_is_told_in_the_fiscal_calendar(page: Any) -> None:
    # years start on the Mondays nearest to 1 February: 2023-01-30, of which 2023-11-20 is the 43rd, and 2024-01-29
    assert "2023-11-20 (FY23 W43) to 2024-02-12 (FY24 W03), 13 weeks" in page.inner_text("#plan-window")


def test_a_budget_that_is_typed_is_spent_though_the_click_follows_at_once(page: Any) -> None:
    page.fill("#plan-budget", "12,000,000")
    optimised(page)
    assert "for $12.0M" in page.inner_text("#plan-tiles")
    assert "Split $12.0M" in page.inner_text("#plan-sentence")
    total = sum(amount(text) for text in page.locator(f"{GRID} [col-id='spend']").all_inner_texts())
    assert total == pytest.approx(12_000_000, abs=10)  # ten amounts rounded to whole dollars


def test_a_field_that_cannot_be_says_so_beside_itself_and_nothing_is_optimised(page: Any) -> None:
    chosen(page, "objective", "ROI of at least")
    page.click("#plan-optimise")
    says(page, "#plan-refused", "A field is not clear")
    says(page, "#plan-target-error", "This objective needs a number to aim at.")
    page.fill("#plan-target", "1.5")
    page.keyboard.press("Enter")
    says(page, "#plan-sentence", "the most sales at an ROI of at least 1.5")


def test_risk_goal_and_timing_become_the_question(page: Any) -> None:
    unfolded(page, "Risk, goal, reference and timing")
    chosen(page, "risk", "the worst draws alone")
    page.fill("#plan-goal", "800,000,000")
    page.keyboard.press("Enter")
    chosen(page, "timing", "evenly")
    optimised(page)
    told = page.inner_text("#plan-told")
    assert "on average over the worst 10 % of draws" in told
    assert "It reaches the goal of $800M, baseline included, with probability" in told


def test_limits_and_locks_of_the_grid_hold_and_say_what_they_cost(page: Any) -> None:
    reference = amount(cell(page, LIMITS, "reference").inner_text())
    # left by the click on the button alone: the edit still counts
    typed(page, LIMITS, "upper", f"{0.9 * reference:.0f}", enter=False)
    optimised(page)
    assert spent(page) <= 0.9 * reference + 1
    cell(page, LIMITS, "lock", "search").locator("input").click()
    says(page, "#plan-state", "Changed since")
    optimised(page)
    says(page, "#plan-state", "answers this")
    eventually(lambda: cell(page, GRID, "held", "search").inner_text() == "its lock")
    assert spent(page, "search") == pytest.approx(amount(cell(page, LIMITS, "reference", "search").inner_text()), abs=1)
    page.get_by_role("tab", name="Rules that bind").click()
    assert "One more USD of budget brings" in page.inner_text("#plan-prices")


def test_tab_goes_on_to_the_next_cell_while_typing_and_leaves_the_grid_otherwise(page: Any) -> None:
    inside = "() => document.querySelector('#plan-limits').contains(document.activeElement)"
    typed(page, LIMITS, "lower", "3", enter=False)
    page.keyboard.press("Tab")
    eventually(lambda: "ag-cell-inline-editing" in cell(page, LIMITS, "upper").get_attribute("class"))
    page.keyboard.press("Escape")
    says(page, LIMITS, "3")
    assert page.evaluate(inside)
    page.keyboard.press("Tab")
    page.wait_for_function(f"() => !({inside})()")


def test_limits_are_typed_and_read_as_changes_and_as_shares(page: Any) -> None:
    reference = amount(cell(page, LIMITS, "reference").inner_text())
    page.get_by_text("% change", exact=True).click()
    says(page, LIMITS, "+50.0%")  # the largest change of the project, in grey
    typed(page, LIMITS, "lower", "-10")
    says(page, LIMITS, "-10.0%")
    page.locator("#plan-unit").get_by_text("USD", exact=True).click()
    eventually(lambda: "%" not in cell(page, LIMITS, "lower").inner_text())
    assert amount(cell(page, LIMITS, "lower").inner_text()) == pytest.approx(0.9 * reference, abs=1)
    page.get_by_text("% of total", exact=True).click()
    typed(page, LIMITS, "upper", "far too much")
    says(page, "#plan-limits-wrong", "'far too much' is no number")


def test_channels_share_a_part_of_the_total(page: Any) -> None:
    unfolded(page, "Groups of channels")
    page.click("#plan-share-add")
    says(page, "#plan-share-wrong", "Which channels count together?")
    page.click("#plan-share-channels")
    for name in ("tv", "radio"):
        page.get_by_role("option", name=name, exact=True).click()
    page.keyboard.press("Escape")
    page.fill("#plan-share-most", "7")
    page.click("#plan-share-add")
    says(page, "#plan-shares", "tv + radio: at most 7.0%")
    page.get_by_role("button", name="Remove").click()
    says(page, "#plan-shares", "No group has a share of its own.")


def test_rules_that_contradict_each_other_are_told_beside_the_rule_and_mended(page: Any) -> None:
    typed(page, LIMITS, "lower", "900M")
    page.click("#plan-optimise")
    says(page, "#plan-refused", "There is no such plan")
    says(page, "#plan-refused", "What to do")
    assert page.inner_text("#plan-state") == "There is no such plan: see why below."
    assert "In conflict" in cell(page, LIMITS, "more").inner_text()
    typed(page, LIMITS, "lower", "")
    optimised(page)
    assert page.locator("#plan-refused-alert").count() == 0


def test_a_slider_moves_outcome_and_profit_and_the_optimizer_does_it_again(page: Any) -> None:
    optimised(page)
    best = page.inner_text("#plan-tiles")
    page.get_by_role("tab", name="By hand").click()
    slider = page.get_by_role("slider", name=f"Spend on {CHANNEL}")
    slider.scroll_into_view_if_needed()
    slider.focus()
    before = page.inner_text("#plan-moved")
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("before => document.querySelector('#plan-moved').innerText !== before", arg=before)
    assert "above the budget" in page.inner_text("#plan-moved")
    says(page, "#plan-state", "The plan below was set by hand.")
    assert page.inner_text("#plan-tiles") != best
    page.click("#plan-again")
    says(page, "#plan-state", "The plan below answers this.")
    says(page, "#plan-moved", "the budget")
    assert page.inner_text("#plan-tiles") == best


def test_an_amount_typed_into_the_plan_is_judged(page: Any) -> None:
    optimised(page)
    typed(page, GRID, "spend", "1.5M")
    says(page, "#plan-state", "The plan below was set by hand.")
    eventually(lambda: spent(page) == 1_500_000)
    assert (
        "set by hand" in page.inner_text("#plan-told").lower()
        or "breaks rules" in page.inner_text("#plan-told").lower()
    )


def test_the_forecast_counts_the_baseline_and_the_goal(page: Any) -> None:
    unfolded(page, "Risk, goal, reference and timing")
    page.fill("#plan-goal", "800,000,000")
    optimised(page)
    page.get_by_role("tab", name="Forecast").click()
    says(page, "#plan-forecast", "All sales in the window")
    says(page, "#plan-forecast", "Reaches $800M")
    page.wait_for_selector("#plan-forecast-chart .scatterlayer")


def test_the_sweep_says_where_to_stop_and_plans_there(page: Any) -> None:
    optimised(page)
    page.get_by_role("tab", name="Other totals").click()
    page.click("#plan-sweep")
    page.wait_for_selector("#plan-sweep-chart .scatterlayer")
    assert page.inner_text("#plan-stop")
    assert page.locator("#plan-swept tbody tr").count() == 11
    page.click("#plan-take-stop")
    page.wait_for_function("() => !document.querySelector('#plan-stop')")  # those were of another total
    says(page, "#plan-state", "The plan below answers this.")
    assert page.input_value("#plan-budget")


def test_the_table_and_the_chart_can_be_taken_along(page: Any, tmp_path: Path) -> None:
    optimised(page)
    page.wait_for_selector("#plan-chart .bars")
    kept = {}
    for button in ("csv", "table-png", "chart-png"):
        with page.expect_download() as taken:
            page.click(f"#plan-{button}")
        kept[button] = tmp_path / taken.value.suggested_filename
        taken.value.save_as(kept[button])
    with kept["csv"].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 10
    assert {"channel", "spend_USD", "reference_spend_USD", "held_by"} <= set(rows[0])
    for name in ("table-png", "chart-png"):
        assert kept[name].read_bytes().startswith(b"\x89PNG")


def test_reset_brings_the_projects_own_question_back(page: Any) -> None:
    page.fill("#plan-budget", "9,000,000")
    optimised(page)
    page.click("#plan-reset")
    says(page, "#plan-state", "Not optimised yet.")
    assert page.input_value("#plan-budget") == ""
    assert not page.locator("#plan-tiles").is_visible()
