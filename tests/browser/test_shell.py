"""The page's frame: whose study it is, where one is, light and dark, keys, and no request to anywhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Opener, Site, project, served
from tests.cli.fakes import write_fit

WITH_MEDIA = """
[project]
name = "retailer"

[media]
source = "weekly.csv"
date = "week"
kpi = "sales"
kpi_type = "revenue"

[[media.channels]]
name = "tv"
spend = "tv"
"""
VIEWS = ("Today", "Plan", "Scenarios", "Compare")


def seen(page: Any) -> str:
    """The view that is seen."""
    found = [name for name in VIEWS if page.locator(f"section[aria-label={name}]").is_visible()]
    assert len(found) == 1
    return found[0]


def test_the_header_says_whose_study_it_is_and_that_chains_agree(window: Opener) -> None:
    header = window().locator("header")
    assert "retailer" in header.inner_text()
    assert "fit of 20" in header.inner_text()
    assert "fit converged" in header.inner_text().lower()


def test_links_and_keys_go_from_view_to_view_without_loading_the_page_again(window: Opener) -> None:
    page = window()
    page.evaluate("window.kept = true")
    page.locator("header nav").get_by_text("Plan", exact=True).click()
    page.wait_for_selector("section[aria-label=Plan]")
    assert seen(page) == "Plan"
    assert page.locator("header nav a[aria-current=page]").inner_text() == "Plan"
    page.keyboard.press("Alt+3")
    page.wait_for_selector("section[aria-label=Scenarios]")
    assert seen(page) == "Scenarios"
    page.go_back()
    page.wait_for_selector("section[aria-label=Plan]")
    assert page.evaluate("window.kept") is True


def test_the_first_stop_of_the_keyboard_skips_to_the_content(window: Opener) -> None:
    page = window()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_auto_follows_the_machine_and_a_choice_is_remembered(window: Opener, scheme: str) -> None:
    page = window(scheme=scheme)
    html = page.locator("html")
    page.wait_for_function(f"() => document.documentElement.getAttribute('data-mantine-color-scheme') === '{scheme}'")
    other = {"light": "dark", "dark": "light"}[scheme]
    page.locator("#theme-choice").click()
    page.get_by_role("option", name=other.capitalize()).click()
    page.wait_for_function(f"() => document.documentElement.getAttribute('data-mantine-color-scheme') === '{other}'")
    page.reload()
    page.wait_for_function(f"() => document.documentElement.getAttribute('data-mantine-color-scheme') === '{other}'")
    assert html.get_attribute("data-mantine-color-scheme") == other


def test_a_phone_has_its_ways_at_the_foot_and_nothing_is_wider_than_it(window: Opener) -> None:
    page = window(width=390)
    page.locator("footer nav").get_by_text("Plan", exact=True).click()
    page.wait_for_selector("section[aria-label=Plan]")
    assert not page.locator("header nav").is_visible()
    for path in ("/", "/plan", "/scenarios", "/compare"):
        page.locator(f"footer nav a[href='{path}']").click()
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_everything_comes_from_the_page_itself(browser: Any, site: Site) -> None:
    context = browser.new_context()
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.url + "/plan")
    page.wait_for_selector("section[aria-label=Plan]")
    page.wait_for_load_state("networkidle")
    context.close()
    assert [url for url in asked if not url.startswith((site.url, "data:", "blob:"))] == []


def test_a_fit_that_failed_the_gate_is_marked_on_every_view(
    window: Opener, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Path = project(tmp_path_factory.mktemp("untrusted"), trusted=False)
    with served(folder, force=True) as site:
        page = window("/plan", at=site.url)
        page.wait_for_selector("text=did not pass the trust gate")
        assert "not trustworthy" in page.locator("header").inner_text().lower()
        assert "do not act on them" in page.locator("main").inner_text()


def test_data_that_changed_after_the_fit_are_told(window: Opener, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = project(tmp_path_factory.mktemp("stale"), WITH_MEDIA, lock=WITH_MEDIA)
    (folder / "weekly.csv").write_text("week,sales,tv\n", encoding="utf-8")
    with served(folder) as site:
        page = window("/", at=site.url)
        page.wait_for_selector("#stale")
        assert "weekly.csv changed after it was made" in page.locator("#stale").inner_text()


def test_a_newer_fit_is_told_without_a_restart(window: Opener, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = project(tmp_path_factory.mktemp("newer"))
    with served(folder) as site:
        page = window("/", at=site.url)
        page.wait_for_selector("main h2")
        assert page.locator("#stale").count() == 0
        newer = write_fit(folder / "runs")
        page = window("/plan", at=site.url)
        page.wait_for_selector("#stale")
        assert newer.id in page.locator("#stale").inner_text()
