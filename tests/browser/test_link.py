"""A copied link reopens the scenario in another browser; a link of nothing opens nothing."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Opener, Site
from tests.browser.keeping import expect, go, keep


def test_the_copied_link_reopens_the_scenario_elsewhere(window: Opener, site: Site) -> None:
    kept = keep(site, "By link", budget=9_000_000.0)
    page = window(f"/plan?scenario={kept.id}&version=1", permissions=["clipboard-read", "clipboard-write"])
    expect(page.locator("#save-state")).to_contain_text("This is By link, version 1", timeout=20_000)
    page.locator("#save-link").click()
    expect(page.get_by_text("Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{site.url}/plan?scenario={kept.id}&version=1"
    other = window(link.removeprefix(site.url))
    expect(other.locator("#save-state")).to_contain_text("This is By link, version 1", timeout=20_000)
    expect(other.locator("#plan-budget")).to_have_value("9,000,000 USD")
    expect(other.locator("#plan-grid")).to_be_visible()


def test_going_back_does_not_undo_what_was_changed_since(window: Opener, site: Site) -> None:
    kept = keep(site, "Back and forth", budget=9_000_000.0)
    page = window(f"/plan?scenario={kept.id}&version=1")
    expect(page.locator("#save-state")).to_contain_text("This is Back and forth", timeout=20_000)
    page.locator("#plan-budget").fill("8000000")
    page.keyboard.press("Tab")
    expect(page.locator("#save-state")).to_contain_text("edited above")
    go(page, "Scenarios")
    page.go_back()
    expect(page.locator("section[aria-label=Plan]")).to_be_visible()
    expect(page.locator("#plan-budget")).to_have_value("8,000,000 USD")


def test_a_link_to_what_is_not_there_says_so(window: Opener) -> None:
    page = window("/plan?scenario=000000000000&version=1")
    expect(page.get_by_text("there is no such scenario")).to_be_visible()
    expect(page.locator("#plan-empty")).to_be_visible()


def test_a_question_that_this_fit_cannot_answer_opens_without_its_plan(window: Opener, site: Site) -> None:
    kept = keep(site, "Long ago", start="1999-01-04")
    page = window(f"/plan?scenario={kept.id}&version=1")
    expect(page.get_by_text("cannot be answered on this fit")).to_be_visible()
    expect(page.locator("#plan-empty")).to_be_visible()


@pytest.mark.parametrize("query", ["scenario=../../outlay.toml&version=1", "scenario=abc", "scenario="])
def test_a_link_that_lost_a_part_says_so(window: Opener, query: str) -> None:
    page = window(f"/plan?{query}")
    expect(page.get_by_text("This link leads to no scenario")).to_be_visible()


def test_a_link_to_a_version_that_was_never_there_names_the_newest(window: Opener, site: Site) -> None:
    kept = keep(site, "Only one")
    page = window(f"/plan?scenario={kept.id}&version=7")
    expect(page.get_by_text("Only one has no such version; its newest is version 1.")).to_be_visible()
