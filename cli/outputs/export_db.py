"""``export db``: what was written into a database."""

from __future__ import annotations

from pydantic import Field

from outlay.document import Document


class ExportedRun(Document):
    """A run that was written."""

    run: str
    kind: str
    trusted: bool | None = Field(description="Null where the gate does not apply.")
    rows: int = Field(description="Rows of facts.")


class ExportDbOutput(Document):
    """``outlay export db``."""

    to: str = Field(description="The address, without user and password.")
    schema_name: str = Field(description="Schema that the tables lie in.")
    version: int = Field(description="Version of the tables.")
    written: bool = Field(description="False with --dry-run.")
    runs: list[ExportedRun]
    tables: dict[str, int] = Field(description="Rows of facts by table.")
    left_out: list[str] = Field(description="Runs, or parts of them, that were left out, and why.")
