"""The ``[score]`` section of the project file: what leads are scored for, and how that is checked."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from outlay.project import Section

Classifier = Literal["auto", "logistic", "boosting", "lightgbm", "xgboost"]


class ScoreSection(Section):
    """The ``[score]`` section. The table and its stages are those of ``[leads]``."""

    stage: str | None = Field(None, description="Stage of [leads] that is predicted. Default: the second.")
    classifier: Classifier = Field("auto", description="What scores: the best of the built-in ones by default.")
    features: tuple[str, ...] | None = Field(
        None, min_length=1, description="Columns to learn from. Default: all but ids, dates, stages and the value."
    )
    exclude: tuple[str, ...] = Field((), description="Columns not to learn from: known only afterwards, or forbidden.")
    test_from: date | None = Field(
        None, description="First day of the leads that only check the score. Default: the last quarter of the leads."
    )
    cost_missed: float | None = Field(None, gt=0, description="Cost of a good lead that was not worked.")
    cost_wasted: float | None = Field(None, gt=0, description="Cost of working a lead that comes to nothing.")
    hours: float | None = Field(None, gt=0, description="Seller hours at hand in a week.")
    hours_per_lead: float | None = Field(None, gt=0, description="Seller hours that a lead takes.")
    event: date | None = Field(None, description="Day of a marketing event: the report tells before and after it.")
    event_name: str = Field("the event", description="What the event is called.")
