"""Rules that contradict each other by arithmetic, found before any solve and told with their amounts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from budget.catalogue import CATALOGUE
from budget.cells import Cells, money
from budget.rules import Rule, Rules
from outlay.errors import PlanError
from outlay.transforms import Array

CENT = 0.01


def refuse_contradictions(rules: Rules, cells: Cells, currency: str) -> None:
    """Raise where arithmetic alone shows that no plan can satisfy the rules.

    Raises
    ------
    PlanError
        P003 to P006 and P013, with the amounts.
    """
    _same_scope(rules)
    _together(rules, cells, currency)
    least, most = _channel_limits(rules, cells, currency)
    _total(rules, least, most, cells, currency)
    _shares(rules, least, most, cells, currency)


def _same_scope(rules: Rules) -> None:
    """Least above most on the same cells."""
    for low in (rule for rule in rules.every if rule.at_least):
        for high in (rule for rule in rules.every if not rule.at_least):
            if low.amount <= high.amount + CENT or not np.array_equal(low.cells, high.cells):
                continue
            if high.kind == "no cost":
                raise _refusal(
                    "P013", f"{low.words}; but no spend of it was ever seen, so its cost is not known", low.scope
                )
            id = "P006" if "share" in low.kind and "share" in high.kind else "P003"
            raise _refusal(id, f"two rules leave no amount: {low.words}; {high.words}", low.scope)


def _channel_limits(rules: Rules, cells: Cells, currency: str) -> tuple[Array, Array]:
    """Least and most spend per channel from the rules on it and on its cells, (C,) each."""
    shape = (len(cells.channels), len(cells.groups))
    least = rules.lower.reshape(shape).sum(axis=1)
    most = np.minimum(rules.upper.reshape(shape).sum(axis=1), rules.budget)
    for rule in rules.sums:
        channels = {cells.channel_of(int(cell)) for cell in rule.cells}
        if len(channels) != 1 or len(rule.cells) != len(cells.groups):
            continue
        channel = channels.pop()
        name = cells.channels[channel]
        if rule.at_least and rule.amount > most[channel] + CENT:
            what = f"{rule.words}; but its groups together may get at most {money(most[channel], currency)}"
            raise _refusal("P003", what, name)
        if not rule.at_least and rule.amount < least[channel] - CENT:
            what = f"{rule.words}; but its groups together must get at least {money(least[channel], currency)}"
            raise _refusal("P003", what, name)
        if rule.at_least:
            least[channel] = max(least[channel], rule.amount)
        else:
            most[channel] = min(most[channel], rule.amount)
    return least, most


def _total(rules: Rules, least: Array, most: Array, cells: Cells, currency: str) -> None:
    budget = money(rules.budget, currency)
    if least.sum() > rules.budget + CENT:
        what = (
            f"the rules ask for at least {money(float(least.sum()), currency)} and the budget is {budget}, "
            f"{money(float(least.sum()) - rules.budget, currency)} less: {_listed(least, cells, currency)}"
        )
        raise _refusal("P004", what, "[plan] budget")
    if most.sum() < rules.budget - CENT:
        what = (
            f"the rules allow at most {money(float(most.sum()), currency)} and the budget is {budget}, "
            f"{money(rules.budget - float(most.sum()), currency)} more: {_listed(most, cells, currency)}"
        )
        raise _refusal("P005", what, "[plan] budget")


def _shares(rules: Rules, least: Array, most: Array, cells: Cells, currency: str) -> None:
    """Each share rule against its channels' limits and those of all others."""
    whole = rules.budget
    for rule, inside in _share_rules(rules, cells):
        reach, need = float(most[inside].sum()), float(least[inside].sum())
        other_reach, other_need = float(most[~inside].sum()), float(least[~inside].sum())
        of_budget = f"of {money(whole, currency)}"
        if rule.at_least:
            _refuse_if(rule, reach < rule.amount - CENT, f"its channels may get at most {money(reach, currency)}")
            why = f"the other channels must get at least {money(other_need, currency)} {of_budget}"
            _refuse_if(rule, whole - other_need < rule.amount - CENT, why)
        else:
            _refuse_if(rule, need > rule.amount + CENT, f"its channels must get at least {money(need, currency)}")
            why = f"the other channels may get at most {money(other_reach, currency)} {of_budget}"
            why = "there is no other channel to take the rest" if inside.all() else why
            _refuse_if(rule, whole - other_reach > rule.amount + CENT, why)


def _share_rules(rules: Rules, cells: Cells) -> list[tuple[Rule, NDArray[np.bool_]]]:
    """The share rules, each with the channels (C,) that it speaks of."""
    return [(rule, _channels(rule, cells)) for rule in rules.every if rule.kind in ("min_share", "max_share")]


def _together(rules: Rules, cells: Cells, currency: str) -> None:
    """Groups without a common channel: least shares above 100 %, or most shares that cannot reach it."""
    shares = _share_rules(rules, cells)
    least, _ = _disjoint([item for item in shares if item[0].at_least])
    demanded = sum(rule.amount for rule in least)
    if demanded > rules.budget + CENT * len(least):
        what = f"least shares add up to {demanded / rules.budget:.1%} ({money(demanded, currency)}): " + _said(least)
        raise _refusal("P006", what, "[[plan.groups]]")
    most, taken = _disjoint([item for item in shares if not item[0].at_least])
    allowed = sum(rule.amount for rule in most)
    if taken.all() and allowed < rules.budget - CENT * len(most):
        added = f"{allowed / rules.budget:.1%} ({money(allowed, currency)})"
        what = f"most shares of all channels add up to {added}: {_said(most)}"
        raise _refusal("P006", what, "[[plan.groups]]")


def _disjoint(shares: list[tuple[Rule, NDArray[np.bool_]]]) -> tuple[list[Rule], NDArray[np.bool_]]:
    """Groups that share no channel, in the order of the file, and the channels that they cover."""
    taken = np.zeros(len(shares[0][1]), bool) if shares else np.zeros(1, bool)
    chosen = []
    for rule, inside in shares:
        if not (taken & inside).any():
            chosen.append(rule)
            taken |= inside
    return chosen, taken


def _channels(rule: Rule, cells: Cells) -> NDArray[np.bool_]:
    inside = np.zeros(len(cells.channels), bool)
    inside[[cells.channel_of(int(cell)) for cell in rule.cells]] = True
    return inside


def _refuse_if(rule: Rule, impossible: bool, why: str) -> None:
    if impossible:
        raise _refusal("P006", f"{rule.words}; but {why}", "[[plan.groups]]")


def _listed(amounts: Array, cells: Cells, currency: str, most: int = 8) -> str:
    order = [int(i) for i in np.argsort(-amounts) if amounts[i] > 0]
    named = ", ".join(f"{cells.channels[i]} {money(float(amounts[i]), currency)}" for i in order[:most])
    return named + (f" and {len(order) - most} more" if len(order) > most else "")


def _said(rules: list[Rule]) -> str:
    return "; ".join(rule.words for rule in rules)


def _refusal(id: str, what: str, where: str) -> PlanError:
    return PlanError(what, where=where, repair=CATALOGUE[id].repair, id=id)
