"""Small tables and sections that the panel's tests start from: clean, so that one injected fault is the only one."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from mmm.config import MediaSection
from mmm.panel import MediaPanel, panel_from_frame
from outlay.errors import DataError
from outlay.findings import Finding
from outlay.project import ProjectSection

PROJECT = ProjectSection(name="test", currency="EUR")
TODAY = date(2026, 1, 1)  # after every date of the tables below


def table(n: int = 104, groups: tuple[str, ...] = (), freq: str = "7D", start: str = "2023-01-02") -> pd.DataFrame:
    """A clean table: two channels with spend and exposure, a control, an event, a lever."""
    rng = np.random.default_rng(7)
    dates = pd.date_range(start, periods=n, freq=freq)
    parts = []
    for group in groups or ("all",):
        tv, search = rng.gamma(4.0, 250.0, n), rng.gamma(4.0, 100.0, n)
        parts.append(
            pd.DataFrame(
                {
                    "date": dates,
                    "geo": group,
                    "sales": 50_000.0 + 3_000.0 * rng.standard_normal(n),
                    "tv": tv,
                    "tv_grp": tv / 12.0 * rng.uniform(0.9, 1.1, n),
                    "search": search,
                    "price": 10.0 + rng.standard_normal(n),
                    "event": (np.arange(n) % 26 == 5).astype(float),
                    "depth": rng.uniform(0.1, 0.5, n),
                    "people": 1_000.0 * len(group),
                    "worth": 30.0 + rng.uniform(0.0, 1.0, n),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def section(**changes: Any) -> MediaSection:
    """The section of :func:`table`; keywords replace its keys."""
    keys: dict[str, Any] = {
        "date": "date",
        "kpi": "sales",
        "channels": [
            {"name": "tv", "spend": "tv", "exposure": "tv_grp"},
            {"name": "search", "spend": "search"},
        ],
        "controls": ["price"],
        "events": ["event"],
        "levers": [{"name": "discount", "column": "depth"}],
    }
    return MediaSection(**(keys | changes))


def panel(frame: pd.DataFrame, today: date = TODAY, **changes: Any) -> MediaPanel:
    """The panel of a table."""
    return panel_from_frame(frame, section(**changes), PROJECT, today=today)


def refused(frame: pd.DataFrame, **changes: Any) -> list[Finding]:
    """The errors that a table is refused with."""
    try:
        panel(frame, **changes)
    except DataError as refusal:
        return [finding for finding in refusal.findings if finding.severity == "error"]
    raise AssertionError("the table was not refused")


def ids(findings: list[Finding] | tuple[Finding, ...]) -> list[str]:
    """The ids of some findings."""
    return [finding.id for finding in findings]


def only(findings: list[Finding] | tuple[Finding, ...], id: str) -> Finding:
    """The single finding of an id."""
    found = [finding for finding in findings if finding.id == id]
    assert len(found) == 1, f"{id} in {ids(findings)}"
    return found[0]
