"""Up to four scenarios side by side: numbers, chart, what differs, and which is most probably the best."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.conftest import Opener, Site, project, served
from tests.browser.keeping import expect, go, keep, optimise


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A page with five scenarios, one of another window."""
    with served(project(tmp_path_factory.mktemp("compared"))) as site:
        for name, section in {
            "Small": {"budget": 8_000_000.0},
            "Middle": {"budget": 10_000_000.0},
            "Large": {"budget": 12_000_000.0},
            "Bold": {"budget": 10_000_000.0, "max_change": 0.9},
            "Half a year": {"budget": 10_000_000.0, "periods": 26},
        }.items():
            keep(site, name, **section)
        yield site


def test_ticked_scenarios_are_laid_side_by_side(window: Opener, compared: Site) -> None:
    page = window("/scenarios", at=compared.url)
    for name in ("Small", "Middle", "Large"):
        page.get_by_role("checkbox", name=f"Compare {name}", exact=True).check()
    expect(page.locator("#scenarios-compare")).to_have_text("Compare 3")
    page.locator("#scenarios-compare").click()
    numbers = page.get_by_role("region", name="Numbers")
    expect(numbers).to_be_visible(timeout=20_000)
    assert set(numbers.locator("thead th").all_inner_texts()) == {"", "Small", "Middle", "Large"}
    for label in ("Budget", "Expected sales", "Profit", "Is the best of these", "Certificate"):
        expect(numbers.get_by_role("rowheader", name=label, exact=True)).to_be_visible()
    best = numbers.locator("tr").filter(has_text="Is the best of these").locator("td").all_inner_texts()
    # each is rounded to a whole per cent, so three of them add up to 100 within 2
    assert sum(float(text.rstrip("%")) for text in best) == pytest.approx(100, abs=2)
    expect(page.get_by_text("is the best of these with probability")).to_be_visible()
    expect(page.locator("#compare-said")).to_contain_text("budget")
    expect(page.get_by_role("region", name="Which beats which")).to_be_visible()
    assert page.locator("#compare-chart .legendtext").all_inner_texts() != []
    totals = page.get_by_role("region", name="Spend by channel").locator("tr").filter(has_text="Total")
    assert "8,000,000" in totals.inner_text()


def test_five_are_too_many(window: Opener, compared: Site) -> None:
    page = window("/scenarios", at=compared.url)
    for box in page.get_by_role("checkbox", name="Compare").all():
        box.check()
    expect(page.locator("#scenarios-compare")).to_contain_text("Four can be compared, 5 are ticked")
    expect(page.locator("#scenarios-compare")).to_have_attribute("href", "/scenarios")


def test_other_windows_are_refused_in_words(window: Opener, compared: Site) -> None:
    page = window("/scenarios", at=compared.url)
    for name in ("Small", "Half a year"):
        page.get_by_role("checkbox", name=f"Compare {name}", exact=True).check()
    page.locator("#scenarios-compare").click()
    expect(page.get_by_text("These cannot be compared")).to_be_visible(timeout=20_000)
    expect(page.locator("#compare-said")).to_contain_text("Small and Half a year differ in periods: 13 and 26")
    expect(page.locator("#compare-found")).to_be_hidden()


def test_a_plan_that_is_not_saved_can_be_compared_on_a_phone(window: Opener, compared: Site) -> None:
    page = window("/plan", at=compared.url, width=390, scheme="dark")
    optimise(page)
    page.locator("footer nav a[href='/compare']").click()
    for name in ("Plan on this page", "Small"):
        page.get_by_role("textbox", name="Scenarios, 4 at most").click()
        page.get_by_role("option", name=name, exact=True).click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="Numbers")).to_be_visible(timeout=20_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_nothing_chosen_says_what_to_do(window: Opener, compared: Site) -> None:
    page = window("/", at=compared.url)
    go(page, "Compare")
    expect(page.locator("#compare-said")).to_contain_text("Choose two or more scenarios")


def test_an_address_of_scenarios_that_are_not_here_says_how_many(window: Opener, compared: Site) -> None:
    page = window("/compare?scenarios=000000000000.<b>", at=compared.url)
    expect(page.get_by_text("2 of the 2 scenarios in this address are not kept here")).to_be_visible()
    expect(page.locator("#compare-said")).to_contain_text("Choose two or more scenarios")


def test_what_differs_is_told_with_units_and_what_it_does(window: Opener, compared: Site) -> None:
    page = window("/scenarios", at=compared.url)
    for name in ("Middle", "Bold"):
        page.get_by_role("checkbox", name=f"Compare {name}", exact=True).check()
    page.locator("#scenarios-compare").click()
    said = page.locator("#compare-said")
    # the list begins with what was saved last
    expect(said).to_contain_text("largest change of a channel 50.0% instead of 90.0%", timeout=20_000)
    expect(said).to_contain_text("Middle spends as much as Bold: ")
    expect(said).to_contain_text("Middle against Bold: expected sales -$")
