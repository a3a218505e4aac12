"""Labels of customers as other tables see them: the ``labels`` key of a section, and what it is joined with."""

from __future__ import annotations

from pydantic import Field

from outlay.project import Section


class LabelsSection(Section):
    """The ``labels`` key of a section: its rows get the segment of their customer, as ``outlay segment`` found it."""

    customer: str = Field(description="Column of the customer's id in this table, as [customers] spells it.")
    run: str = Field("latest", description='Run of `outlay segment` to take segments from, or "latest".')
