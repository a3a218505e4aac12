"""What one scan of the leads tells: how many, from when to when, how far they came, and how many break a rule."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import ibis.expr.types as ir

from attribution.leads_given import Given
from attribution.leads_rules import Rule, number, reached, rules

MOST_WHOLE = 10_000
"""Whole scores that lie no further apart are counted one by one, which is quicker than a quantile."""


@dataclass(frozen=True)
class Facts:
    """What the scan counted.

    Attributes
    ----------
    rows : int
        Rows of the table.
    first, last : date or None
        First and last day of creation.
    latest : date or None
        Latest day in the table, of creation or of a stage.
    reached : tuple of int
        Leads that reached each stage.
    filled : dict of str to int
        Rows with a cell, for ``id``, ``value`` and ``score``.
    whole_scores : bool
        Whether all scores are whole numbers not far apart, so that counting each of them is cheap.
    highest_score : float
        -inf where there is none.
    broken : tuple of (Rule, int)
        Rules that rows break, and how many.
    """

    rows: int
    first: date | None
    last: date | None
    latest: date | None
    reached: tuple[int, ...]
    filled: dict[str, int]
    whole_scores: bool
    highest_score: float
    broken: tuple[tuple[Rule, int], ...]


def read_facts(given: Given, as_of: date | None, today: date) -> Facts:
    """Scan the table once; again only where an extreme shows that a rule may be broken."""
    table, held = given.table, rules(given, as_of, today)
    stages = range(len(given.section.stages))
    asked: dict[str, ir.Scalar] = {"rows": table.count()}
    asked |= {f"reached_{j}": number(reached(given, j)(table)) for j in stages}
    asked |= {f"filled_{role}": table[role].count() for role in ("id", "value", "score") if role in table.columns}
    for role in ("created", *(f"day_{j}" for j in stages), "value", "score"):
        if role in table.columns:
            asked |= {f"low_{role}": table[role].min(), f"high_{role}": table[role].max()}
    if "score" in table.columns:
        asked["parts"] = number(table["score"] != table["score"].floor())
    found = _asked(
        given, asked | {f"bad_{k}": number(rule.bad(table)) for k, rule in enumerate(held) if not rule.possible}
    )
    doubted = {
        f"bad_{k}": number(rule.bad(table)) for k, rule in enumerate(held) if rule.possible and rule.possible(found)
    }
    found |= _asked(given, doubted) if doubted else {}
    highest = [day for role in ("created", *(f"day_{j}" for j in stages)) if (day := found.get(f"high_{role}"))]
    return Facts(
        rows=int(found["rows"]),
        first=found["low_created"],
        last=found["high_created"],
        latest=max(highest, default=None),
        reached=tuple(int(found[f"reached_{j}"] or 0) for j in stages),
        filled={name.removeprefix("filled_"): int(n) for name, n in found.items() if name.startswith("filled_")},
        whole_scores=_whole(found),
        highest_score=-math.inf if found.get("high_score") is None else float(found["high_score"]),
        broken=tuple((rule, n) for k, rule in enumerate(held) if (n := int(found.get(f"bad_{k}") or 0))),
    )


def _asked(given: Given, asked: dict[str, ir.Scalar]) -> dict[str, Any]:
    row = given.relation.backend.to_pyarrow(given.table.aggregate(**asked)).to_pylist()[0]
    return {name: value.date() if isinstance(value, datetime) else value for name, value in row.items()}


def _whole(found: dict[str, Any]) -> bool:
    low, high = found.get("low_score"), found.get("high_score")
    return low is not None and not found["parts"] and high - low <= MOST_WHOLE
