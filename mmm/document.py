"""Rows of a fit's tables: returns, totals, the baseline's parts and response curves, with types and descriptions."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from outlay.document import Document, Number


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
