"""What one scan of the leads tells: how many, from when to when, how far they came, and how many break a rule."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from attribution.leads_given import Given
from attribution.leads_rules import Rule, reached, rules


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
    """Scan the table once."""
    table, held = given.table, rules(given, as_of, today)
    stages = range(len(given.section.stages))
    asked: dict[str, ir.Scalar] = {
        "rows": table.count(),
        "first": table["created"].min(),
        "last": table["created"].max(),
    }
    asked |= {f"reached_{j}": reached(given, j)(table).sum() for j in stages}
    asked |= {f"latest_{j}": table[f"day_{j}"].max() for j in stages if given.has_days[j]}
    asked |= {f"filled_{role}": table[role].count() for role in ("id", "value", "score") if role in table.columns}
    asked |= {f"bad_{k}": rule.bad(table).sum() for k, rule in enumerate(held)}
    if "score" in table.columns:
        score = table["score"]
        asked |= {"low": score.min(), "high": score.max(), "broken_scores": (score != score.floor()).sum()}
    found = given.relation.backend.to_pyarrow(table.aggregate(**asked)).to_pylist()[0]
    days = [day for name, value in found.items() if name.startswith(("latest_", "last")) and (day := _day(value))]
    return Facts(
        rows=int(found["rows"]),
        first=_day(found["first"]),
        last=_day(found["last"]),
        latest=max(days, default=None),
        reached=tuple(int(found[f"reached_{j}"] or 0) for j in stages),
        filled={name.removeprefix("filled_"): int(n) for name, n in found.items() if name.startswith("filled_")},
        whole_scores=_whole(found),
        highest_score=-math.inf if found.get("high") is None else float(found["high"]),
        broken=tuple((rule, n) for k, rule in enumerate(held) if (n := int(found[f"bad_{k}"] or 0))),
    )


def _whole(found: dict[str, Any]) -> bool:
    low, high = found.get("low"), found.get("high")
    return low is not None and not found["broken_scores"] and high - low <= 10_000


def _day(value: object) -> date | None:
    return None if value is None else pd.Timestamp(str(value)).date()
