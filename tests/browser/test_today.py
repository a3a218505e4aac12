"""Today: what was spent and what it returned, as the run's tables have it, and the way to a plan."""

from __future__ import annotations

import pandas as pd

from outlay import style
from outlay.response import load_response
from outlay.runs import open_run
from tests.browser.conftest import Opener, Site


def test_every_channel_is_there_with_its_spend_and_its_return(window: Opener, site: Site) -> None:
    page = window()
    run = open_run(site.folder / "runs", None, "fit")
    roi = run.table("roi")
    spend = load_response(run.file("response.nc"))
    recent = dict(zip(spend.channels, spend.spend[-13:].sum(axis=(0, 1)), strict=True))
    shown = {row[0]: row for row in page.locator("#today-table tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText))"
    )}  # fmt: skip
    whole = roi[roi["group"].isna()]
    assert set(shown) == set(whole["channel"])
    for row in whole[whole["paid"].astype(bool)].itertuples():
        cells = shown[row.channel]
        assert cells[1] == style.amount(recent[row.channel])
        assert cells[5:7] == [style.ratio(row.roi_mean), style.ratio_between(row.roi_hdi_low, row.roi_hdi_high)]


def test_the_first_sentence_has_money_time_and_interval(window: Opener, site: Site) -> None:
    text = window().locator("section[aria-label=Today]").inner_text()
    dates = load_response(open_run(site.folder / "runs", None, "fit").file("response.nc")).dates
    assert f"{pd.Timestamp(dates[-13]):%Y-%m-%d} (FY" in text  # with its fiscal week
    assert "90%:" in text
    assert "per USD" in text


def test_a_curve_is_drawn_for_the_channel_that_is_chosen(window: Opener) -> None:
    page = window()
    page.locator("#today-channel").click()
    page.get_by_role("option", name="radio").click()
    page.wait_for_selector("#today-curve text:has-text('radio: spend per week')")


def test_charts_follow_light_and_dark(window: Opener) -> None:
    for scheme, ink in (("light", "rgb(31, 41, 51)"), ("dark", "rgb(230, 234, 239)")):
        page = window(scheme=scheme)
        page.wait_for_selector("#today-returns .xtick text")
        assert page.locator("#today-returns .xtick text").first.evaluate("e => getComputedStyle(e).fill") == ink


def test_the_way_to_a_plan_is_the_first_button(window: Opener) -> None:
    page = window()
    page.get_by_role("button", name="Make a plan").click()
    page.wait_for_selector("section[aria-label=Plan]")
    assert page.locator("#plan-optimise").is_visible()
