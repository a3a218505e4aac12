"""``attribute``: what journeys credit."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from outlay.document import Document, FindingRow, Number


class CreditRow(Document):
    """What one model credits one channel with."""

    model: str
    segment: str | None = Field(description="Null where all segments are meant.")
    period: str | None = Field(description="First day of the period of the journeys' ends; null for all.")
    channel: str
    share: Number = Field(description="Share of the conversions, exact for the journeys of the table.")
    share_hdi_low: Number = Field(description="Sampling uncertainty only.")
    share_hdi_high: Number
    conversions: Number = Field(description="Share times conversions.")
    conversions_hdi_low: Number
    conversions_hdi_high: Number
    value: Number = Field(default=None, description="Credited value in the currency; null without a value column.")
    value_hdi_low: Number = None
    value_hdi_high: Number = None


class RemovalRow(Document):
    """What would be lost in a Markov chain without a channel."""

    order: int
    channel: str
    effect: Number = Field(description="Part of the conversions, 0 to 1. Removal effects do not add up to one.")
    effect_hdi_low: Number
    effect_hdi_high: Number
    states: int = Field(description="Histories of the chain.")
    draws: int = Field(description="Draws behind the interval.")


class CostRow(Document):
    """Credited return and cost per credited conversion."""

    model: str
    channel: str
    spend: Number = Field(description="Currency, over the time of the journeys; null where none is known.")
    conversions: Number
    roi: Number = Field(description="Credited value per unit of currency. Credit is not cause.")
    roi_hdi_low: Number
    roi_hdi_high: Number
    cpa_median: Number = Field(description="Currency per credited conversion.")
    cpa_hdi_low: Number
    cpa_hdi_high: Number


class OverCreditRow(Document):
    """One channel of the media-mix model beside its journeys."""

    channel: str
    spend: Number
    credited: Number = Field(description="What journeys credit, in the unit of the KPI.")
    credited_hdi_low: Number
    credited_hdi_high: Number
    incremental_mean: Number = Field(description="What the media-mix model says the channel caused.")
    incremental_hdi_low: Number
    incremental_hdi_high: Number
    over_credit_median: Number = Field(description="Credited over incremental.")
    over_credit_hdi_low: Number
    over_credit_hdi_high: Number
    p_over: Number = Field(description="Probability that journeys credit more than the channel caused.")


class InsideRow(Document):
    """Model total x journey share: where inside a channel the model's conversions went."""

    channel: str
    part: str = Field(description="The journeys' channel.")
    segment: str | None
    share_mean: Number = Field(description="Of the channel's credit.")
    share_hdi_low: Number
    share_hdi_high: Number
    incremental_mean: Number
    incremental_hdi_low: Number
    incremental_hdi_high: Number


class BridgeRow(Document):
    """One line from the outcome to what is tracked, credited and caused."""

    line: str = Field(
        description="outcome, tracked, untracked, credited_media, credited_other, caused_media, baseline, over_credit."
    )
    mean: Number
    hdi_low: Number = Field(description="Null for what was counted.")
    hdi_high: Number


class AttributeOutput(Document):
    """``outlay attribute``."""

    run: str | None = Field(description="Null with --dry-run.")
    folder: str | None
    currency: str
    hdi: Number
    touches: int
    journeys: int
    conversions: int
    value: Number
    first: str = Field(description="Earliest touch, UTC.")
    last: str
    model: str = Field(description="Model whose credit is compared with the media-mix model.")
    credits: list[CreditRow]
    removal: list[RemovalRow]
    costs: list[CostRow]
    media_run: str | None = Field(description="The fit that journeys are compared with.")
    media_unit: str | None = Field(description="conversions or value; null where nothing is compared.")
    media_start: str | None
    media_end: str | None
    over_credit: list[OverCreditRow]
    inside: list[InsideRow]
    bridge: list[BridgeRow]
    assumptions: list[str]
    findings: list[FindingRow]

    @classmethod
    def empty(cls, findings: list[FindingRow]) -> Self:
        """What a rehearsal prints."""
        return cls(
            run=None,
            folder=None,
            currency="",
            hdi=None,
            touches=0,
            journeys=0,
            conversions=0,
            value=None,
            first="",
            last="",
            model="",
            credits=[],
            removal=[],
            costs=[],
            media_run=None,
            media_unit=None,
            media_start=None,
            media_end=None,
            over_credit=[],
            inside=[],
            bridge=[],
            assumptions=[],
            findings=findings,
        )
