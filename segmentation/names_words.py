"""Plain words for a feature: what is said of customers who have much, little or none of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

Pair = tuple[str, str]

SPOKEN: Mapping[str, Pair] = {
    "age": ("older", "younger"),
    "birth year": ("younger", "older"),
    "year birth": ("younger", "older"),
    "year of birth": ("younger", "older"),
    "recency": ("long absent", "recent"),
    "tenure": ("long-standing", "new"),
    "frequency": ("frequent orders", "few orders"),
    "orders": ("many orders", "few orders"),
    "monetary": ("large orders", "small orders"),
    "active months": ("active in many months", "active in few months"),
    "returns share": ("many returns", "few returns"),
    "employees": ("large companies", "small companies"),
    "company size": ("large companies", "small companies"),
}
"""What is said for much and for little of some features that most tables have, by the feature's spoken name."""

_COUNTED = frozenset({"num", "nb", "no", "n", "cnt", "count", "number"})
_NOISE = _COUNTED | {"mnt", "amt", "amount", "total", "dt", "date"}
"""Parts of column names that say that something is counted, and not what."""

_THINGS = frozenset({"visits", "purchases", "orders", "items", "seats", "contracts", "sessions", "calls", "returns"})
"""What is counted without its column saying so: many visits, and not high visits."""

_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+")


def _parts(feature: str) -> list[str]:
    return [part if part.isupper() and len(part) > 1 else part.lower() for part in _PARTS.findall(feature)]


def spoken(feature: str) -> str:
    """A column's name as words: ``MntWines`` is "wines", ``web_visits`` "web visits"."""
    parts = _parts(feature)
    said = [part for part in parts if part.lower() not in _NOISE]
    return " ".join(said or parts) or feature


def of_number(feature: str, unit: str, *, more: bool) -> str:
    """What is said of customers with more (or less) of a number than others."""
    name = spoken(feature)
    if name in SPOKEN:
        return SPOKEN[name][0 if more else 1]
    if unit == "days":
        return f"{name} {'long ago' if more else 'recently'}"
    counted = bool(_COUNTED & {part.lower() for part in _parts(feature)})
    much, little = ("many", "few") if counted or name.split()[-1] in _THINGS else ("high", "low")
    return f"{much if more else little} {name}"


def of_none(feature: str) -> str:
    """What is said of customers who have nothing of a number."""
    return f"no {spoken(feature)}"


def of_some(feature: str) -> str:
    """What is said where most have some of a number that others mostly have nothing of."""
    return f"with {spoken(feature)}"


def of_level(feature: str, level: str, *, more: bool, most: bool) -> str:
    """What is said where a level is held by most, by more, or by fewer than elsewhere."""
    name = level if not _bare(level) else f"{spoken(feature)} {level}"
    if not more:
        return f"few {name}"
    return name if most else f"more {name}"


def _bare(level: str) -> bool:
    """Whether a level says nothing without its column: a number, a letter, yes or no."""
    return len(level) < 3 or level.replace(".", "").isdigit() or level.lower() in ("yes", "no", "true", "false")
