"""``segment``: the kinds of customers, what tells them apart, what they are worth and how they move."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from outlay.document import Document, FindingRow, Number

Mode = Literal["fit", "profile", "choose", "assign", "drift"]


class SegmentRow(Document):
    """One segment."""

    number: int = Field(description="From 1, the largest value first; a refit keeps the numbers of the run before.")
    segment: str = Field(description="Its name, which is the label that other tables get.")
    origin: str = Field(default="automatic", description='Of the name: "yours", "kept" from a run, or "automatic".')
    customers: Number = Field(description="How many customers, by weight where there are weights.")
    size_share: Number
    size_share_low: Number = None
    size_share_high: Number = None
    value: Number = Field(default=None, description="What they spent in total, in `currency`.")
    value_share: Number = None
    value_share_low: Number = None
    value_share_high: Number = None
    value_per_customer: Number = None
    value_per_customer_low: Number = None
    value_per_customer_high: Number = None
    value_missing: Number = Field(default=None, description="Part of its customers whose value is not known.")
    sureness: Number = Field(
        default=None, description="Mean over its customers: 1 is sure, 0 as near to a second segment."
    )
    stability: Number = Field(
        default=None, description="How much of it comes back in resamples: 1 is all; below 0.6 it is not to be trusted."
    )


class ChoiceRow(Document):
    """What speaks for and against one number of segments."""

    k: int
    cost: Number = Field(default=None, description="Criterion of the method, per customer.")
    explained: Number = Field(default=None, description="Part of the spread that segments explain.")
    elbow: Number = Field(default=None, description="How far the cost lies below the line from first to last, 0 to 1.")
    silhouette: Number = Field(default=None, description="From -1 to 1, on a sample.")
    silhouette_error: Number = None
    bic: Number = Field(default=None, description="Of a mixture; smaller is better.")
    stability: Number = Field(default=None, description="Mean over segments of how much of each comes again.")
    stability_low: Number = Field(default=None, description="The same of the least stable segment.")
    smallest_share: Number = Field(default=None, description="Share of customers in the smallest segment.")
    allowed: bool = True
    chosen: bool = False
    why: str = ""


class FeatureRow(Document):
    """One feature, or one level of a category, in one segment, beside all customers."""

    number: int
    segment: str
    feature: str
    kind: str = Field(description="number or category.")
    level: str | None = None
    unit: str = ""
    mean: Number = Field(default=None, description="Mean of a number, in its unit; share of a level.")
    low: Number = None
    high: Number = None
    population: Number = Field(default=None, description="The same over all customers.")
    lift: Number = Field(default=None, description="Mean or share over that of all customers.")
    lift_low: Number = None
    lift_high: Number = None
    missing: Number = Field(default=None, description="Share of the segment whose cell is empty.")
    apart: Number = Field(default=None, description="Mean or share less that of all customers.")
    apart_low: Number = None
    apart_high: Number = None
    effect: Number = Field(
        default=None, description="How far it stands out: difference in standard deviations, or in share."
    )
    effect_low: Number = None
    effect_high: Number = None
    rank: int | None = Field(default=None, description="1 is what tells the segment apart the most.")


class ActionRow(Document):
    """What to do with a segment, and why."""

    number: int
    segment: str
    action: str
    do: str
    why: str


class ImportanceRow(Document):
    """How much a feature helps to tell the value of customers that the model has not seen."""

    number: int | None = Field(description="Segment; null over all customers.")
    segment: str
    feature: str
    importance: Number
    low: Number = None
    high: Number = None
    unit: str = ""


class PartialRow(Document):
    """What value goes with a feature, the others held as they are."""

    feature: str
    x: Number = None
    level: str | None = None
    effect: Number
    low: Number = None
    high: Number = None
    unit: str = ""


class EffectRow(Document):
    """The association of a programme with value in one segment."""

    number: int | None
    segment: str
    programme: str
    customers: Number = None
    participants: Number = None
    effect: Number
    low: Number = None
    high: Number = None
    unit: str = ""


class BiasRow(Document):
    """How one level of a protected column falls on a segment, or on another outcome."""

    column: str
    level: str
    number: int | None = None
    segment: str = ""
    outcome: str
    customers: Number = None
    rate: Number = None
    low: Number = None
    high: Number = None
    ratio: Number = Field(default=None, description="To the highest rate of the column; below 0.8 is told.")
    ratio_low: Number = None
    ratio_high: Number = None
    cramer: Number = Field(default=None, description="Cramer's V of column and outcome: 0 none, 1 all.")


class ClvRow(Document):
    """What the customers of a segment will be worth."""

    number: int | None
    segment: str
    customers: Number = None
    p_alive: Number = Field(default=None, description="Mean probability that a customer still buys.")
    p_alive_low: Number = None
    p_alive_high: Number = None
    purchases: Number = Field(default=None, description="Expected of all its customers over the months ahead.")
    purchases_low: Number = None
    purchases_high: Number = None
    value: Number = Field(default=None, description="Of a purchase, in `currency`.")
    value_low: Number = None
    value_high: Number = None
    clv: Number = Field(default=None, description="Discounted, per customer, in `currency`.")
    clv_low: Number = None
    clv_high: Number = None
    clv_total: Number = None
    clv_total_low: Number = None
    clv_total_high: Number = None


class HoldoutRow(Document):
    """What the model of lifetime value would have said of the last part of the time, and what came."""

    frequency: str = Field(description="Repeat purchases before.")
    customers: Number = None
    actual: Number = Field(description="Purchases per customer that came.")
    expected: Number = Field(description="That were expected.")
    low: Number = None
    high: Number = None


class PropensityRow(Document):
    """Response of a segment to the next campaign."""

    number: int | None
    segment: str
    customers: Number = None
    asked: Number = None
    responded: Number = None
    past_rate: Number = Field(default=None, description="Over past campaigns.")
    rate: Number = Field(description="Expected of the next campaign, one of the same kind.")
    low: Number = None
    high: Number = None
    responses: Number = Field(default=None, description="Customers who would respond.")
    responses_low: Number = None
    responses_high: Number = None
    lift: Number = Field(default=None, description="Rate over that of everybody.")
    lift_low: Number = None
    lift_high: Number = None
    best: Number = Field(default=None, description="Probability that no segment responds more.")


class MigrationRow(Document):
    """Customers who were in one segment and are in another."""

    compared: str = Field(default="", description="Since which day or run.")
    before: str
    before_number: int = Field(description='0 is "(new)".')
    after: str
    after_number: int = Field(description='0 is "(gone)".')
    customers: Number
    rate: Number = Field(default=None, description="Part of those who were in `before`.")
    low: Number = None
    high: Number = None
    value_before: Number = Field(default=None, description="What they had spent then, in `currency`.")
    value_after: Number = Field(default=None, description="And now.")
    border: Number = Field(default=None, description="Part of them who were at a border of their segment both times.")


class MovedRow(Document):
    """Who came to a segment and who went."""

    compared: str = ""
    number: int
    segment: str
    before: int
    after: int
    stayed: int
    came: int
    went: int
    new: int
    gone: int
    stay_rate: Number = None
    low: Number = None
    high: Number = None
    value_net: Number = Field(default=None, description="Money that movement brought, in `currency`.")


class DriftRow(Document):
    """How far a feature has moved since a fit."""

    number: int | None
    segment: str
    feature: str
    kind: str = ""
    psi: Number
    expected: Number = Field(default=None, description="What chance alone would give.")
    high: Number = Field(default=None, description="What chance alone would seldom go beyond.")
    beyond: bool = False
    size: str = ""
    shift: Number = None
    what: str = ""


class SegmentOutput(Document):
    """``outlay segment``. What does not apply is empty or null."""

    mode: Mode
    run: str | None = Field(description="Null where nothing was kept.")
    parent: str | None = Field(default=None, description="Run whose numbers and names, or model, were taken.")
    project: str = ""
    source: str = ""
    customers: int
    as_of: str | None = None
    currency: str
    hdi: float = Field(description="Probability of every interval.")
    value_name: str = ""
    id: str | None = Field(default=None, description="Column of the customer's id; null: no other table can name them.")
    method: str = ""
    k: int | None = None
    k_given: bool = Field(default=False, description="Whether the number of segments was said and not chosen.")
    reason: str = Field(default="", description="Why this number of segments.")
    numeric: list[str] = Field(default_factory=list)
    categorical: list[str] = Field(default_factory=list)
    kept: Number = Field(default=None, description="Part of the customers of the run before who kept their segment.")
    same_customers: bool | None = Field(
        default=None,
        description="Whether that is of customers in both runs, or of those whom its model would put there.",
    )
    ari: Number = Field(default=None, description="Adjusted Rand index to the run before.")
    sentences: list[str] = Field(default_factory=list, description="What the drivers say, and whether it is a cause.")
    map_shares: list[float] = Field(default_factory=list, description="Part of all variation that an axis shows.")
    map_sentences: list[str] = Field(default_factory=list, description="What the axes of the map mean.")
    clv_model: str | None = None
    clv_months: int | None = None
    clv_checked: str = Field(default="", description="What the check on the last part of the time says.")
    clv_trusted: bool | None = None
    clv_reasons: list[str] = Field(default_factory=list)
    response_trusted: bool | None = None
    response_reasons: list[str] = Field(default_factory=list)
    verdict: str | None = Field(default=None, description="Whether to fit again, and why.")
    refit: bool | None = None
    seconds: Number = None
    choice: list[ChoiceRow] = Field(default_factory=list)
    segments: list[SegmentRow] = Field(default_factory=list)
    features: list[FeatureRow] = Field(default_factory=list)
    actions: list[ActionRow] = Field(default_factory=list)
    importance: list[ImportanceRow] = Field(default_factory=list)
    partial: list[PartialRow] = Field(default_factory=list)
    effects: list[EffectRow] = Field(default_factory=list)
    bias: list[BiasRow] = Field(default_factory=list)
    clv: list[ClvRow] = Field(default_factory=list)
    holdout: list[HoldoutRow] = Field(default_factory=list)
    propensity: list[PropensityRow] = Field(default_factory=list)
    migration: list[MigrationRow] = Field(default_factory=list)
    moved: list[MovedRow] = Field(default_factory=list)
    drift: list[DriftRow] = Field(default_factory=list)
    findings: list[FindingRow] = Field(default_factory=list)
