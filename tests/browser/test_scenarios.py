"""A planner names, saves, opens, copies, renames, deletes and restores scenarios; two browsers lose nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.store import Store
from tests.browser.conftest import Opener, Site, project, served
from tests.browser.keeping import card, expect, go, keep, more, optimise, save


def test_a_plan_is_saved_and_saved_again_and_opened_from_the_list(window: Opener, site: Site) -> None:
    page = window("/plan")
    optimise(page)
    expect(page.locator("#save-state")).to_contain_text("Not saved yet")
    page.locator("#save-note").fill("after the talk with Bo")
    page.locator("#save-who").fill("Ana")
    save(page, "Spring push", "This is Spring push, version 1")
    expect(page.locator("#save-button")).to_have_text("Save version 2")
    assert "scenario=" in page.url  # a reload finds it again
    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_contain_text("version 2")
    go(page, "Scenarios")
    page.keyboard.press("Control+s")  # the bar is not in sight here
    page.wait_for_timeout(500)
    mine = card(page, "Spring push")
    expect(mine).to_contain_text("by Ana")
    expect(mine).to_contain_text("version 2")
    kept = next(one for one in Store(site.folder).scenarios() if one.name == "Spring push")
    expected = kept.told("expected")
    assert expected is not None
    assert [one.note for one in Store(site.folder).versions(kept.id)] == ["", "after the talk with Bo"]
    more(page, "Spring push", "Versions (2)")
    page.get_by_role("link", name="Open version 1").click()
    expect(page.locator("#save-state")).to_contain_text("version 1")


def test_what_was_changed_since_is_said_and_can_be_discarded(window: Opener, site: Site) -> None:
    kept = keep(site, "Kept as it was", budget=9_000_000.0)
    page = window(f"/plan?scenario={kept.id}&version=1")
    expect(page.locator("#save-state")).to_contain_text("This is Kept as it was, version 1", timeout=20_000)
    page.locator("#plan-budget").fill("8000000")
    page.keyboard.press("Tab")
    expect(page.locator("#save-state")).to_contain_text("edited above")
    page.locator("#plan-optimise").click()
    expect(page.locator("#save-state")).to_contain_text("differs from Kept as it was", timeout=20_000)
    page.locator("#save-discard").click()
    expect(page.locator("#save-state")).to_contain_text("This is Kept as it was, version 1")
    expect(page.locator("#plan-budget")).to_have_value("9,000,000 USD")


def test_two_browsers_that_save_one_scenario_keep_both_and_the_second_is_told(window: Opener, site: Site) -> None:
    kept = keep(site, "Shared", budget=9_000_000.0)
    pages = [window(kept_link := f"/plan?scenario={kept.id}&version=1"), window(kept_link)]
    for page, who in zip(pages, ("Ana", "Bo"), strict=True):
        expect(page.locator("#save-state")).to_contain_text("This is Shared, version 1", timeout=20_000)
        page.locator("#save-who").fill(who)
    for page, number in zip(pages, (2, 3), strict=True):
        page.locator("#save-button").click()
        expect(page.locator("#save-state")).to_contain_text(f"version {number}")
    expect(pages[1].get_by_text("version 2 by Ana")).to_be_visible()
    assert [one.who for one in Store(site.folder).versions(kept.id)] == ["Bo", "Ana", "Ana"]


def test_copy_rename_delete_and_bring_back(window: Opener, site: Site) -> None:
    keep(site, "Autumn")
    page = window("/scenarios")
    more(page, "Autumn", "Copy")
    expect(card(page, "Autumn (copy)")).to_contain_text("copy of Autumn, version 1")
    more(page, "Autumn (copy)", "Rename")
    page.get_by_role("textbox", name="New name").fill("Winter")
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(card(page, "Winter")).to_be_visible()
    more(page, "Winter", "Delete")
    expect(card(page, "Winter")).to_have_count(0)
    page.locator("label[for=scenarios-deleted]").click()
    card(page, "Winter").get_by_role("button", name="Bring back").click()
    expect(card(page, "Winter").get_by_role("link", name="Open Winter")).to_be_visible()


def test_an_older_version_is_restored_as_the_newest(window: Opener, site: Site) -> None:
    kept = keep(site, "Versions")
    store = Store(site.folder)
    store.restore(kept.id, 1)
    page = window("/scenarios")
    more(page, "Versions", "Versions (2)")
    page.get_by_role("button", name="Restore").click()
    expect(card(page, "Versions")).to_contain_text("version 1 again")
    expect(card(page, "Versions")).to_contain_text("version 3")


def test_the_list_tells_the_numbers_of_then_and_marks_another_fit(window: Opener, site: Site) -> None:
    keep(site, "Of last year", fit="20250101T000000Z-fit-000000")
    page = window("/scenarios", width=390)
    mine = card(page, "Of last year")
    expect(mine).to_contain_text("another fit")
    expect(mine).to_contain_text("$123M")
    expect(mine).to_contain_text("90%: $100M to $150M")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_names_are_only_text(window: Opener, site: Site) -> None:
    names = ["<img src=x onerror=alert(1)>", "=1+1", "../../outlay.toml"]
    for name in names:
        keep(site, name)
    page = window("/scenarios")  # a script that ran, or a picture that was asked for, would be an error of the page
    for name in names:
        expect(page.locator(".scenario").get_by_text(name, exact=True)).to_be_visible()
    assert page.locator("#scenarios-list img").count() == 0


def test_a_name_that_is_none_is_refused_in_words_and_nothing_is_kept(window: Opener, site: Site) -> None:
    before = len(Store(site.folder).scenarios())
    page = window("/plan")
    optimise(page)
    page.locator("#save-button").click()
    expect(page.get_by_role("alert").filter(has_text="a scenario needs a name")).to_be_visible()
    assert len(Store(site.folder).scenarios()) == before


def test_a_page_that_only_reads_shows_scenarios_and_keeps_nothing(
    window: Opener, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Path = project(tmp_path_factory.mktemp("read_only"))
    with served(folder, read_only=True) as site:
        keep(site, "Looked at")
        page = window("/scenarios", at=site.url)
        expect(card(page, "Looked at")).to_be_visible()
        page.get_by_role("button", name="More: Looked at").click()
        expect(page.get_by_role("menuitem", name="Versions (1)")).to_be_visible()
        expect(page.get_by_role("menuitem", name="Delete")).to_have_count(0)
        go(page, "Plan")
        optimise(page)
        expect(page.locator("#save-state")).to_contain_text("only reads")
        # not the buttons alone: what they would send is refused by the server
        page.locator("#save-name").fill("Sneaked in", force=True)
        page.locator("#save-button").dispatch_event("click")
        expect(page.get_by_role("alert").filter(has_text="not to keep anything")).to_be_visible()
        assert [one.name for one in Store(folder).scenarios()] == ["Looked at"]


def test_a_name_that_is_taken_is_told_and_enter_renames(window: Opener, site: Site) -> None:
    keep(site, "Taken")
    keep(site, "To be named")
    page = window("/scenarios")
    more(page, "To be named", "Rename")
    page.get_by_role("textbox", name="New name").fill("TAKEN")
    page.wait_for_timeout(200)  # nobody presses Enter in the very moment of the last letter, which Dash would miss
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is called TAKEN (2) now. Another scenario is called TAKEN already.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    # the list is new, and so are its buttons: the keyboard goes on at the list
    page.wait_for_function("() => document.activeElement.id === 'scenarios-place'")


def test_saving_on_what_was_deleted_meanwhile_says_so_and_keeps_the_page(window: Opener, site: Site) -> None:
    kept = keep(site, "Going", budget=9_000_000.0)
    page = window(f"/plan?scenario={kept.id}&version=1")
    expect(page.locator("#save-state")).to_contain_text("This is Going, version 1", timeout=20_000)
    Store(site.folder).delete(kept.id)
    page.locator("#save-button").click()
    said = "Going was deleted meanwhile, so nothing was saved. Save under another name"
    expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()
    assert len(Store(site.folder).versions(kept.id)) == 1
    save(page, "Gone on", "This is Gone on, version 1")


def test_the_way_to_the_comparison_is_no_stop_until_two_are_ticked(window: Opener, site: Site) -> None:
    for name in ("One tick", "Two ticks"):
        keep(site, name)
    page = window("/scenarios")
    way = page.locator("#scenarios-compare")
    expect(way).to_have_attribute("aria-disabled", "true")
    expect(way).to_have_attribute("tabindex", "-1")
    for name in ("One tick", "Two ticks"):
        page.get_by_role("checkbox", name=f"Compare {name}", exact=True).check()
    expect(way).to_have_attribute("aria-disabled", "false")
    expect(way).to_have_attribute("tabindex", "0")


def test_a_long_list_is_shown_in_parts_and_searched(window: Opener, tmp_path_factory: pytest.TempPathFactory) -> None:
    with served(project(tmp_path_factory.mktemp("many"))) as site:
        for number in range(23):
            keep(site, f"Plan {number}", who="Ana" if number == 2 else "Bo")
        page = window("/scenarios", at=site.url)
        expect(page.locator(".scenario")).to_have_count(20)
        expect(page.get_by_text("20 of 23 are shown, those saved last.")).to_be_visible()
        page.get_by_role("checkbox", name="Compare Plan 22", exact=True).check()
        page.get_by_role("button", name="Show 20 more").click()
        expect(page.locator(".scenario")).to_have_count(23)
        page.get_by_role("textbox", name="Find scenarios").fill("ana")
        expect(page.locator(".scenario")).to_have_count(2)
        expect(page.get_by_role("checkbox", name="Compare Plan 22", exact=True)).to_be_checked()
        expect(card(page, "Plan 2")).to_be_visible()
        page.get_by_role("checkbox", name="Compare Plan 2", exact=True).check()
        expect(page.locator("#scenarios-compare")).to_have_text("Compare 2")
