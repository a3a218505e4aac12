"""The ``[refresh]`` section: what `outlay refresh` publishes, where, and what it takes to be published."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from outlay.project import Section


class RefreshSection(Section):
    """The ``[refresh]`` section."""

    publish: str = Field(
        "reports/latest",
        min_length=1,
        description="Folder that report, workbook and refresh.json are published in: a path from the project file's "
        "folder, or a place in cloud storage (s3://bucket/outlay). Files of the last publication are replaced.",
    )
    pdf: bool = Field(False, description="Whether the report is published as a PDF too; needs Chromium.")
    workbook: bool = Field(True, description="Whether the workbook is published.")
    database: str | None = Field(
        None,
        description="Address that runs are exported to, as behind `outlay export db --to`; a relative DuckDB file "
        "starts at the project file's folder.",
    )
    validation: Literal["quick", "full", "none"] = Field(
        "quick", description="How the fit is validated before anything is published."
    )
    accept: Literal["good", "watch", "bad"] = Field(
        "watch",
        description='The worst verdict of the validation that is still published: "bad" publishes whatever it says. A '
        "fit that failed the trust gate is never published.",
    )
