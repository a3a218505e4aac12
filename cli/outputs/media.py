"""``fit``, ``roi``, ``curves`` and ``forecast``: what the model says."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from cli.outputs.answers import (
    ChangesRows,
    ForecastChannel,
    ForecastRow,
    ForecastTotal,
    FrequencyRow,
    SpendRow,
    WaterfallRow,
    WhatIfRow,
)
from cli.outputs.calibration import CalibrationRows
from cli.outputs.validation import MultiverseOutput
from outlay.document import Document, FindingRow, Number


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
