"""A scenario that is kept, in words: its numbers as they were, who saved it and when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dash import set_props

from outlay import style
from planner import ids
from planner.store import Kept, clean_name


def notify(title: str, text: str, *, colour: str = "teal", id: str = "scenario-notice") -> None:
    """Say on the page what was done, or what could not be."""
    told = {"action": "show", "title": title, "message": text, "color": colour, "autoClose": 8_000}
    set_props(ids.NOTICES, {"sendNotifications": [told]})


def numbers_of(kept: Kept) -> list[tuple[str, str, str]]:
    """Label, number and what is beside it: the answer as it was when it was saved."""
    answer = kept.answer
    level = f"{100 * (kept.told('hdi') or 0.9):g}%"
    periods = f"{answer.get('periods', '')} {answer.get('period_unit', 'period')}s"
    profit = (
        [("Profit", amount(kept, "profit_mean", money=True), interval(kept, "profit_hdi", level, money=True))]
        if kept.told("profit_mean") is not None
        else []
    )
    p_better = kept.told("p_better")
    return [
        ("Budget", amount(kept, "budget", money=True), f"{periods} from {answer.get('start', '')}"),
        (
            f"Expected {answer.get('outcome', 'outcome')}",
            amount(kept, "expected"),
            interval(kept, "expected_hdi", level),
        ),
        (
            "Gain over reference",
            style.signed(amount(kept, "gain_mean")),
            interval(kept, "gain_hdi", level, signed=True),
        ),
        *profit,
        (
            "Beats reference",
            "not known" if p_better is None else style.chance(p_better),
            "" if p_better is None else "probability",
        ),
    ]


def amount(kept: Kept, key: str, *, money: bool = False) -> str:
    """An amount of the answer with its unit."""
    currency, unit = str(kept.answer.get("currency", "")), str(kept.answer.get("outcome_unit", ""))
    value = kept.told(key)
    if value is None:
        return "not known"
    return style.money(value, currency) if money or unit == currency else f"{style.number(value)} {unit}"


def interval(kept: Kept, key: str, level: str, *, money: bool = False, signed: bool = False) -> str:
    """An interval of the answer, ``90%: USD 1.2M to USD 1.5M``."""
    if kept.told(f"{key}_low") is None:
        return ""
    ends = [amount(kept, f"{key}_{end}", money=money) for end in ("low", "high")]
    return f"{level}: {' to '.join(style.signed(end) if signed else end for end in ends)}"


def moment(kept: Kept) -> str:
    """When it was saved."""
    return f"{kept.saved:%Y-%m-%d %H:%M} UTC"


def provenance(kept: Kept) -> str:
    """Who saved it, when, and what it was made from."""
    who = f" by {kept.who}" if kept.who else ""
    return f"Saved {moment(kept)}{who}{f' ({kept.origin})' if kept.origin else ''}"


def others(between: Iterable[Kept]) -> str:
    """Whose versions came in between, oldest first."""
    said = [f"version {one.number} by {one.who or 'somebody'} ({moment(one)})" for one in reversed(tuple(between))]
    return f"Meanwhile others saved {' and '.join(said)}; nothing of it was overwritten." if said else ""


def taken(wanted: str, kept: Kept) -> str:
    """That a number was put behind a name, because another scenario has it."""
    name = clean_name(wanted)
    return "" if name.casefold() == kept.name.casefold() else f"Another scenario is called {name} already. "


def opened_of(kept: Kept, key: str) -> dict[str, Any]:
    """What the page holds of the scenario that is open; `key` is that of its question."""
    return {"id": kept.id, "version": kept.number, "name": kept.name, "key": key}
