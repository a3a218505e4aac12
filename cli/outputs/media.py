"""``fit``, ``roi``, ``curves`` and ``forecast``: what the model says."""

from __future__ import annotations

from pydantic import Field

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
from mmm.document import BaselineRow, CurveRow, RoiRow, TotalRow
from outlay.document import Document, FindingRow, Number, TrustCheck


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
