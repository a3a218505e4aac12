"""The ``[plan]`` section of the project file: the window, the budget and the planner's rules."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator

from outlay.project import Section

_LATER_OBJECTIVES = ("profit", "target_roi", "target_kpi")


class BoundSection(Section):
    """A rule on one channel, or on one channel in one group. Amounts are totals over the plan's window."""

    channel: str = Field(min_length=1, description="Channel, as named in [[media.channels]].")
    group: str | None = Field(None, description="Group; without it the rule holds for the channel's sum over groups.")
    min: float | None = Field(None, ge=0, description="Least spend over the window.")
    max: float | None = Field(None, ge=0, description="Most spend over the window.")
    max_change: float | None = Field(
        None, ge=0, description="Largest change against the reference plan: 0.3 is +-30 %."
    )


class ShareSection(Section):
    """A rule on the share of the budget that some channels get together, over all groups."""

    channels: tuple[str, ...] = Field(min_length=1, description="Channels that count together.")
    min_share: float | None = Field(None, ge=0, le=1, description="Least share of the budget, 0 to 1.")
    max_share: float | None = Field(None, ge=0, le=1, description="Largest share of the budget, 0 to 1.")

    @field_validator("channels")
    @classmethod
    def _named_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        repeated = sorted({name for name in value if value.count(name) > 1})
        if repeated:
            raise ValueError(f"{', '.join(repeated)} is named twice in one group of channels; name it once")
        return value


class PlanSection(Section):
    """The ``[plan]`` section."""

    start: date | None = Field(
        None, description="Any day of the window's first period. Default: the period after the data."
    )
    periods: int = Field(13, ge=1, description="Length of the window in periods of the data.")
    budget: float | None = Field(
        None, gt=0, description="Total over the window. Default: the reference plan's own total."
    )
    objective: str = Field("outcome", description='What is made as large as possible. In this version "outcome".')
    reference: str = Field(
        "last", description='The plan to compare with: "last", "last_year" or the path of a CSV file.'
    )
    carry_over_after: bool = Field(True, description="Whether effects after the window's end count.")
    margin_of_range: Annotated[float, Field(ge=0)] | Literal["none"] | None = Field(
        0.2,
        description="How far a cell may go above its largest spend in any window of this length: 0.2 is 20 %. "
        'Written as "none" it switches the limit off.',
    )
    max_change: float | None = Field(
        None,
        ge=0,
        description="Largest change of every channel against the reference plan, where it has none of its own.",
    )
    bounds: tuple[BoundSection, ...] = Field((), description="Rules on channels.")
    groups: tuple[ShareSection, ...] = Field((), description="Rules on shares of the budget.")

    @field_validator("objective")
    @classmethod
    def _objective_of_this_version(cls, value: str) -> str:
        if value in _LATER_OBJECTIVES:
            raise ValueError(f'the objective "{value}" is not in this version; write "outcome"')
        if value != "outcome":
            raise ValueError(f'"{value}" is not an objective; write "outcome"')
        return value

    @property
    def range_margin(self) -> float | None:
        """``margin_of_range`` as a number; None where it is switched off (TOML has no null, so a word does it)."""
        return None if self.margin_of_range in (None, "none") else float(self.margin_of_range)
