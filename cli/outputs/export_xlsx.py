"""``export xlsx``: the workbook that was written."""

from __future__ import annotations

from pydantic import Field

from outlay.document import Document


class ExportXlsxOutput(Document):
    """``outlay export xlsx``."""

    path: str
    written: bool = Field(description="False with --dry-run.")
    run: str = Field(description="The fit.")
    plans: list[str] = Field(description="Plans with a sheet, the one asked for first.")
    left_out: list[str] = Field(default_factory=list, description="Plans without one: they count another outcome.")
    trusted: bool = Field(description="Of the fit.")
    bytes: int
    sheets: list[str] = Field(description="Names of the sheets, in order.")
