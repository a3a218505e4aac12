"""Findings: what a check saw, how grave it is, where, and how to mend it.

A :class:`Catalogue` owns the stable ids of one room. A finding is always made through its catalogue, so that every id
that a user can meet has an entry that ``outlay explain`` can print.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One observation about the user's data, model or plan.

    Attributes
    ----------
    id : str
        Stable id, for example ``"D107"``.
    severity : {"error", "warning", "note"}
        *error* where a number is missing, ambiguous or impossible; *warning* where the answer suffers; *note*
        otherwise.
    where : str
        File, row, column, channel, group or date.
    what : str
        What was seen, with the numbers.
    repair : str
        What the user can do.
    """

    id: str
    severity: Severity
    where: str
    what: str
    repair: str

    def as_dict(self) -> dict[str, str]:
        """The finding as a JSON-ready mapping."""
        return asdict(self)


@dataclass(frozen=True)
class Entry:
    """What ``outlay explain`` tells about one id.

    Attributes
    ----------
    title : str
        A short name for the condition.
    severity : {"error", "warning", "note"}
        Its gravity.
    meaning : str
        Why it matters, in a paragraph.
    repair : str
        How to mend it, in a paragraph.
    """

    title: str
    severity: Severity
    meaning: str
    repair: str


class Catalogue(Mapping[str, Entry]):
    """The findings that one room can make, by id."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = dict(entries)

    def __getitem__(self, key: str) -> Entry:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def finding(self, id: str, where: str, what: str, repair: str = "") -> Finding:
        """Make a finding with the severity of its entry; the entry's repair stands in where none is given."""
        entry = self._entries[id]
        return Finding(id=id, severity=entry.severity, where=where, what=what, repair=repair or entry.repair)


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that stop the work."""
    return [finding for finding in findings if finding.severity == "error"]
