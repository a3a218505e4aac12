"""``outlay convert``: how leads convert, what they are worth, and what drives it."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from outlay.document import Document, FindingRow, Number, TrustCheck


class StepRow(Document):
    """The rate of one step of the funnel, raw and modelled."""

    stage: str = Field(description='The stage that is reached, or "end to end".')
    after: str = Field(description="The stage that it starts from.")
    leads: float = Field(description="Leads of the lead mix, young ones included.")
    trials: Number = Field(description="Leads that had their time to make the step; null end to end.")
    successes: Number = Field(description="Those that made it.")
    raw: Number = Field(description="Observed rate; end to end, the product of the steps' rates.")
    mean: Number
    low: Number
    high: Number


class RateRow(StepRow):
    """The same of a group of leads."""

    dimension: str = Field(description='"all", a dimension such as segment, or "segment x channel".')
    level: str


class PairRow(StepRow):
    """The same of a segment and channel, with the raw rate's own interval (Jeffreys)."""

    segment: str
    channel: str
    raw_low: Number
    raw_high: Number


class PeriodRow(StepRow):
    """The same of leads created in one period."""

    period: str

    @field_validator("period", mode="before")
    @classmethod
    def _day(cls, value: Any) -> str:
        return str(value)


class LeadValueRow(Document):
    """Expected money of a lead, and of the last stage for a lead that reaches it."""

    dimension: str
    level: str
    leads: float
    mean: Number = Field(description="Per lead.")
    low: Number
    high: Number
    value: Number = Field(description="Per lead that reaches the last stage.")
    value_low: Number
    value_high: Number


class DealRow(Document):
    """Value of the last stage by segment."""

    segment: str
    deals: float
    raw: Number = Field(description="Observed mean.")
    mean: Number
    low: Number
    high: Number


class EffectRow(Document):
    """What a level does to a step."""

    stage: str = Field(description='The stage that is reached, or "value".')
    term: str = Field(description="The dimension; spread_segment is how far values spread.")
    level: str
    trials: float
    ratio: Number = Field(description="Odds against those of the average level; of the value, ratio of values.")
    low: Number
    high: Number
    spread: Number = Field(description="How much the term's levels differ: standard deviation of the logarithm.")
    spread_low: Number
    spread_high: Number
    share: Number = Field(description="Part of the variance between leads that the term makes.")


class BeatsRow(Document):
    """Probability that a segment is better than another."""

    segment: str
    against: str
    rate: float = Field(description="End-to-end rate.")
    value: Number = Field(default=None, description="Value per lead; null where leads have no values.")


class ClassRow(Document):
    """Probability of one class of ``[leads.outcomes]``."""

    dimension: str
    level: str
    klass: str = Field(alias="class")
    leads: float
    count: float
    raw: Number
    mean: Number
    low: Number
    high: Number


class DecisionRow(Document):
    """The action of least expected cost."""

    level: str
    action: str
    cost: Number = Field(description="Expected cost per lead.")
    next: str = Field(description="The next best action.")
    next_cost: Number
    sure: float = Field(description="Share of posterior draws in which the same action is best.")


class ThresholdRow(Document):
    """From which probability an action pays."""

    action: str
    missed: Number = Field(description="What acting saves where the lead is of the class.")
    wasted: Number = Field(description="What acting costs where it is not.")
    threshold: Number


class ConvertOutput(Document):
    """``outlay convert``."""

    run: str | None = Field(description="Null with --dry-run.")
    folder: str | None
    preview: bool = Field(
        description="True where the numbers only approximate the posterior: no trust gate judged them."
    )
    trusted: bool | None = Field(description="Null for a preview and with --dry-run.")
    reasons: list[str]
    checks: list[TrustCheck]
    findings: list[FindingRow]
    engine: str | None = Field(default=None, description="kernel, pymc or laplace.")
    engine_reason: str = ""
    hdi: float | None = Field(default=None, description="Probability inside every interval.")
    currency: str | None = None
    mix: str = Field(default="", description="Which leads rates are averaged over.")
    rates: list[RateRow] = Field(default_factory=list)
    value_per_lead: list[LeadValueRow] = Field(default_factory=list)
    values: list[DealRow] = Field(default_factory=list)
    effects: list[EffectRow] = Field(default_factory=list)
    movement: list[PeriodRow] = Field(default_factory=list)
    beats: list[BeatsRow] = Field(default_factory=list)
    shrinkage: list[PairRow] = Field(default_factory=list)
    classes: list[ClassRow] = Field(default_factory=list)
    decisions: list[DecisionRow] = Field(default_factory=list)
    thresholds: list[ThresholdRow] = Field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """The document as plain JSON values."""
        return self.model_dump(mode="json", by_alias=True)
