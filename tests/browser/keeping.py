"""Scenarios put beside a served fit without the browser, for tests that begin with some."""

from __future__ import annotations

from typing import Any

import pytest

from planner.store import Draft, Kept, Store
from tests.browser.conftest import Site

expect: Any = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


def keep(site: Site, name: str, *, fit: str | None = None, who: str = "Ana", **section: Any) -> Kept:
    """A scenario of 13 weeks with the keys of its question, and numbers of then that no plan has."""
    asked = {"section": {"periods": 13, "max_change": 0.5, **section}, "by_hand": None}
    answer = {
        "currency": "USD",
        "outcome": "sales",
        "outcome_unit": "USD",
        "hdi": 0.9,
        "periods": 13,
        "period_unit": "week",
        "start": "2023-11-20",
        "budget": section.get("budget", 1.0),
        "expected": 123_000_000.0,
        "expected_hdi_low": 100_000_000.0,
        "expected_hdi_high": 150_000_000.0,
        "gain_mean": 2_000_000.0,
        "gain_hdi_low": -1_000_000.0,
        "gain_hdi_high": 5_000_000.0,
        "p_better": 0.8,
    }
    fit = fit or next((site.folder / "runs").glob("*-fit-*")).name
    return Store(site.folder).create(name, Draft(asked, answer, fit, who=who)).kept


def optimise(page: Any) -> None:
    """Press Optimise and wait for the answer."""
    page.locator("#plan-optimise").click()
    expect(page.locator("#savebar")).to_be_visible(timeout=20_000)


def save(page: Any, name: str, said: str) -> None:
    """Save under a name and wait until the bar says so."""
    page.locator("#save-name").fill(name)
    page.locator("#save-button").click()
    expect(page.locator("#save-state")).to_contain_text(said)


def go(page: Any, view: str) -> None:
    """Follow the header's link to a view."""
    page.locator("header nav").get_by_text(view, exact=True).click()
    expect(page.locator(f"section[aria-label={view}]")).to_be_visible()


def card(page: Any, name: str) -> Any:
    """The scenario of a name in the list."""
    return page.locator(".scenario").filter(has=page.get_by_role("checkbox", name=f"Compare {name}", exact=True))


def more(page: Any, name: str, what: str) -> None:
    """Choose something from a scenario's menu."""
    page.get_by_role("button", name=f"More: {name}", exact=True).click()
    page.get_by_role("menuitem", name=what).click()
