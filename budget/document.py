"""``plan``: an allocation and its certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from budget.document_around import FrontierOutput, SensitivityOutput, SweepOutput
from outlay.document import FindingRow

if TYPE_CHECKING:
    from budget.allocation import Allocation
from outlay.document import Document, Number


class PlanRow(Document):
    """One cell of a plan over the window, or one period of a cell whose timing is free."""

    channel: str
    group: str | None
    period: str | None = Field(description="Date of the period; null is the total over the window.")
    reference_spend: Number
    spend: Number
    change: Number
    change_share: Number = Field(description="0.1 is 10 % more than in the reference plan.")
    lower: Number
    upper: Number
    mroi: Number = Field(description="Outcome of one more unit of currency in this cell.")
    binding: str | None = Field(description="The rule that holds the cell back, if any.")
    outcome_mean: Number
    outcome_hdi_low: Number
    outcome_hdi_high: Number
    roi_mean: Number
    roi_hdi_low: Number
    roi_hdi_high: Number
    reference_outcome_mean: Number
    extrapolated: bool = Field(description="More than any window of this length in the data.")


class PriceRow(Document):
    """What one more unit of a limit would bring, in units of the objective."""

    rule: str
    kind: str
    price: Number
    unit: str
    text: str


class CertificateRow(Document):
    """Proof of the best plan within the rules, on the draws that the optimizer saw."""

    value: Number
    bound: Number
    gap: Number
    draws: int
    rounds: int
    nodes: int = Field(description="Nodes of the branch and bound.")
    solver: str
    status: str = Field(description="optimal, time (the time allowed ran out) or local (best of several local optima).")
    seconds: Number


class RiskRow(Document):
    """Measures of risk of an outcome."""

    sd: Number
    q05: Number
    q50: Number
    q95: Number
    cvar: Number = Field(description="Mean of the worst share of draws, risk_level.")
    gain_cvar: Number = Field(default=None, description="The same of the gain over the reference plan.")


class IntervalRow(Document):
    """A mean and its interval."""

    mean: Number
    low: Number
    high: Number


class StageRow(Document):
    """Worked leads that reach a stage, those that come anyway included."""

    stage: str
    mean: Number
    low: Number
    high: Number


class SegmentRow(Document):
    """What the plan means for the sellers of one segment, on draws that the optimizer did not see."""

    segment: str
    group: str | None = Field(description="Groups that a team is for; null for all.")
    leads_media: Number = Field(description="Expected leads from this plan.")
    leads_baseline: Number = Field(description="Leads that come anyway; null where the fit holds no forecast of them.")
    leads: IntervalRow
    worked: IntervalRow = Field(description="Leads that sellers work, the most valuable first.")
    hours_needed: Number = Field(description="For all leads; null without a limit in hours.")
    hours_at_hand: Number
    most: Number = Field(description="Leads that can be worked; null without a limit.")
    shared: bool = Field(description="True where hours and most are for other segments too.")
    stages: list[StageRow]
    value: IntervalRow = Field(description="Of the worked leads, those that come anyway included.")
    reference_value: Number = Field(description="The same under the reference plan.")
    gain: IntervalRow = Field(description="Value over the reference plan's.")
    price: Number = Field(description="Worth of one more hour, or lead, that can be worked, all leads counted.")
    price_of: str | None = Field(description="hour or lead.")


class VolumeRow(Document):
    """Leads that the plan must bring, or a goal for them."""

    volume: str
    min: Number
    goal: Number
    expected: IntervalRow = Field(description="On all draws, as if every lead could be worked.")
    reference: Number
    p_goal: Number = Field(description="Probability of the goal; of later stages only worked leads count.")
    reference_p_goal: Number


class PlanOutput(Document):
    """``outlay plan``."""

    run: str | None = Field(default=None, description="Null with --dry-run.")
    fit: str = ""
    trusted: bool = True
    name: str | None = Field(description="The scenario's name.")
    status: str
    evaluated: bool = Field(description="True where the plan was brought with --evaluate.")
    objective: str
    objective_words: str = Field(description="What was looked for, in words.")
    objective_value: Number = Field(description="On draws that the optimizer did not see.")
    objective_unit: str
    outcome: str
    outcome_unit: str
    currency: str
    hdi: float
    start: str
    end: str = Field(description="Date of the last period, as the data write it.")
    periods: int
    period_unit: str = Field(description="day, week or month.")
    budget: Number
    total_is_free: bool = Field(description="True where the optimizer chose the total.")
    reference_plan: str = Field(description="What the reference plan is, in words.")
    reference_budget: Number
    expected: Number = Field(description="Expected outcome that the plan's spend causes.")
    expected_hdi_low: Number
    expected_hdi_high: Number
    reference: Number = Field(description="The same for the reference plan.")
    reference_hdi_low: Number
    reference_hdi_high: Number
    gain_mean: Number
    gain_hdi_low: Number
    gain_hdi_high: Number
    roi_mean: Number
    roi_hdi_low: Number
    roi_hdi_high: Number
    profit_mean: Number = Field(description="Margin times outcome less spend; null without a margin.")
    profit_hdi_low: Number
    profit_hdi_high: Number
    reference_profit_mean: Number
    reference_profit_hdi_low: Number
    reference_profit_hdi_high: Number
    profit_gain_mean: Number
    profit_gain_hdi_low: Number
    profit_gain_hdi_high: Number
    p_better: Number = Field(
        description="Probability that the plan beats the reference plan: by its outcome where both spend the same, "
        "else by its profit; null where the totals differ and there is no margin."
    )
    risk: RiskRow
    reference_risk: RiskRow
    risk_level: float
    goal: Number
    p_goal: Number = Field(description="Probability that the window's outcome, baseline included, reaches the goal.")
    reference_p_goal: Number
    upper_bound: Number = Field(
        description="What the objective of no plan within the rules can exceed; null for a plan that breaks rules and "
        "for an objective with a target."
    )
    gap: Number = Field(
        description="How far below the best plan this one can be, as a share; null for a plan that breaks rules or "
        "misses the target."
    )
    certificate: CertificateRow | None = Field(
        description="Null where a plan is judged and no plan within the rules reaches the target."
    )
    rows: list[PlanRow]
    shadow_prices: list[PriceRow]
    broken_rules: list[str]
    timing_gain: IntervalRow | None
    timing_counted: bool = Field(description="Whether expected and gain contain the timing's gain.")
    optimum: Number
    findings: list[FindingRow]
    assumptions: list[str]
    seconds: Number
    segments: list[SegmentRow] = Field(
        default_factory=list, description='Leads by segment, with value_from = "conversion".'
    )
    volumes: list[VolumeRow] = Field(default_factory=list, description="Volumes of [[plan.volumes]].")
    one_order: Number = Field(
        default=None,
        description="Part of the value of worked leads that is lost where all draws keep one order of the leads.",
    )
    sweep: SweepOutput | None = Field(default=None, description="With --sweep.")
    frontier: FrontierOutput | None = Field(default=None, description="With --frontier.")
    sensitivity: SensitivityOutput | None = Field(default=None, description="With --sensitivity.")
    question: dict[str, Any] | None = Field(
        default=None, description="Keys of [plan] that were stated, so that the question can be asked again."
    )

    @classmethod
    def of(cls, allocation: Allocation, **about: object) -> PlanOutput:
        """An answer as a document, with the fields that only its maker knows: run, fit, trusted, sweep ..."""
        question = allocation.section.model_dump(mode="json", exclude_unset=True)
        return cls.model_validate({**allocation.to_json(), "question": question, **about})

    def by_channel(self) -> tuple[dict[str, float], dict[str, float]]:
        """Reference and planned totals of each channel over groups."""
        reference: dict[str, float] = {}
        planned: dict[str, float] = {}
        for row in self.rows:
            if row.period is None:
                reference[row.channel] = reference.get(row.channel, 0.0) + (row.reference_spend or 0.0)
                planned[row.channel] = planned.get(row.channel, 0.0) + (row.spend or 0.0)
        return reference, planned

    def by_period(self) -> dict[str, dict[str, float]]:
        """Spend by channel and date, of the cells whose timing is decided; groups of a channel together."""
        spend: dict[str, dict[str, float]] = {}
        for row in self.rows:
            if row.period is not None:
                days = spend.setdefault(row.channel, {})
                days[row.period] = days.get(row.period, 0.0) + (row.spend or 0.0)
        return spend
