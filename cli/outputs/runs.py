"""``report``, ``runs`` and ``demo``: what was kept, and where."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from budget.document import PlanOutput
from cli.outputs.media import RoiOutput
from outlay.document import Document, FindingRow


class StoryRow(Document):
    """A run that the report tells beside the fit."""

    kind: str
    run: str
    created: str
    trusted: bool | None = Field(description="Null where the gate does not apply.")
    stale: list[str] = Field(description="What is newer than the run; empty where nothing is.")


class ReportOutput(Document):
    """``outlay report``."""

    path: str
    written: bool = Field(description="False with --dry-run.")
    run: str | None = Field(description="The fit; null where the report has none.")
    plan: str | None
    trusted: bool | None = Field(description="Of the fit.")
    bytes: int = Field(description="Of the HTML file.")
    pdf: str | None = Field(default=None, description="The PDF; null where none was asked for.")
    stale: list[str] = Field(default_factory=list, description="What changed after the fit was made.")
    compared: str | None = Field(default=None, description="The earlier fit that it is compared with.")
    changed: list[str] = Field(default_factory=list, description="What changed since then, in sentences.")
    stories: list[StoryRow] = Field(default_factory=list, description="Other runs that have a section.")
    left_out: list[str] = Field(default_factory=list, description="Runs that did not pass the trust gate.")


class RunRow(Document):
    """One run."""

    id: str
    kind: str
    created: str
    parents: list[str]
    trusted: bool | None = Field(description="Null where the gate does not apply.")
    folder: str


class DamagedRun(Document):
    """A folder that looks like a run and cannot be read."""

    folder: str
    why: str


class RunsOutput(Document):
    """``outlay runs list``."""

    runs: list[RunRow]
    damaged: list[DamagedRun]


class RunOutput(Document):
    """``outlay runs show``."""

    run: RunRow
    manifest: dict[str, Any]
    reasons: list[str]
    findings: list[FindingRow]


class DemoOutput(Document):
    """``outlay demo``."""

    folder: str
    fit: str
    plan: str
    report: str
    roi: RoiOutput
    allocation: PlanOutput
