"""How findings say rows, dates, names and money."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_RUNS_SHOWN = 100


def amount(value: float) -> str:
    """A number with thousands separators and no more digits than it needs: 1,234,567 or 0.0351."""
    if value != 0 and abs(value) < 100:
        return f"{value:.3g}"
    return f"{value:,.0f}"


def money(value: float, currency: str) -> str:
    """An amount of money: USD 1,234,567."""
    return f"{currency} {amount(value)}"


def percent(share: float) -> str:
    """A share as a percentage that does not round to nothing: 5.6 %, below 0.1 %."""
    return "below 0.1 %" if 0 < share < 0.001 else f"{100 * share:.1f} %"


def count(n: int, noun: str) -> str:
    """A count and its noun: 1 week, 2 weeks."""
    plural = noun if n == 1 else noun[:-1] + "ies" if noun.endswith("y") and noun != "day" else noun + "s"
    return f"{n:,} {plural}"


def listed(names: Sequence[str], most: int = 10) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown


def runs(numbers: NDArray[np.int64]) -> str:
    """Whole numbers as runs: 5-8, 12. Past a hundred runs the rest is counted."""
    ordered = np.unique(numbers)
    starts = np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 2) > 1)
    ends = np.append(starts[1:], len(ordered)) - 1
    shown = [
        str(ordered[a]) if a == b else f"{ordered[a]}-{ordered[b]}"
        for a, b in zip(starts[:_RUNS_SHOWN], ends[:_RUNS_SHOWN], strict=True)
    ]
    rest = len(ordered) - int(ends[:_RUNS_SHOWN][-1]) - 1
    return ", ".join(shown) + (f" and {rest:,} more" if rest else "")


def day(date: pd.Timestamp | np.datetime64) -> str:
    """A date as 2024-03-31."""
    return pd.Timestamp(date).strftime("%Y-%m-%d")


def span(dates: pd.DatetimeIndex) -> str:
    """The first and the last of some dates."""
    first, last = day(dates.min()), day(dates.max())
    return first if first == last else f"{first} to {last}"
