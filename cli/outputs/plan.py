"""``plan``: an allocation and its certificate."""

from __future__ import annotations

from pydantic import Field

from cli.outputs.checks import FindingRow
from cli.outputs.document import Document, Number


class PlanRow(Document):
    """One cell of a plan. Amounts are totals over the window."""

    channel: str
    group: str | None
    period: str | None = Field(description="Null is the total over the window.")
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
    """What one more unit of a limit would bring, in outcome units."""

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
    solver: str
    status: str


class IntervalRow(Document):
    """A mean and its interval."""

    mean: Number
    low: Number
    high: Number


class PlanOutput(Document):
    """``outlay plan``."""

    run: str | None = Field(default=None, description="Null with --dry-run.")
    fit: str = ""
    trusted: bool = True
    status: str
    evaluated: bool = Field(description="True where the plan was brought with --evaluate.")
    objective: str
    outcome: str
    outcome_unit: str
    currency: str
    hdi: float
    start: str
    end: str = Field(description="Date of the last period, as the data write it.")
    periods: int
    period_unit: str = Field(description="day, week or month.")
    budget: Number
    reference_plan: str = Field(description="What the reference plan is, in words.")
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
    p_better: Number = Field(description="Probability that the plan beats the reference plan.")
    upper_bound: Number = Field(
        description="What no plan within the rules can be expected to exceed; null for a plan that breaks rules."
    )
    gap: Number = Field(
        description="How far below the best plan this one can be, as a share; null for a plan that breaks rules."
    )
    certificate: CertificateRow
    rows: list[PlanRow]
    shadow_prices: list[PriceRow]
    broken_rules: list[str]
    timing_gain: IntervalRow | None
    optimum: Number
    findings: list[FindingRow]
    assumptions: list[str]
    seconds: Number
