"""The ``[goals]`` section of the project file: what was promised per segment and region, by month."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from outlay.project import Section
from outlay.tables import CsvOptions


class GoalsSection(Section):
    """The ``[goals]`` section: one row per month, measure and (where goals are set so) segment and region."""

    source: str = Field(description="CSV or Parquet path, or a URI such as duckdb:///file.db?table=goals.")
    csv: CsvOptions = Field(default_factory=CsvOptions, description="How a CSV file is written.")
    month: str = Field("month", description="Column of the month: any day of it.")
    measure: str = Field("measure", description='Column of what is counted: a stage of [leads], or "value".')
    goal: str = Field("goal", description="Column of the goal, in leads or in the project's currency.")
    segment: str | None = Field(
        None, description="Column of the segment, empty for all together; without it goals hold for all together."
    )
    region: str | None = Field(
        None, description="Column of the region, empty for all together; without it goals hold for all together."
    )
    period: str | None = Field(
        None,
        description='Column that says "month" or "year": a year\'s goal stands on any day of that year. Without it '
        "every goal is a month's, and the year's is the sum of twelve.",
    )
    year_starts: int = Field(1, ge=1, le=12, description="First month of the year that annual goals add up over.")
    counted_by: Literal["created", "reached"] = Field(
        "created",
        description='Month that a stage counts in: that in which the lead was "created", or in which the stage was '
        '"reached" (stages must hold days).',
    )
    pace: Literal["usual", "days"] = Field(
        "usual",
        description='How much of a month is expected by a day: as "usual" (weekdays and fifths of the month over the '
        'last twelve), or the same on all "days".',
    )
