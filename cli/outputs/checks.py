"""``init`` and ``check``: what was found in the data, and what the prior implies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from outlay.document import Document, FindingRow, Number

if TYPE_CHECKING:
    pass


class InitOutput(Document):
    """``outlay init``."""

    path: str
    written: bool = Field(description="False with --dry-run.")
    text: str = Field(description="The project file.")
    guesses: list[str] = Field(description="What was guessed from column names and has to be confirmed.")
    files: list[str] = Field(description="All files of it, the project file first.")


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


class CheckFact(Document):
    """One line about a section's data."""

    label: str
    text: str


class CheckSection(Document):
    """One section of the project file and its data."""

    section: str
    source: str
    facts: list[CheckFact]
    findings: list[FindingRow]


class CheckOutput(Document):
    """``outlay check``."""

    source: str | None = Field(description="Null, as rows to kpi_total, for a project without [media].")
    rows: int | None
    first_date: str | None
    last_date: str | None
    frequency: str | None
    periods: int | None
    groups: list[str] = Field(description="Empty for a national model.")
    kpi: str | None
    kpi_total: Number
    currency: str
    channels: list[CheckChannel]
    controls: list[str]
    events: list[str]
    levers: list[str]
    findings: list[FindingRow] = Field(description="Of all sections.")
    sections: list[CheckSection] = Field(default=[], description="Every section with data, in the order of the file.")
    prior: PriorOutput | None = Field(default=None, description="With --prior.")
