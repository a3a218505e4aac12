"""A small project with leads and goals for tests of the scorecard, and simulated ones."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attribution.config import LeadsSection
from attribution.config_goals import GoalsSection
from attribution.goals import Goals, read_goals
from attribution.leads_table import open_leads
from attribution.scorecard import EVERYTHING, Scorecard, scorecard
from attribution.scorecard_days import LeadDays, count_days
from attribution.scorecard_question import Question
from outlay.project import ProjectSection

ABOUT = ProjectSection(name="test", currency="EUR")
ROLES = {"segment": "segment", "sub_segment": "part", "region": "region", "sub_region": "area", "origin": "made_by"}


def section(**changes: Any) -> LeadsSection:
    """The section that reads :func:`leads`."""
    given = {"source": "leads.parquet", "date": "created", "stages": ("mql", "sqo", "won"), "value": "amount", **ROLES}
    return LeadsSection(**{**given, **changes})


def goals_section(**changes: Any) -> GoalsSection:
    """The section that reads goals by segment and region."""
    return GoalsSection(**{"source": "goals.csv", "segment": "segment", "region": "region", **changes})


def leads(n: int = 900, seed: int = 1, days: int = 270) -> pd.DataFrame:
    """Leads of nine months from 2025-01-01: sqo after 8 days in the mean, won after 12 more, all seen at the end."""
    rng = np.random.default_rng(seed)
    created = np.sort(rng.integers(0, days, n))
    sqo, won = created + rng.poisson(8, n), created + rng.poisson(8, n) + rng.poisson(12, n)
    made_sqo = (rng.random(n) < 0.4) & (sqo < days)
    made_won = made_sqo & (rng.random(n) < 0.5) & (won < days)
    won = np.maximum(won, sqo)
    made_won &= won < days
    segment = rng.choice(["large", "small"], n, p=[0.3, 0.7])
    region = rng.choice(["east", "west"], n)
    return pd.DataFrame(
        {
            "created": _days(created),
            "mql": _days(created),
            "sqo": _days(sqo, made_sqo),
            "won": _days(won, made_won),
            "segment": segment,
            "part": [f"{name}-{k}" for name, k in zip(segment, rng.integers(1, 4, n), strict=True)],
            "region": region,
            "area": [f"{name}-{k}" for name, k in zip(region, rng.integers(1, 3, n), strict=True)],
            "made_by": rng.choice(["global", "field"], n, p=[0.8, 0.2]),
            "amount": np.where(made_won, np.round(rng.lognormal(9, 0.5, n), 2), np.nan),
        }
    )


def _days(numbers: np.ndarray, kept: np.ndarray | None = None) -> pd.Series:
    days = pd.Series(pd.Timestamp("2025-01-01") + pd.to_timedelta(numbers, unit="D"))
    return days.where(kept) if kept is not None else days


def counted(folder: Path, frame: pd.DataFrame, **changes: Any) -> LeadDays:
    """The frame as a table in a folder, counted."""
    frame.to_parquet(folder / "leads.parquet", index=False)
    with open_leads(section(**changes), ABOUT, folder) as table:
        return count_days(table)


def goals(folder: Path, text: str, days: LeadDays, **changes: Any) -> Goals:
    """Goals from the text of a CSV file."""
    (folder / "goals.csv").write_text(text, encoding="utf-8")
    return read_goals(goals_section(**changes), folder, days)


def carded(days: LeadDays, found: Goals | None = None, question: Question = EVERYTHING, **changes: Any) -> Scorecard:
    """The scorecard of counted leads."""
    return scorecard(days, found, goals_section(**changes), ABOUT, question)


def rows(card: Scorecard, table: str, **wanted: str) -> pd.DataFrame:
    """Rows of a table with these levels and measures, and all others empty."""
    frame = card.tables[table]
    for role in ("segment", "sub_segment", "region", "sub_region", "origin"):
        frame = frame[frame[role] == wanted.pop(role, "")]
    for name, value in wanted.items():
        frame = frame[frame[name] == value]
    return frame


LAST = date(2025, 9, 27)
"""The last day that :func:`leads` can hold."""
