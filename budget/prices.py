"""Shadow prices in words: what one more unit of the budget, or of a rule that binds, is worth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from budget.allocation import ShadowPrice
from budget.cells import Cells
from budget.rules import Rule, Rules
from budget.solve import Optimum
from outlay.transforms import Array

WORTH_TELLING = 1e-4
"""Prices below this part of the budget's price are the solver's noise."""


def shadow_prices(optimum: Optimum, rules: Rules, cells: Cells, units: tuple[str, str]) -> tuple[ShadowPrice, ...]:
    """Prices of the budget and of every rule that binds.

    Parameters
    ----------
    optimum : Optimum
    rules : Rules
    cells : Cells
    units : tuple of str
        Currency of spend and unit of the outcome.
    """
    currency, outcome = units
    per_unit = budget_price(optimum, rules, cells)
    text = f"one more {currency} of budget brings {per_unit:,.4g} {outcome}"
    smallest = WORTH_TELLING * max(abs(per_unit), 1e-300)
    told = [ShadowPrice("budget", "budget", per_unit, currency, text)]
    for rule, price in _bound_prices(optimum, rules, cells):
        if price > smallest:
            told.append(_told(rule, price, rules.budget, units))
    for rule, price in zip(rules.sums, optimum.sum_price, strict=True):
        if price > smallest:
            told.append(_told(rule, float(price), rules.budget, units))
    return tuple(told)


def budget_price(optimum: Optimum, rules: Rules, cells: Cells) -> float:
    """Outcome of one more unit of budget, with all that moves with it: shares, and changes against the reference."""
    price = optimum.budget_price
    for cell in range(len(cells)):
        high, low = rules.bound_of(cell, at_least=False), rules.bound_of(cell, at_least=True)
        # Without a rule the most that a cell can get is the budget itself.
        price += float(optimum.upper_price[cell]) * (1.0 if high is None else high.per_budget)
        price -= float(optimum.lower_price[cell]) * (0.0 if low is None else low.per_budget)
    for rule, worth in zip(rules.sums, optimum.sum_price, strict=True):
        price += float(worth) * rule.per_budget * (-1.0 if rule.at_least else 1.0)
    return price


def _bound_prices(optimum: Optimum, rules: Rules, cells: Cells) -> Iterator[tuple[Rule, float]]:
    for at_least, prices in ((True, optimum.lower_price), (False, optimum.upper_price)):
        for cell in np.flatnonzero(prices > 0):
            rule = rules.bound_of(int(cell), at_least=at_least)
            if rule is not None and rule.kind != "no cost":
                yield rule, float(prices[cell])


def _told(rule: Rule, price: float, budget: float, units: tuple[str, str]) -> ShadowPrice:
    currency, outcome = units
    way = "lower" if rule.at_least else "higher"
    if rule.kind in ("min_share", "max_share"):
        price, unit = price * budget / 100.0, "percentage point"
    else:
        unit = currency
    text = f"{rule.words}: one {unit} {way} brings {price:,.4g} {outcome}"
    return ShadowPrice(rule.words, rule.kind, price, unit, text)


def binding(rules: Rules, cells: Cells, spend: Array) -> list[str | None]:
    """In words, what holds each cell where it is; None where only the budget does."""
    told: list[list[str]] = [[] for _ in range(len(cells))]
    for cell in range(len(cells)):
        high, low = rules.bound_of(cell, at_least=False), rules.bound_of(cell, at_least=True)
        if low is not None and low.amount > 0 and spend[cell] <= low.amount + 0.0101:
            told[cell].append(_short(low))
        elif spend[cell] <= 0.0:
            told[cell].append("no spend")
        if high is not None and high.amount > 0 and spend[cell] >= high.amount - 0.0101:
            told[cell].append(_short(high))
    for rule in rules.sums:
        if abs(rule.excess(spend)) <= 0.0101:
            for cell in rule.cells:
                told[int(cell)].append(_short(rule))
    return ["; ".join(words) if words else None for words in told]


def _short(rule: Rule) -> str:
    """A rule's name in a table: ``max``, ``min_share of search + social``."""
    return rule.kind if len(rule.cells) == 1 else f"{rule.kind} of {rule.scope}"
