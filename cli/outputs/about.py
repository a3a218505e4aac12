"""``doctor``, ``explain`` and errors."""

from __future__ import annotations

from typing import Literal

from outlay.document import Document, FindingRow


class DoctorCheck(Document):
    """One thing that ``outlay doctor`` looked at."""

    name: str
    state: Literal["ok", "warning", "problem"]
    what: str
    repair: str


class DoctorOutput(Document):
    """``outlay doctor``."""

    checks: list[DoctorCheck]
    versions: dict[str, str | None]


class Explained(Document):
    """One id."""

    id: str
    title: str
    severity: Literal["error", "warning", "note"]
    meaning: str
    repair: str


class ExplainOutput(Document):
    """``outlay explain``."""

    entries: list[Explained]


class Refusal(Document):
    """Why a command refused."""

    id: str | None
    where: str | None
    what: str
    repair: str | None
    exit_code: int
    findings: list[FindingRow]


class ErrorOutput(Document):
    """What any command prints instead of its own document when it refuses."""

    error: Refusal
