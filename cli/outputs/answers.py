"""Rows that answer questions to a fitted model: waterfall, what-if, frequency, forecast and changes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from outlay.document import Document, Number


class WaterfallRow(Document):
    """One step from the base to the outcome, in outcome units."""

    component: str = Field(description="A part, or fitted, residual, actual.")
    kind: str = Field(description="baseline, lever, organic or paid: these add up; then fitted, residual and actual.")
    group: str | None
    mean: Number
    median: Number
    hdi_low: Number
    hdi_high: Number
    share_mean: Number = Field(description="Share of the actual outcome, 0 to 1.")
    share_hdi_low: Number
    share_hdi_high: Number
    start: Number = Field(description="Where the step begins, in means.")
    end: Number


class WhatIfRow(Document):
    """What would be missing had channels been off, or scaled."""

    change: str = Field(
        description="together, the name of one change alone, or interaction (together less the singles)."
    )
    group: str | None
    factor: Number = Field(description="What was multiplied with it: 0 is off. Null where several changes are meant.")
    spared: Number = Field(description="Money not spent; negative where more is spent.")
    lost_mean: Number = Field(description="Outcome lost in the window and after it; a gain is negative.")
    lost_median: Number
    lost_hdi_low: Number
    lost_hdi_high: Number
    inside_mean: Number = Field(description="Part of it in the window; for all changes together.")
    inside_median: Number
    inside_hdi_low: Number
    inside_hdi_high: Number
    after_mean: Number = Field(description="Part of it after the window, where carry-over is missing.")
    after_median: Number
    after_hdi_low: Number
    after_hdi_high: Number
    share_mean: Number = Field(description="lost over the outcome of the window.")
    share_median: Number
    share_hdi_low: Number
    share_hdi_high: Number
    per_money_mean: Number = Field(description="Outcome lost per unit of currency not spent.")
    per_money_median: Number
    per_money_hdi_low: Number
    per_money_hdi_high: Number


class FrequencyRow(Document):
    """The best contacts per person of a reach and frequency channel."""

    channel: str
    group: str | None
    current: Number = Field(description="Contacts per person reached over the last year.")
    largest: Number = Field(description="The most in any period.")
    best: Number = Field(description="Most outcome per unit of currency, in the mean of the posterior.")
    optimal_mean: Number = Field(description="The best frequency, draw by draw.")
    optimal_median: Number
    optimal_hdi_low: Number
    optimal_hdi_high: Number
    gain_mean: Number = Field(description="Outcome per unit of currency at best, as a multiple of that at current.")
    gain_median: Number
    gain_hdi_low: Number
    gain_hdi_high: Number
    p_more: Number = Field(description="Probability that more contacts than now are better.")
    extrapolated: bool = Field(description="best is more than was ever seen.")


class ForecastTotal(Document):
    """A forecast over all periods, in outcome units."""

    group: str | None
    spend: Number
    baseline_mean: Number
    baseline_median: Number
    baseline_hdi_low: Number
    baseline_hdi_high: Number
    media_mean: Number = Field(description="What paid media cause, carry-over of the past included.")
    media_median: Number
    media_hdi_low: Number
    media_hdi_high: Number
    expected_mean: Number
    expected_median: Number
    expected_hdi_low: Number = Field(description="Interval of the expected outcome: what is not known about the model.")
    expected_hdi_high: Number
    outcome_mean: Number
    outcome_median: Number
    outcome_hdi_low: Number = Field(description="Interval of the outcome itself, noise included.")
    outcome_hdi_high: Number
    p_goal: Number = Field(default=None, description="Probability that the goal is reached by the end of it.")


class ForecastRow(ForecastTotal):
    """A forecast of one period."""

    date: str


class ForecastChannel(Document):
    """What one channel brings in the periods of a forecast."""

    channel: str
    group: str | None
    spend: Number
    media_mean: Number
    media_median: Number
    media_hdi_low: Number
    media_hdi_high: Number


class SpendRow(Document):
    """Spend of one cell that a forecast is about."""

    date: str
    channel: str
    group: str | None
    spend: Number


class ChangeRow(Document):
    """How one quantity moved since the previous fit, over the periods that both scored."""

    channel: str
    group: str | None
    quantity: Literal["roi", "contribution"]
    before: Number
    after: Number
    change: Number
    noise: Number = Field(description="Monte Carlo standard error of the change.")
    in_sd: Number = Field(description="The change in posterior standard deviations of the previous fit.")
    from_data: Number = Field(description="Step from other data; null where it cannot be told apart.")
    from_beliefs: Number = Field(description="Step from another [media] section.")
    why: str = Field(
        description="data, beliefs, data and beliefs, sampling noise, data or beliefs, chains that disagree."
    )


class ChangesRows(Document):
    """What moved since the previous fit, and why."""

    previous: str = Field(description="Run that it is compared with.")
    window_start: str
    window_end: str
    data_changed: bool
    beliefs_changed: bool
    came: list[str] = Field(description="Channels that the previous fit did not have.")
    went: list[str]
    unattributed: str = Field(description="Why the causes cannot be told apart; empty where they can.")
    rows: list[ChangeRow]
