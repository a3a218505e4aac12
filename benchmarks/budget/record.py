"""Results of one part: rows that a run which was stopped finds again, and a summary with versions on top."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.budget.answer import Score

PACKAGES = ("numpy", "scipy", "cvxpy", "highspy", "clarabel", "numba", "pymc", "pytensor", "pymc-marketing")

Row = dict[str, Any]

USUAL: Row = {"off": 0.0, "feasible": True, "seconds_compile": 0.0, "bound": None}
"""What is not written where it is so."""


@dataclass
class Record:
    """The file of one part.

    Attributes
    ----------
    path : Path
    again : bool
        Whether rows that are there are measured again.
    summarise : callable
        From all rows to the summary.
    """

    path: Path
    again: bool
    summarise: Callable[[list[Row]], list[Row]]
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    _new: set[tuple[str, str]] = field(default_factory=set)
    _written: float = field(default_factory=perf_counter)

    def __post_init__(self) -> None:
        if self.path.exists():
            kept = json.loads(self.path.read_text(encoding="utf-8"))["rows"]
            self.rows = {(row["case"], row["side"]): row for row in kept}

    def missing(self, case: str, sides: Iterable[str]) -> list[str]:
        """Sides that have no row of this case yet."""
        known = self._new if self.again else self.rows.keys()
        return [side for side in sides if (case, side) not in known]

    def add(self, case: str, side: str, score: Score, **more: Any) -> None:
        """Keep one row; the file is written every ten seconds."""
        told = {name: value for name, value in asdict(score).items() if name not in USUAL or USUAL[name] != value}
        for name, value in told.items():
            if isinstance(value, float):
                told[name] = float(f"{value:.13g}")
        self.rows[case, side] = {"case": case, "side": side, **more, **told}
        self._new.add((case, side))
        if perf_counter() - self._written > 10.0:
            self.write()

    def write(self) -> list[Row]:
        """Write all rows, one a line, and hand back the summary."""
        rows = [{**USUAL, **row} for row in self.rows.values()]
        summary = self.summarise(rows)
        head = {
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, one thread on every side",
            "load": os.getloadavg()[0],
            "versions": {name: version(name) for name in PACKAGES} | self.versions,
        }
        lines = ",\n".join("  " + json.dumps(row) for row in self.rows.values())
        told = ",\n".join("  " + json.dumps(row) for row in summary)
        body = json.dumps(head, indent=1).removesuffix("\n}")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        text = f'{body},\n "summary": [\n{told}\n ],\n "rows": [\n{lines}\n ]\n}}\n'
        part = self.path.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(self.path)
        self._written = perf_counter()
        return summary
