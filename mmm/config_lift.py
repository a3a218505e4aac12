"""The ``[lift_tests]`` section of the project file: which table holds the experiments."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from outlay.project import Section
from outlay.tables import CsvOptions

CarryOver = Literal["inside", "after"]


class LiftSection(Section):
    """The ``[lift_tests]`` section."""

    source: str = Field(description="Table of tests: channel, group, start, end, spend_change, lift, lift_se.")
    csv: CsvOptions = Field(default_factory=CsvOptions, description="How a CSV file is written.")
    carry_over: CarryOver = Field(
        "inside",
        description="Whether a lift counts only periods from start to end (inside) or also what came later (after); "
        "a column carry_over says it test by test.",
    )
