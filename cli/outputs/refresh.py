"""``refresh``: what was done, what was published, and why not."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from outlay.document import Document, Number


class StepRow(Document):
    """One step of a refresh."""

    step: str
    status: Literal["done", "refused", "planned", "skipped"] = Field(
        description="refused: its gate did not pass; planned: with --dry-run; skipped: not reached."
    )
    seconds: Number = None
    run: str | None = Field(default=None, description="The run that it wrote.")
    told: str = Field(default="", description="What has to be known of it, in a sentence.")


class RefreshOutput(Document):
    """``outlay refresh``."""

    started: str = Field(description="UTC.")
    finished: str | None
    status: Literal["published", "unchanged", "refused", "planned"]
    why: str = Field(description="Why nothing was published; empty where it was.")
    fit: str | None = None
    plan: str | None = None
    steps: list[StepRow]
    published: list[str] = Field(description="Files, objects and databases that were written.")
    changed: list[str] = Field(description="What changed since the fit before, in sentences.")
