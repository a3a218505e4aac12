"""Shadow prices in words: what one more unit of the budget, or of a rule that binds, is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from budget.allocation import ShadowPrice
from budget.compile import Compiled
from budget.optimum import Optimum
from budget.rules import CENT, Rule, Rules
from outlay.style import Written
from outlay.transforms import Array

WORTH_TELLING = 1e-4
"""Prices below this part of the budget's price (or of the mean return) are the solver's noise."""

AT_BOUND = 1e-6
"""How near a decision lies to a bound that holds it, in shares of the plan's scale of money."""


@dataclass(frozen=True, eq=False)
class Prices:
    """What the rules are worth, in units of what is made large.

    Attributes
    ----------
    limit : ndarray (number of rules,)
        Of one more unit of currency of a rule's limit, signed: a rule that asks for spend costs.
    budget : float
        Of one more unit of the budget, with all limits that move with it; zero where the total is free.
    alone : float
        The same with every other limit where it is: what the next unit brings where nothing else holds.
    """

    limit: Array
    budget: float
    alone: float


def price_rules(optimum: Optimum, compiled: Compiled, worth: float) -> Prices:
    """Prices of all rules from an optimum's gradient and row prices.

    What a bound is worth is the gradient less what its decision takes from the rows. Minimums-or-nothing have no price:
    the optimum does not move with their amounts little by little.

    Parameters
    ----------
    optimum : Optimum
    compiled : Compiled
    worth : float
        Units of the objective (outcome, or profit) in one unit of its scaled value.
    """
    polytope, owners, scale = compiled.polytope, compiled.owners, compiled.money_scale
    full = np.zeros(len(polytope.lower))
    full[: polytope.n] = optimum.gradient
    reduced = (full - polytope.matrix.T @ optimum.row_price)[: polytope.n]
    lower, upper = polytope.lower[: polytope.n], polytope.upper[: polytope.n]
    at_upper = (reduced > 0) & (optimum.z >= upper - AT_BOUND)
    at_lower = (reduced < 0) & (optimum.z <= lower + AT_BOUND)
    limit = np.zeros(len(compiled.rules))
    owned = owners.row >= 0
    np.add.at(limit, owners.row[owned], (optimum.row_price / owners.unit)[owned])
    kinds = [rule.kind for rule in compiled.rules]
    total = np.array([mine >= 0 and kinds[mine].startswith("budget") for mine in owners.row], dtype=bool)
    alone = float((optimum.row_price * owners.row_moves)[total].sum())
    budget = float(optimum.row_price @ owners.row_moves)
    for at, whose, factor, moves in (
        (at_upper, owners.upper, owners.upper_factor, owners.upper_moves),
        (at_lower, owners.lower, owners.lower_factor, owners.lower_moves),
    ):
        mine = np.flatnonzero(at)
        budget += float(reduced[mine] @ moves[mine])
        mine = mine[whose[mine] >= 0]
        np.add.at(limit, whose[mine], reduced[mine] / (factor[mine] * scale))
    by = 0.0 if compiled.stated.rules.free else worth / scale
    return Prices(limit * worth, budget * by, alone * by)


def shadow_prices(
    optimum: Optimum, compiled: Compiled, worth: float, unit: str, spend: Array | None = None
) -> tuple[ShadowPrice, ...]:
    """Prices of the budget and of every rule that binds, in words.

    Parameters
    ----------
    optimum : Optimum
    compiled : Compiled
        The rules that the optimum was found under.
    worth : float
        Units of the objective in one unit of its scaled value.
    unit : str
        Unit of the objective: of the outcome, or of money where profit is made large.
    spend : ndarray (H, K), optional
        The plan. Default: the optimum's.
    """
    prices = price_rules(optimum, compiled, worth)
    rules = compiled.stated.rules
    spend = compiled.decision.spend(optimum.z * compiled.money_scale) if spend is None else spend
    told = []
    if not rules.free:
        text = f"one more {rules.grid.currency} of budget brings {_amount(prices.budget)} {unit}"
        if abs(prices.budget - prices.alone) > WORTH_TELLING * max(abs(prices.budget), abs(prices.alone)):
            text += f" ({_amount(prices.alone)} {unit} if the limits that move with the total stayed where they are)"
        told.append(ShadowPrice("budget", "budget", prices.budget, rules.grid.currency, text))
    usual = float(np.abs(optimum.gradient).max(initial=0.0)) * worth / compiled.money_scale
    smallest = WORTH_TELLING * max(abs(prices.budget), usual, 1e-300)
    for rule, price in zip(compiled.rules, prices.limit, strict=True):
        if rule.kind not in ("budget", "no cost", "active") and abs(price) > smallest:
            told.append(_told(rule, float(price), spend, rules, unit))
    return tuple(told)


def budget_price(optimum: Optimum, compiled: Compiled, worth: float) -> float:
    """Units of the objective that one more unit of budget brings, with all that moves with it."""
    return price_rules(optimum, compiled, worth).budget


def told_price(words: str, kind: str, price: float, unit: str, of: str, *, saves: bool = False) -> ShadowPrice:
    """The price of something beside the rules on spend: a capacity, whose worth may be spend that it saves."""
    verb = "saves" if saves else "brings"
    return ShadowPrice(words, kind, price, unit, f"{words}: one more {unit} {verb} {_amount(price)} {of}")


def _told(rule: Rule, price: float, spend: Array, rules: Rules, objective: str) -> ShadowPrice:
    """A rule's price per unit by which it is loosened; of an exact rule, in the direction that pays."""
    currency, period = rules.grid.currency, rules.grid.period
    by, unit = _unit(rule, spend, currency)
    # A limit that rises loosens a most and tightens a least; of a locked amount the paying direction is told.
    higher = rule.side == "high" or (rule.side == "both" and price > 0)
    if rule.kind == "custom":
        text = f"{rule.words}: loosened by one unit of its limit it brings {_amount(abs(price))} {objective}"
        return ShadowPrice(rule.words, rule.kind, abs(price), "unit of its limit", text)
    each = f" in each {period}" if rule.rows.shape[0] > 1 and rule.base is None else ""
    price = abs(price) * by
    way = "higher" if higher else "lower"
    text = f"{rule.words}: one {unit} {way}{each} brings {_amount(price)} {objective}"
    return ShadowPrice(rule.words, rule.kind, price, unit, text)


def _amount(price: float) -> str:
    """A price with three digits, and no powers of ten where it is large."""
    return f"{Written(price):,.0f}" if abs(price) >= 1_000 else f"{Written(price):,.3g}"


def _unit(rule: Rule, spend: Array, currency: str) -> tuple[float, str]:
    """By how much a unit of a rule's amount moves its limit, and what that unit is called."""
    if rule.measure in ("currency", "change"):
        return 1.0, currency
    by = abs(rule.moves(spend))
    if rule.measure == "ratio":
        return by, "unit of the ratio"
    return by / 100.0, "percentage point"


def binding(compiled: Compiled, spend: Array) -> list[str | None]:
    """In words, what holds each cell where it is, for a plan (H, K); None where only the total does."""
    n_cells = spend.shape[1]
    told: list[list[str]] = [[] for _ in range(n_cells)]
    for cell in np.flatnonzero(spend.sum(axis=0) <= 0.0):
        told[int(cell)].append("no spend")
    flat = spend.ravel()
    for rule in compiled.stated.rules.every:
        if rule.kind.startswith("budget") or rule.kind in ("active", "no cost"):
            continue
        held = np.flatnonzero(_held(rule, flat))
        if not len(held):
            continue
        cells = np.unique(rule.rows[held].indices % n_cells)
        words = rule.kind if len(np.unique(rule.rows.indices % n_cells)) == 1 else f"{rule.kind} of {rule.scope}"
        for cell in cells:
            if words not in told[int(cell)]:
                told[int(cell)].append(words)
    return ["; ".join(words) if words else None for words in told]


def _held(rule: Rule, flat: Array) -> Array:
    """Which rows of a rule a plan lies on. A least or a most of nothing is told as no spend."""
    room = np.abs(rule.sums(flat) - rule.limit)
    nothing = (rule.limit == 0.0) & (np.asarray(rule.rows @ flat) <= 0.0)
    return np.asarray((room <= CENT) & ~nothing)
