"""The ``[score]`` section of the project file: what leads are scored for, and how that is checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from outlay.project import Section

Classifier = Literal["auto", "logistic", "boosting", "lightgbm", "xgboost"]
Positive = Annotated[float, Field(gt=0)]
BySegment = Positive | Mapping[str, Positive]


class ScoreSection(Section):
    """The ``[score]`` section. The table and its stages are those of ``[leads]``."""

    stage: str | None = Field(None, description="Stage of [leads] that is predicted. Default: the second.")
    outcome: str | None = Field(
        None, description="Column of the outcome where it has more than two classes; in place of a stage."
    )
    costs: Mapping[str, Mapping[str, float]] = Field(
        default_factory=dict,
        description="With `outcome`: cost by true class and decided class. Default: 1 for every mistake.",
    )
    classifier: Classifier = Field("auto", description="What scores: the best of the built-in ones by default.")
    features: tuple[str, ...] | None = Field(
        None, min_length=1, description="Columns to learn from. Default: all but ids, dates, stages and the value."
    )
    exclude: tuple[str, ...] = Field((), description="Columns not to learn from: known only afterwards, or forbidden.")
    keep: tuple[str, ...] = Field(
        (), description="Columns that the leakage guard lets pass: known on the day that a lead is made."
    )
    protected: tuple[str, ...] = Field(
        (), description="Columns that the score must not learn from; grades are told by their levels."
    )
    drift: bool = Field(
        True, description="Whether the overall rate follows the outcomes known so far, where that predicts better."
    )
    test_from: date | None = Field(
        None, description="First day of the leads that only check the score. Default: the last quarter of the leads."
    )
    cost_missed: float | None = Field(None, gt=0, description="Cost of a good lead that was not worked.")
    cost_wasted: float | None = Field(None, gt=0, description="Cost of working a lead that comes to nothing.")
    hours: BySegment | None = Field(None, description="Seller hours at hand in a week: in all, or by segment.")
    hours_per_lead: BySegment | None = Field(None, description="Seller hours that a lead takes, or that by segment.")
    reasons: int = Field(100, ge=0, le=5000, description="How many of the best open leads get their reasons told.")
    event: date | None = Field(None, description="Day of a marketing event: the report tells before and after it.")
    event_name: str = Field("the event", description="What the event is called.")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        for one, other in (("cost_missed", "cost_wasted"), ("hours", "hours_per_lead")):
            if (getattr(self, one) is None) != (getattr(self, other) is None):
                raise ValueError(f"{one} and {other} go together: name both or neither")
        both = sorted(set(self.features or ()) & set(self.exclude))
        if both:
            raise ValueError(f"{', '.join(both)} stands in features and in exclude")
        barred = sorted({*(self.features or ()), *self.keep} & set(self.protected))
        if barred:
            raise ValueError(f"{', '.join(barred)} is protected, and cannot be a feature or kept as one")
        if self.outcome is not None and self.stage is not None:
            raise ValueError("name a stage or an outcome column, not both")
        if self.costs and self.outcome is None:
            raise ValueError("costs by class need an outcome column; for a stage use cost_missed and cost_wasted")
        return self
