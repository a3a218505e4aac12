"""Tables of touches for tests, and answers computed journey by journey in plain Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from attribution.config_journeys import JourneysSection

DAY = datetime(2025, 3, 1)
NOW = datetime(2026, 1, 1)


def section(**more: Any) -> JourneysSection:
    """A section over the columns of the tables below."""
    plain = {"source": "touches.csv", "user": "user", "time": "time", "channel": "channel", "conversion": "conversion"}
    return JourneysSection(**{**plain, **more})


def random_touches(
    seed: int, n: int = 400, users: int = 60, channels: int = 4, rate: float = 0.2, minutes: int = 60 * 24 * 60
) -> pd.DataFrame:
    """Touches at random times, all different; values on conversions."""
    rng = np.random.default_rng(seed)
    at = rng.choice(minutes, n, replace=False)
    conversion = (rng.random(n) < rate).astype(int)
    return pd.DataFrame(
        {
            "user": [f"u{user}" for user in rng.integers(0, users, n)],
            "time": [DAY + timedelta(minutes=int(minute)) for minute in at],
            "channel": [f"c{code}" for code in rng.integers(0, channels, n)],
            "conversion": conversion,
            "value": np.where(conversion == 1, rng.integers(1, 100, n), 0).astype(float),
        }
    )


@dataclass
class Journey:
    """One journey: channels and times of the touches that count, and how it ended."""

    channels: list[str]
    times: list[datetime]
    converted: bool
    value: float
    end: datetime


def journeys(frame: pd.DataFrame, of: JourneysSection) -> Iterator[Journey]:
    """The definition, journey by journey: conversions close journeys, then lookback, sessions and direct traffic."""
    for _, rows in frame.groupby("user"):
        ordered = rows.sort_values(["time", "conversion", "channel"], kind="stable")
        part: list[Any] = []
        for row in ordered.itertuples():
            part.append(row)
            if row.conversion:
                yield _journey(part, of)
                part = []
        if part:
            yield _journey(part, of)


def _journey(part: list[Any], of: JourneysSection) -> Journey:
    end = part[-1].time
    window = timedelta(days=of.lookback_days) if of.lookback_days is not None else timedelta.max
    inside = [row for row in part if end - row.time <= window]
    near = timedelta(minutes=of.session_minutes or 0)
    kept = [
        row
        for row, later in zip(inside, [*inside[1:], None], strict=True)
        if not (near and later is not None and later.channel == row.channel and later.time - row.time <= near)
    ]
    if of.direct_rule == "ignore_if_other" and any(row.channel != of.direct for row in kept):
        kept = [row for row in kept if row.channel != of.direct]
    last = part[-1]
    value = float(getattr(last, "value", 0.0)) if last.conversion else 0.0
    return Journey([row.channel for row in kept], [row.time for row in kept], bool(last.conversion), value, end)
