"""The ``[plan]`` section of the project file: the window, what is looked for, and the planner's rules."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from budget.config_rules import (
    MOST_MONEY,
    BoundSection,
    CapacitySection,
    LockSection,
    RatioSection,
    RiskSection,
    ShareSection,
    Timing,
    VolumeSection,
)
from outlay.project import Section
from outlay.style import written

__all__ = [
    "BoundSection",
    "CapacitySection",
    "LockSection",
    "PlanSection",
    "RatioSection",
    "RiskSection",
    "ShareSection",
    "VolumeSection",
]

ObjectiveName = Literal["outcome", "profit", "target_roi", "target_mroi", "target_cpa", "target_kpi"]

_LOOKS_FOR_TOTAL = {
    "target_kpi": "the cheapest plan that reaches the target",
    "target_mroi": "the total at which one more unit of currency brings the target",
}


class PlanSection(Section):
    """The ``[plan]`` section."""

    name: str | None = Field(None, min_length=1, description="The scenario's name, for tables that compare several.")
    start: date | None = Field(
        None, description="Any day of the window's first period. Default: the period after the data."
    )
    periods: int = Field(13, ge=1, description="Length of the window in periods of the data.")
    value_from: Literal["kpi", "conversion"] = Field(
        "kpi",
        description='What the outcome is: the model\'s "kpi" (in money where it has a value), or the money that leads '
        'turn into by the latest "conversion" model (outlay convert).',
    )
    budget: float | None = Field(
        None, ge=0.01, le=MOST_MONEY, description="Total over the window. Default: the reference plan's own total."
    )
    budget_min: float | None = Field(
        None, ge=0, le=MOST_MONEY, description="Least total over the window; the total is then free."
    )
    budget_max: float | None = Field(
        None, gt=0, le=MOST_MONEY, description="Most total over the window; the total is then free."
    )
    objective: ObjectiveName = Field(
        "outcome",
        description='What is looked for: the most "outcome"; the most "profit" ([project] margin x outcome - spend); '
        'the most outcome at a "target_roi" or "target_cpa"; the total at a "target_mroi"; the cheapest plan for a '
        '"target_kpi".',
    )
    target: float | None = Field(None, gt=0, le=MOST_MONEY, description="The number that a target_* objective aims at.")
    target_counts: Literal["media", "all"] = Field(
        "media", description='What a target counts: what "media" bring, or "all" with the baseline of the forecast.'
    )
    goal: float | None = Field(
        None, description="An outcome of the window, baseline included: the probability to reach it is reported."
    )
    risk: RiskSection = Field(RiskSection(), description="How the uncertainty of the outcome counts.")
    reference: str = Field(
        "last", description='The plan to compare with: "last", "last_year" or the path of a CSV file.'
    )
    timing: Timing = Field(
        "reference",
        description='How a cell\'s total is spread over the window: as in the "reference" plan, "even", or "free" '
        "(every period is decided).",
    )
    carry_over_after: bool = Field(True, description="Whether effects after the window's end count.")
    spend_after: Literal["none", "reference"] | None = Field(
        None,
        description='What is assumed to be spent after the window, where effects after it count: "none", or the mean '
        'period of the "reference" plan. Default: "reference" where timing is decided (else the last periods would '
        'look too good), "none" elsewhere.',
    )
    margin_of_range: Annotated[float, Field(ge=0)] | Literal["none"] | None = Field(
        0.2,
        description="How far a cell may go above its largest spend in any window of this length: 0.2 is 20 %. "
        'Written as "none" it switches the limit off.',
    )
    max_change: float | None = Field(
        None,
        ge=0,
        description="Largest change of every channel against the reference plan; cells whose channel has one of its "
        "own over the whole window are left to that.",
    )
    max_step: float | None = Field(
        None,
        gt=0,
        description="Largest step of every freely timed cell from one period to the next, in parts of its mean "
        "spend per period.",
    )
    time_limit: float = Field(10.0, gt=0, description="Seconds after which the best plan found is returned.")
    bounds: tuple[BoundSection, ...] = Field((), description="Rules on channels, groups and periods.")
    groups: tuple[ShareSection, ...] = Field((), description="Rules on what some channels get together.")
    ratios: tuple[RatioSection, ...] = Field((), description="Rules on what some channels get against others.")
    locks: tuple[LockSection, ...] = Field((), description="Spend that is already decided.")
    capacity: tuple[CapacitySection, ...] = Field((), description="Limits on the outcome that can be worked.")
    volumes: tuple[VolumeSection, ...] = Field((), description="Leads that a plan must bring, and goals for them.")

    @model_validator(mode="after")
    def _total_once(self) -> Self:
        ranged = self.budget_min is not None or self.budget_max is not None
        if self.budget is not None and ranged:
            raise ValueError("budget fixes the total and budget_min and budget_max leave it free; write one of the two")
        if self.budget_min is not None and self.budget_max is not None and self.budget_min > self.budget_max:
            least, most = (written(f"{x:,.2f}") for x in (self.budget_min, self.budget_max))
            raise ValueError(f"budget_min ({least}) is above budget_max ({most})")
        if self.budget is not None and self.objective in _LOOKS_FOR_TOTAL:
            what = _LOOKS_FOR_TOTAL[self.objective]
            raise ValueError(
                f'objective = "{self.objective}" looks for {what}, so the total cannot be fixed by budget; '
                "write budget_max for the most that it may be"
            )
        return self

    @model_validator(mode="after")
    def _target_where_wanted(self) -> Self:
        wanted = self.objective.startswith("target_")
        if wanted and self.target is None:
            raise ValueError(f'objective = "{self.objective}" needs target = a number')
        if not wanted and self.target is not None:
            raise ValueError(f'target means nothing beside objective = "{self.objective}"; write a target_* objective')
        if not wanted and self.target_counts != "media":
            raise ValueError(f'target_counts means nothing beside objective = "{self.objective}"')
        if self.objective == "target_mroi" and self.target_counts == "all":
            raise ValueError("target_mroi is what one more unit of media brings; target_counts must be media")
        return self

    @model_validator(mode="after")
    def _steps_where_free(self) -> Self:
        free = self.timing == "free" or any(bound.timing == "free" for bound in self.bounds)
        if self.max_step is not None and not free:
            raise ValueError('max_step limits steps between periods that are decided; write timing = "free" with it')
        return self

    @model_validator(mode="after")
    def _leads_where_known(self) -> Self:
        if self.value_from == "conversion":
            if any(limit.channels is not None for limit in self.capacity):
                raise ValueError("sellers work the leads of all channels; take channels out of [[plan.capacity]]")
            return self
        if any(limit.segment is not None for limit in self.capacity):
            raise ValueError('a capacity by segment needs value_from = "conversion"')
        if self.volumes:
            raise ValueError('[[plan.volumes]] needs value_from = "conversion"')
        return self

    @property
    def range_margin(self) -> float | None:
        """``margin_of_range`` as a number; None where it is switched off (TOML has no null, so a word does it)."""
        return None if self.margin_of_range in (None, "none") else float(self.margin_of_range)

    @property
    def free_total(self) -> bool:
        """Whether the optimizer chooses the total; else it is ``budget``, or the reference plan's own."""
        ranged = self.budget_min is not None or self.budget_max is not None
        return ranged or (self.budget is None and self.objective != "outcome")
