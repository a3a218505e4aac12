"""What every command prints with ``--json``, as pydantic models: the one place where these documents are described.

``outlay schema --json-output COMMAND`` prints the JSON Schema of any of them. A number that does not exist is null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from cli.document import Document, Number
from cli.outputs_answers import (
    ChangesRows,
    ForecastChannel,
    ForecastRow,
    ForecastTotal,
    FrequencyRow,
    SpendRow,
    WaterfallRow,
    WhatIfRow,
)
from cli.outputs_calibration import CalibrationRows
from cli.outputs_validation import MultiverseOutput, ValidateOutput

if TYPE_CHECKING:
    from outlay.findings import Finding


class FindingRow(Document):
    """One finding of a check."""

    id: str
    severity: Literal["error", "warning", "note"]
    where: str
    what: str
    repair: str

    @classmethod
    def of(cls, finding: Finding) -> FindingRow:
        """The finding as a row."""
        return cls(**finding.as_dict())


class InitOutput(Document):
    """``outlay init``."""

    path: str
    written: bool = Field(description="False with --dry-run.")
    text: str = Field(description="The project file.")
    guesses: list[str] = Field(description="What was guessed from column names and has to be confirmed.")


class CheckChannel(Document):
    """One channel of the data."""

    channel: str
    paid: bool
    spend: Number = Field(description="Total, in the currency; null for an organic channel.")
    spend_share: Number
    exposure: Number = Field(description="Total, in the exposure's own unit; null where the model sees spend.")
    cost_per_exposure: Number
    active_periods: int = Field(description="Periods and groups with any exposure or spend.")


class PriorChannel(Document):
    """What the prior says of one channel, or of all paid media, over the scored periods."""

    channel: str
    spend: Number
    share_median: Number = Field(description="Share of the outcome, 0 to 1.")
    share_hdi_low: Number
    share_hdi_high: Number
    contribution_median: Number
    contribution_hdi_low: Number
    contribution_hdi_high: Number
    roi_median: Number = Field(description="Null for an organic channel.")
    roi_hdi_low: Number
    roi_hdi_high: Number
    half_life_days_median: Number
    half_life_days_hdi_low: Number
    half_life_days_hdi_high: Number


class PriorKpi(Document):
    """One property of the KPI: as it was, and as the prior would have it."""

    quantity: str
    observed: Number
    median: Number
    hdi_low: Number
    hdi_high: Number


class PriorOutput(Document):
    """What the priors imply before anything is fitted."""

    hdi: float
    channels: list[PriorChannel]
    kpi: list[PriorKpi]
    kpi_below_zero: Number = Field(description="Prior probability of a period with a KPI below zero.")
    paid_beyond_60_percent: Number = Field(description="Prior probability that paid media cause over 60 % of the KPI.")
    findings: list[FindingRow]


class CheckOutput(Document):
    """``outlay check``."""

    source: str
    rows: int
    first_date: str
    last_date: str
    frequency: str
    periods: int
    groups: list[str] = Field(description="Empty for a national model.")
    kpi: str
    kpi_total: Number
    currency: str
    channels: list[CheckChannel]
    controls: list[str]
    events: list[str]
    levers: list[str]
    findings: list[FindingRow]
    prior: PriorOutput | None = Field(default=None, description="With --prior.")


class TrustCheck(Document):
    """One rule of the trust gate."""

    id: str
    name: str
    value: Number = Field(description="The worst value seen.")
    limit: float
    passed: bool
    quantity: str = Field(description="The worst quantity, in the user's words.")
    cause: str = Field(description="Why that may be; empty where it passed.")


class FitOutput(Document):
    """``outlay fit``."""

    run: str | None = Field(description="Null with --dry-run.")
    folder: str | None
    trusted: bool | None
    reasons: list[str] = Field(description="Why the trust gate failed, in sentences.")
    checks: list[TrustCheck]
    findings: list[FindingRow]
    engine: str | None = Field(default=None, description="What sampled: kernel, pymc or jax; null with --dry-run.")
    engine_reason: str = Field(default="", description="Why not the kernel; empty where it did.")
    calibration: CalibrationRows | None = Field(default=None, description="Null for a fit without lift tests.")
    changes: ChangesRows | None = Field(default=None, description="Since the previous fit; null without one.")
    multiverse: MultiverseOutput | None = Field(
        default=None, description="Other plausible models, with --multiverse where the posterior passed the trust gate."
    )


class RoiRow(Document):
    """What one channel or lever returned. Amounts are in outcome units (currency for a revenue KPI)."""

    channel: str = Field(description="The channel, or the lever.")
    group: str | None = Field(description="Null is the total over groups.")
    paid: bool
    kind: Literal["paid", "organic", "lever"]
    spend: Number = Field(description="Null for an organic channel, and for a lever without a cost.")
    contribution_mean: Number
    contribution_median: Number
    contribution_hdi_low: Number
    contribution_hdi_high: Number
    immediate_mean: Number = Field(
        default=None, description="Part of the contribution that each period's own exposure brought in that period."
    )
    immediate_median: Number = None
    immediate_hdi_low: Number = None
    immediate_hdi_high: Number = None
    carried_mean: Number = Field(default=None, description="Part of it that earlier exposure carried over.")
    carried_median: Number = None
    carried_hdi_low: Number = None
    carried_hdi_high: Number = None
    share_mean: Number = Field(description="Share of the outcome, 0 to 1.")
    share_median: Number = None
    share_hdi_low: Number
    share_hdi_high: Number
    roi_mean: Number = Field(description="Outcome per unit of currency spent, effects after the window included.")
    roi_median: Number
    roi_hdi_low: Number
    roi_hdi_high: Number
    mroi_mean: Number = Field(description="The same for the last unit spent.")
    mroi_median: Number
    mroi_hdi_low: Number
    mroi_hdi_high: Number
    cpa_median: Number = Field(default=None, description="Currency per KPI unit, for unit KPIs.")
    cpa_hdi_low: Number = None
    cpa_hdi_high: Number = None
    contraction: Number = Field(description="How much the data narrowed the prior: 0 not at all, 1 completely.")
    identified: Literal["yes", "weak", "no"] = Field(description="Whether the data, and not the prior, decided.")
    warning: str | None = Field(
        default=None, description="Id of the gravest warning about the row; see outlay explain."
    )

    @model_validator(mode="before")
    @classmethod
    def _organic_has_no_spend(cls, row: dict[str, Any]) -> dict[str, Any]:
        kind = row.get("kind") or ("paid" if row.get("paid") else "organic")
        return {**row, "kind": kind, "spend": None if kind == "organic" else row.get("spend")}


class BaselineRow(Document):
    """One part of the outcome: of the baseline, a lever, or a channel."""

    component: str
    kind: str = Field(description="baseline, lever, paid or organic.")
    mean: Number
    hdi_low: Number
    hdi_high: Number
    share_mean: Number
    share_hdi_low: Number
    share_hdi_high: Number


class TotalRow(Document):
    """All paid media together, draw by draw, so that the interval is their own."""

    group: str | None = Field(default=None, description="Null is the total over groups.")
    spend: Number
    outcome: Number = Field(description="The whole outcome, in outcome units.")
    contribution_mean: Number
    contribution_median: Number
    contribution_hdi_low: Number
    contribution_hdi_high: Number
    immediate_mean: Number = None
    immediate_median: Number = None
    immediate_hdi_low: Number = None
    immediate_hdi_high: Number = None
    carried_mean: Number = None
    carried_median: Number = None
    carried_hdi_low: Number = None
    carried_hdi_high: Number = None
    share_mean: Number
    share_median: Number = None
    share_hdi_low: Number
    share_hdi_high: Number
    roi_mean: Number
    roi_median: Number
    roi_hdi_low: Number
    roi_hdi_high: Number
    mroi_mean: Number
    mroi_median: Number
    mroi_hdi_low: Number
    mroi_hdi_high: Number


class RoiOutput(Document):
    """``outlay roi``."""

    run: str
    trusted: bool
    currency: str
    outcome_unit: str
    hdi: float
    margin: Number = Field(default=None, description="Profit per unit of revenue, from [project] margin.")
    window_start: str = Field(description="First period of the window that all rows are about, as the data date it.")
    window_end: str = Field(description="Its last period.")
    scored_start: str = Field(description="First scored period: windows lie inside the scored ones.")
    scored_end: str
    rows: list[RoiRow]
    baseline: dict[str, BaselineRow] = Field(description="What was not media: parts of the baseline, and levers.")
    total: TotalRow = Field(description="All paid media.")
    totals: list[TotalRow] = Field(description="All paid media: the total over groups, then each group.")
    waterfall: list[WaterfallRow] = Field(description="From the base to the outcome; empty for runs of older versions.")
    what_if: list[WhatIfRow] = Field(description="With --off or --scale; else empty.")


class CurveRow(Document):
    """One point of a response curve."""

    channel: str
    group: str | None
    spend: Number = Field(description="Average spend per period, in the currency.")
    outcome_mean: Number = Field(description="Mean over draws of the response, per period.")
    outcome_hdi_low: Number
    outcome_hdi_high: Number
    extrapolated: bool = Field(description="Beyond the spend that was seen.")
    is_current: bool = Field(description="At the current average spend.")


class CurvesOutput(Document):
    """``outlay curves``."""

    run: str
    trusted: bool
    currency: str
    outcome_unit: str
    hdi: float
    rows: list[CurveRow]
    frequency: list[FrequencyRow] = Field(description="Reach and frequency channels: the best contacts per person.")


class ForecastOutput(Document):
    """``outlay forecast``."""

    run: str | None = Field(description="Null with --dry-run.")
    fit: str
    trusted: bool
    outcome: str
    outcome_unit: str
    currency: str
    hdi: float
    start: str
    end: str = Field(description="Date of the last period, as the data write it.")
    periods: int
    period_unit: str = Field(description="day, week or month.")
    plan: str = Field(description="Where the spend comes from.")
    goal: Number
    p_goal: Number = Field(description="Probability of reaching the goal over all periods and groups.")
    total: ForecastTotal
    totals: list[ForecastTotal] = Field(description="The total over groups, then each group.")
    rows: list[ForecastRow]
    channels: list[ForecastChannel]
    spend: list[SpendRow]
    assumptions: list[str]
    findings: list[FindingRow]


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


class ReportOutput(Document):
    """``outlay report``."""

    path: str
    written: bool = Field(description="False with --dry-run.")
    run: str
    plan: str | None
    trusted: bool
    bytes: int


class RunRow(Document):
    """One run."""

    id: str
    kind: str
    created: str
    parents: list[str]
    trusted: bool | None = Field(description="Null where the gate does not apply.")
    folder: str


class DamagedRun(Document):
    """A folder that looks like a run and cannot be read."""

    folder: str
    why: str


class RunsOutput(Document):
    """``outlay runs list``."""

    runs: list[RunRow]
    damaged: list[DamagedRun]


class RunOutput(Document):
    """``outlay runs show``."""

    run: RunRow
    manifest: dict[str, Any]
    reasons: list[str]
    findings: list[FindingRow]


class DoctorCheck(Document):
    """One thing that ``outlay doctor`` looked at."""

    name: str
    state: Literal["ok", "warning", "problem"]
    what: str
    repair: str


class DoctorOutput(Document):
    """``outlay doctor``."""

    checks: list[DoctorCheck]
    versions: dict[str, str | None]


class Explained(Document):
    """One id."""

    id: str
    title: str
    severity: Literal["error", "warning", "note"]
    meaning: str
    repair: str


class ExplainOutput(Document):
    """``outlay explain``."""

    entries: list[Explained]


class DemoOutput(Document):
    """``outlay demo``."""

    folder: str
    fit: str
    plan: str
    report: str
    roi: RoiOutput
    allocation: PlanOutput


class Refusal(Document):
    """Why a command refused."""

    id: str | None
    where: str | None
    what: str
    repair: str | None
    exit_code: int
    findings: list[FindingRow]


class ErrorOutput(Document):
    """What any command prints instead of its own document when it refuses."""

    error: Refusal


OUTPUTS: dict[str, type[Document]] = {
    "init": InitOutput,
    "check": CheckOutput,
    "fit": FitOutput,
    "roi": RoiOutput,
    "curves": CurvesOutput,
    "forecast": ForecastOutput,
    "plan": PlanOutput,
    "report": ReportOutput,
    "runs": RunsOutput,
    "runs-show": RunOutput,
    "validate": ValidateOutput,
    "doctor": DoctorOutput,
    "explain": ExplainOutput,
    "demo": DemoOutput,
    "error": ErrorOutput,
}
