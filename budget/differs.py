"""What differs between plans side by side, in sentences: what was asked, what is spent, what it brings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from budget.cells import money
from budget.differs_rules import rule_words
from budget.intervals import interval
from outlay import style

if TYPE_CHECKING:
    from budget.scenarios import Scenario

MOST_TOLD = 6
"""Channels, and rules of a kind, that are told one by one where plans differ."""


def differences(scenarios: Sequence[Scenario], better: Sequence[float], better_by: str) -> tuple[str, ...]:
    """Sentences on how every scenario differs from the first one.

    Parameters
    ----------
    scenarios : sequence of Scenario
        At least two, of one window and on the same draws.
    better : sequence of float
        Probability of each to beat the first one; NaN where that cannot be said.
    better_by : str
        What was compared draw by draw.
    """
    first = scenarios[0]
    told = []
    for other, odds in zip(scenarios[1:], better[1:], strict=True):
        told += [_asked(first, other), _spent(first, other)]
        told.append(_brought(first, other, odds, better_by))
        before, after = _afterwards(first), _afterwards(other)
        if before != after:
            told.append(
                f"{first.name} and {other.name} assume different things after the window, which is part of what tells "
                f"them apart. {first.name}: {before} {other.name}: {after}"
            )
    return tuple(told)


def _asked(first: Scenario, other: Scenario) -> str:
    """The keys of the question that differ, from what to what."""
    told = list(_changed(first, other))
    if not told:
        return f"{other.name} asks the same question as {first.name}."
    return f"{other.name} asks for something else than {first.name}: {'; '.join(told)}."


def _changed(first: Scenario, other: Scenario) -> Iterator[str]:
    aims = [str(one.document.get("objective_words", one.question.get("objective"))) for one in (first, other)]
    if aims[0] != aims[1]:
        yield f"it looks for {aims[1]}, instead of {aims[0]}"
    by_hand = [bool(one.document.get("evaluated")) for one in (first, other)]
    if by_hand[0] != by_hand[1]:
        yield f"its spend was {_who_set(by_hand[1])}, instead of {_who_set(by_hand[0])}"
    for key, say in _KEYS.items():
        values = [one.question.get(key) for one in (first, other)]
        if values[0] != values[1]:
            was, now = (say(value, one) for value, one in zip(values, (first, other), strict=True))
            if was != now:
                yield f"{_LABELS.get(key, key.replace('_', ' '))} {now} instead of {was}"
    for key, label in _LISTS.items():
        yield from _rules(first, other, key, label)


def _who_set(by_hand: bool) -> str:
    return "set by hand" if by_hand else "found by the optimizer"


def _rules(first: Scenario, other: Scenario, key: str, label: str) -> Iterator[str]:
    """Rules of a list that only one of the two has."""
    mine, theirs = (_list(one.question.get(key)) for one in (first, other))
    for what, found in (
        ("with", [r for r in theirs if r not in mine]),
        ("without", [r for r in mine if r not in theirs]),
    ):
        if found:
            said = [rule_words(key, rule, str(first.document["currency"])) for rule in found[:MOST_TOLD]]
            more = f" and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
            yield f"{what} the {label}{'' if len(found) == 1 else 's'} {', '.join(said)}{more}"


def _list(value: object) -> list[Mapping[str, object]]:
    return [rule for rule in value if isinstance(rule, Mapping)] if isinstance(value, list | tuple) else []


def _budget(value: object, scenario: Scenario) -> str:
    spent = money(round(scenario.number("budget") or 0.0, 2), str(scenario.document["currency"]))
    if value is not None:
        return _money(value, scenario)
    who = "the optimizer's choice" if scenario.document.get("total_is_free") else "that of the reference plan"
    return f"{who} ({spent})"


def _money(value: object, scenario: Scenario) -> str:
    return money(float(str(value)), str(scenario.document["currency"])) if value is not None else "not stated"


def _goal(value: object, scenario: Scenario) -> str:
    return f"{style.Written(str(value)):,.12g} {scenario.document['outcome_unit']}" if value is not None else "none"


def _share(value: object, _: Scenario) -> str:
    return style.percent(value) if isinstance(value, int | float) else "none"


def _plain(value: object, _: Scenario) -> str:
    return "by default" if value is None else str(value)


def _timing(value: object, _: Scenario) -> str:
    return "as in the reference plan" if value == "reference" else str(value)


def _yes(value: object, _: Scenario) -> str:
    return "counted" if value else "not counted"


_KEYS: Mapping[str, Callable[[object, Scenario], str]] = {
    "budget": _budget,
    "budget_min": _money,
    "budget_max": _money,
    "value_from": _plain,
    "goal": _goal,
    "reference": _plain,
    "timing": _timing,
    "carry_over_after": _yes,
    "spend_after": _plain,
    "max_change": _share,
    "max_step": _share,
    "margin_of_range": _share,
}
"""How the value of a key is said. The window is the same in all; what is looked for has words of its own."""

_LABELS = {
    "budget_min": "least total",
    "budget_max": "most total",
    "value_from": "outcome counted by",
    "reference": "reference plan",
    "carry_over_after": "effects after the window",
    "spend_after": "spend after the window",
    "max_change": "largest change of a channel",
    "max_step": "largest step between periods",
    "margin_of_range": "room above the largest spend of the past",
}

_LISTS = {
    "bounds": "limit",
    "groups": "share",
    "ratios": "ratio",
    "locks": "lock",
    "capacity": "capacity",
    "volumes": "volume",
}
"""Lists of rules, and what one of them is called."""


def _spent(first: Scenario, other: Scenario) -> str:
    """Spend by channel, the largest differences first."""
    before, after = (
        s.table[s.table["period"].isna()].groupby("channel", sort=False)["spend"].sum() for s in (first, other)
    )
    change = (after - before).dropna()
    change = change[change.abs() > 0.005].sort_values(key=lambda x: -x.abs())
    currency = str(first.document["currency"])
    if change.empty:
        return f"{other.name} spends the same on every channel as {first.name}."

    def moved(x: float) -> str:
        return f"{'+' if x > 0 else '-'}{money(round(abs(x), 2), currency)}"

    named = [f"{name} {moved(x)}" for name, x in change.items()][:MOST_TOLD]
    rest = change.iloc[MOST_TOLD:]
    if len(rest):
        named.append(f"{len(rest)} other channel{'' if len(rest) == 1 else 's'} together {moved(float(rest.sum()))}")
    total = float(change.sum())
    said = "as much as" if abs(total) <= 0.005 else f"{money(round(abs(total), 2), currency)} {_more(total)} than"
    return f"{other.name} spends {said} {first.name}: {', '.join(named)}."


def _more(x: float) -> str:
    return "more" if x > 0 else "less"


def _brought(first: Scenario, other: Scenario, better: float, better_by: str) -> str:
    """The effect on the outcome, and on the profit where a margin is known, draw by draw."""
    currency, unit = str(first.document["currency"]), str(first.document["outcome_unit"])
    told = [f"expected {first.document['outcome']} {_effect(first, other, 'plan', unit == currency)}"]
    if all("plan_profit" in one.draws for one in (first, other)):
        told.append(f"profit {_effect(first, other, 'plan_profit', True)}")
    odds = "" if np.isnan(better) else f"; its {better_by} is the higher one with probability {style.chance(better)}"
    return f"{other.name} against {first.name}: {', '.join(told)}{odds}."


def _effect(first: Scenario, other: Scenario, column: str, is_money: bool) -> str:
    level = first.number("hdi") or 0.9
    draws = other.draws[column].to_numpy(float) - first.draws[column].to_numpy(float)
    found = interval(draws, level)
    currency, unit = str(first.document["currency"]), str(first.document["outcome_unit"])
    mean, low, high = (
        style.signed(style.money(x, currency) if is_money else style.number(x))
        for x in (found.mean, found.low, found.high)
    )
    return f"{mean}{'' if is_money else f' {unit}'} ({100 * level:g}%: {low} to {high})"


def _afterwards(scenario: Scenario) -> str:
    """What a plan assumes of the time after its window, in its own sentence."""
    assumed = scenario.document.get("assumptions")
    told = assumed if isinstance(assumed, list) else []
    return next((str(sentence) for sentence in told if str(sentence).startswith("Effects")), "Not told.")
