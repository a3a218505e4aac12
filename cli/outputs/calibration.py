"""Rows about lift tests: what each measured, and what the tests did to a channel's answer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from outlay.document import Document, Number


class LiftTestRow(Document):
    """One lift test beside what the model expects, in units of the KPI."""

    test: str
    channel: str
    group: str | None = Field(description="Null is all groups.")
    start: str
    end: str
    spend_change: Number = Field(description="Currency that the test added in total; below zero where it took away.")
    unit: str
    observed: Number
    observed_se: Number
    without_mean: Number = Field(description="What the time series alone expect.")
    without_hdi_low: Number
    without_hdi_high: Number
    with_mean: Number = Field(description="What the model expects once it knows the tests.")
    with_hdi_low: Number
    with_hdi_high: Number
    distance: Number = Field(description="Standard errors from the time series alone to the test.")


class CalibrationRow(Document):
    """A tested channel's contribution and ROI: believed, from the time series, and with the tests."""

    channel: str
    stage: Literal["prior", "without tests", "with tests"]
    contribution_mean: Number
    contribution_median: Number
    contribution_hdi_low: Number
    contribution_hdi_high: Number
    roi_mean: Number = Field(description="Null for an organic channel.")
    roi_median: Number
    roi_hdi_low: Number
    roi_hdi_high: Number


class CalibrationRows(Document):
    """What lift tests did to a fit."""

    tests: list[LiftTestRow]
    channels: list[CalibrationRow]
