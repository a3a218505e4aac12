"""``scorecard``: segments and regions against their goals."""

from __future__ import annotations

from pydantic import Field

from outlay.document import Document, FindingRow, Number


class PartRow(Document):
    """Whose row it is; empty where it is all of them together."""

    segment: str
    sub_segment: str
    region: str
    sub_region: str


class MonthRow(PartRow):
    """A part's measure in a month."""

    kind: str = Field(description='"month", or "to_date" where the month has days to come.')
    month: str
    through: str = Field(description="Last day that is counted.")
    measure: str
    counted: Number = Field(description="Leads or money counted by the day of the table.")
    to_come: Number = Field(description="Expected of leads that are there already; null where it is not known.")
    expected: Number = Field(description="Counted and to come.")
    goal: Number = Field(description="Of the whole month; null where there is none.")
    elapsed: Number = Field(description="Part of the month that has usually come by that day, 0 to 1.")
    goal_by_now: Number = Field(description="Goal times that part.")
    pace: Number = Field(description="Expected over the goal by now: 1 is on pace.")
    ends_mean: Number = Field(description="How the month ends: mean and interval of the draws.")
    ends_low: Number
    ends_high: Number
    p_goal: Number = Field(description="Probability that the month reaches its goal; 0 or 1 where nothing is to come.")
    before: Number = Field(description="Expected of the month before; to date: of the same days of it.")
    change: Number = Field(description="Relative change from that; null where a month is not whole.")
    change_low: Number = Field(description="Interval by chance alone.")
    change_high: Number


class YearRow(PartRow):
    """A part's measure in the year."""

    year: str = Field(description="First day of the year.")
    through: str
    measure: str
    counted: Number
    to_come: Number
    expected: Number
    goal: Number
    goal_by_now: Number = Field(description="Goals of the months that are over and the due part of the running one.")
    pace: Number
    ends_mean: Number
    ends_low: Number
    ends_high: Number
    p_goal: Number = Field(description="Probability that the year reaches its goal.")


class RateRow(PartRow):
    """A rate between two stages, of leads that had their time."""

    month: str = Field(description="Month in which these leads were created: the latest whose leads had their time.")
    of: str
    to: str
    trials: Number
    successes: Number
    rate: Number
    rate_low: Number = Field(description="Jeffreys' interval.")
    rate_high: Number
    before_trials: Number = Field(description="Of the month before.")
    before_successes: Number


class OriginRow(PartRow):
    """What one origin brought."""

    month: str
    origin: str
    measure: str
    counted: Number
    whole: Number = Field(description="Of all origins together.")
    share: Number
    share_low: Number = Field(description="Jeffreys' interval; null for money.")
    share_high: Number
    before_counted: Number
    before_share: Number
    year_counted: Number
    year_share: Number


class BridgeRow(PartRow):
    """Why a measure changed from the month before; volume, mix, rate and other add up to after minus before."""

    month: str
    by: str = Field(description='Parts over which the mix is taken: "segment", "region" or "segment x region".')
    measure: str
    before: Number
    after: Number
    volume: Number
    mix: Number
    rate: Number
    other: Number = Field(description="Of parts without leads in the month.")


class HistoryRow(PartRow):
    """A part's measure in one of all months."""

    month: str
    measure: str
    counted: Number
    to_come: Number
    goal: Number
    whole: bool = Field(description="Whether every day of the month is in the table.")


class ScorecardOutput(Document):
    """``outlay scorecard``."""

    run: str | None = Field(description="Null with --dry-run.")
    month: str
    as_of: str = Field(description="Day of the table of leads.")
    running: str | None = Field(description="The month that has days to come; null where there is none.")
    year: str
    counted_by: str = Field(description='Month that a stage counts in: "created" or "reached".')
    pace: str = Field(description="How a month is prorated.")
    currency: str
    hdi: float
    stages: list[str]
    rows: list[MonthRow]
    years: list[YearRow]
    rates: list[RateRow]
    origins: list[OriginRow]
    bridge: list[BridgeRow]
    history: list[HistoryRow]
    findings: list[FindingRow]
