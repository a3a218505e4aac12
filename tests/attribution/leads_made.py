"""Tables of leads for tests, and the same counts made row by row in plain Python."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from attribution.config import LeadsSection
from attribution.leads import LeadCells
from outlay.project import ProjectSection

ABOUT = ProjectSection(name="test", currency="EUR")
STAGES = ("mql", "sqo", "won")
FIRST = date(2024, 1, 1)
COLUMNS: dict[str, Any] = {
    "id": "lead",
    "date": "created",
    "stages": STAGES,
    "segment": "segment",
    "region": "region",
    "channel": "channel",
    "value": "amount",
}


def section(**changes: Any) -> LeadsSection:
    """The section that reads :func:`leads`."""
    return LeadsSection(**{"source": "leads.parquet", **COLUMNS, **changes})


def leads(n: int = 600, seed: int = 1, days: int = 300) -> pd.DataFrame:
    """Leads over a span of days, seen at its end: sqo after 10 days in the mean, won after 20 more."""
    rng = np.random.default_rng(seed)
    created = np.sort(rng.integers(0, days, n))
    sqo = created + np.floor(rng.exponential(10.0, n)).astype(int)
    won = sqo + np.floor(rng.exponential(20.0, n)).astype(int)
    made_sqo = (rng.random(n) < 0.5) & (sqo < days)
    made_won = made_sqo & (rng.random(n) < 0.5) & (won < days)
    return pd.DataFrame(
        {
            "lead": [f"L{k:05d}" for k in range(n)],
            "created": _days(created),
            "mql": _days(created),
            "sqo": [day if made else None for day, made in zip(_days(sqo), made_sqo, strict=True)],
            "won": [day if made else None for day, made in zip(_days(won), made_won, strict=True)],
            "segment": rng.choice(["enterprise", "small", "public"], n),
            "region": rng.choice(["north", "south"], n),
            "channel": rng.choice(["search", "events", "direct"], n),
            "amount": np.where(made_won, np.round(rng.lognormal(9.0, 0.5, n), 2), np.nan),
            "score": rng.integers(0, 100, n).astype(float),
        }
    )


def as_arrow(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame as a Parquet file gives it to the engine: days as datetime64, empty where there is none."""
    days = {name: pd.to_datetime(frame[name]) for name in ("created", *STAGES) if frame[name].dtype == object}
    return frame.assign(**days)


def _days(numbers: np.ndarray) -> list[date]:
    return [FIRST + timedelta(days=int(number)) for number in numbers]


def counted_by_hand(
    frame: pd.DataFrame, dims: dict[str, str], as_of: date, maturity: tuple[float, ...]
) -> dict[tuple[str, ...], list[float]]:
    """Counts per cell and month, lead by lead: reached, trials and successes of each transition, and value."""
    cells: dict[tuple[str, ...], list[float]] = defaultdict(lambda: [0.0] * 11)
    for row in frame.to_dict("records"):
        created = pd.Timestamp(row["created"]).date()
        if created > as_of:
            continue
        names = [row[column] for column in dims.values()]
        key = tuple(name.strip() if isinstance(name, str) and name.strip() else "(missing)" for name in names)
        cell = cells[(*key, created.replace(day=1).isoformat())]
        reached = [_by(row[stage], as_of) for stage in STAGES]
        for j, day in enumerate(reached):
            cell[j] += day is not None
        for j in range(2):
            start, end = reached[j], reached[j + 1]
            if start is not None and (as_of - start).days >= maturity[j]:
                cell[3 + 2 * j] += 1
                cell[4 + 2 * j] += end is not None
        value = row["amount"]
        if reached[2] is not None and value > 0:
            log = math.log(value)
            for k, number in enumerate((1.0, value, log, log * log)):
                cell[7 + k] += number
    return dict(cells)


def _by(value: object, as_of: date) -> date | None:
    if value is None or pd.isna(value):
        return None
    day = pd.Timestamp(str(value)).date()
    return day if day <= as_of else None


def as_counts(cells: LeadCells) -> dict[tuple[str, ...], list[float]]:
    """The cells in the form of :func:`counted_by_hand`."""
    frame = cells.frame()
    numbers = ["reached_mql", "reached_sqo", "reached_won", "trials_sqo", "successes_sqo", "trials_won"]
    numbers += ["successes_won", "value_count", "value_sum", "value_log_sum", "value_log_square"]
    return {
        tuple(row[dim] for dim in cells.dims): [float(row[name]) for name in numbers]
        for row in frame.to_dict("records")
    }
