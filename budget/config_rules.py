"""The planner's rules as they stand in the project file."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from outlay.project import Section
from outlay.style import written

Timing = Literal["reference", "even", "free"]

MOST_MONEY = 9e13
"""The largest amount: cents of it are still whole numbers that a double holds."""

Amount = Annotated[float, Field(ge=0, le=MOST_MONEY)]
Positive = Annotated[float, Field(gt=0, le=MOST_MONEY)]


def _once(names: tuple[str, ...] | None, what: str) -> tuple[str, ...] | None:
    if names is None:
        return None
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)} is named twice in one group of {what}; name it once")
    return names


def _ordered(low: float | None, high: float | None, names: str) -> None:
    if low is not None and high is not None and low > high:
        least, most = names.split()
        told = [written(f"{x:,.10g}") for x in (low, high)]
        raise ValueError(f"{least} ({told[0]}) is above {most} ({told[1]}), so no amount is left")


class _Dated(Section):
    """A rule that may hold for a part of the window only."""

    first: date | None = Field(None, description="Any day of the first period that counts. Default: the window's.")
    last: date | None = Field(None, description="Any day of the last period that counts. Default: the window's.")
    hard: bool = Field(False, description="True: a repair of rules that conflict must leave this one as it is.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError(f"first ({self.first}) is after last ({self.last})")
        return self


class BoundSection(_Dated):
    """A rule on one channel, on one group, on a channel in a group, or on some periods of these.

    Amounts are totals over the periods that count: the window, or ``first`` to ``last``.
    """

    channel: str | None = Field(
        None, min_length=1, description="Channel, as named in [[media.channels]]. Default: all channels together."
    )
    group: str | None = Field(None, description="Group; without it the rule holds for the sum over groups.")
    min: Amount | None = Field(None, description="Least spend.")
    max: Amount | None = Field(None, description="Most spend.")
    max_change: Amount | None = Field(None, description="Largest change against the reference plan: 0.3 is +-30 %.")
    max_change_amount: Amount | None = Field(
        None, description="Largest change against the reference plan, in currency."
    )
    period_min: Amount | None = Field(None, description="Least spend in each single period.")
    period_max: Amount | None = Field(None, description="Most spend in each single period.")
    min_or_zero: Positive | None = Field(None, description="Nothing at all, or at least this much.")
    min_or_zero_per_period: Positive | None = Field(
        None, description="In each single period: nothing at all, or at least this much."
    )
    max_step: Positive | None = Field(
        None, description="Largest step of each cell between neighbouring periods, in parts of its mean per period."
    )
    timing: Timing | tuple[Amount, ...] | None = Field(
        None, description='Spread over the window: "reference", "even", "free", or one number per period (a pattern).'
    )
    active: tuple[tuple[date, date], ...] | None = Field(
        None, min_length=1, description="Stretches of days ([first, last]) whose periods may have spend; no others."
    )

    @model_validator(mode="after")
    def _has_scope(self) -> Self:
        if self.channel is None and self.group is None and self.first is None and self.last is None:
            raise ValueError("a bound needs a channel, a group, or first and last; the total is [plan] budget")
        return self

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        scope = {"channel", "group", "first", "last", "hard"}
        if all(getattr(self, name) is None for name in type(self).model_fields if name not in scope):
            raise ValueError("a bound states no rule: write min, max, max_change or another limit")
        _ordered(self.min, self.max, "min max")
        _ordered(self.period_min, self.period_max, "period_min period_max")
        _ordered(self.min_or_zero, self.max, "min_or_zero max")
        _ordered(self.min_or_zero_per_period, self.period_max, "min_or_zero_per_period period_max")
        return self

    @model_validator(mode="after")
    def _whole_window(self) -> Self:
        dated = self.first is not None or self.last is not None
        for name in ("timing", "active"):
            if dated and getattr(self, name) is not None:
                raise ValueError(f"{name} speaks of the whole window; take first and last out of this bound")
        if isinstance(self.timing, tuple) and not sum(self.timing) > 0:
            raise ValueError("a pattern needs one number per period, and at least one above zero")
        for first, last in self.active or ():
            if first > last:
                raise ValueError(f"active: {first} is after {last}")
        return self


class ShareSection(_Dated):
    """A rule on what some channels get together: a share of the total, or an amount."""

    channels: tuple[str, ...] | None = Field(
        None, min_length=1, description="Channels that count together. Default: all."
    )
    groups: tuple[str, ...] | None = Field(None, min_length=1, description="Groups that count together. Default: all.")
    min_share: float | None = Field(None, ge=0, le=1, description="Least share of the budget, 0 to 1.")
    max_share: float | None = Field(None, ge=0, le=1, description="Largest share of the budget, 0 to 1.")
    min: Amount | None = Field(None, description="Least spend together.")
    max: Amount | None = Field(None, description="Most spend together.")

    _channels_once = field_validator("channels")(lambda value: _once(value, "channels"))
    _groups_once = field_validator("groups")(lambda value: _once(value, "groups"))

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.channels is None and self.groups is None:
            raise ValueError("a group of channels needs channels, groups, or both")
        if self.min_share is self.max_share is self.min is self.max is None:
            raise ValueError("a group of channels states no rule: write min_share, max_share, min or max")
        _ordered(self.min, self.max, "min max")
        _ordered(self.min_share, self.max_share, "min_share max_share")
        return self


class RatioSection(_Dated):
    """A rule on what some channels get for each unit of currency of others."""

    channels: tuple[str, ...] = Field(min_length=1, description="Channels whose sum is compared.")
    to: tuple[str, ...] = Field(min_length=1, description="Channels whose sum it is compared with.")
    min: Amount | None = Field(None, description="Least ratio: sum of channels >= min x sum of to.")
    max: Amount | None = Field(None, description="Largest ratio: sum of channels <= max x sum of to.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        _once(self.channels, "channels")
        _once(self.to, "channels")
        both = sorted(set(self.channels) & set(self.to))
        if both:
            raise ValueError(f"{', '.join(both)} stands on both sides of a ratio")
        if self.min is self.max is None:
            raise ValueError("a ratio states no rule: write min or max")
        _ordered(self.min, self.max, "min max")
        return self


class LockSection(_Dated):
    """Spend that is already decided."""

    channel: str = Field(min_length=1, description="Channel, as named in [[media.channels]].")
    group: str | None = Field(None, description="Group; without it all groups of the channel.")
    spend: Amount | None = Field(
        None, description="Spend of these cells in these periods. Default: the reference plan's amounts, one by one."
    )
    hard: bool = Field(True, description="False: a repair of rules that conflict may move this amount.")


class CapacitySection(Section):
    """A limit on the outcome that can be worked downstream, such as leads that sellers call.

    With ``value_from = "conversion"`` it is the leads of a segment, or of all, that sellers can work.
    """

    segment: str | None = Field(
        None, min_length=1, description="Segment whose leads these sellers work. Default: all segments together."
    )
    channels: tuple[str, ...] | None = Field(
        None, min_length=1, description="Channels that count. Default: all. Not where sellers work leads by segment."
    )
    groups: tuple[str, ...] | None = Field(None, min_length=1, description="Groups that count. Default: all.")
    most: Amount | None = Field(None, description="Most units of outcome (leads) that can be worked in the window.")
    hours: Amount | None = Field(None, description="Hours at hand in the window, instead of most.")
    hours_per_unit: Positive | None = Field(None, description="Hours that one unit of outcome (a lead) takes.")

    _channels_once = field_validator("channels")(lambda value: _once(value, "channels"))
    _groups_once = field_validator("groups")(lambda value: _once(value, "groups"))

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if (self.hours is None) != (self.hours_per_unit is None):
            raise ValueError("hours and hours_per_unit go together")
        if (self.most is None) == (self.hours is None):
            raise ValueError("a capacity needs most, or hours with hours_per_unit, and not both")
        if self.segment is not None and self.channels is not None:
            raise ValueError("sellers of a segment work the leads of all channels; take channels out")
        return self

    @property
    def limit(self) -> float:
        """Most units of outcome, from ``most`` or from the hours."""
        if self.most is not None:
            return self.most
        return float(self.hours or 0.0) / float(self.hours_per_unit or 1.0)


class VolumeSection(Section):
    """Leads, or those of them that come as far as a stage, that a plan must bring; or a number to be told the odds of.

    Expected over the window, as if every lead could be worked.
    """

    segment: str | None = Field(None, min_length=1, description="Segment that counts. Default: all.")
    channel: str | None = Field(None, min_length=1, description="Channel that counts. Default: all.")
    group: str | None = Field(None, min_length=1, description="Group that counts. Default: all.")
    stage: str | None = Field(
        None, min_length=1, description="Stage of [leads] that counts. Default: the first, the lead itself."
    )
    min: Positive | None = Field(None, description="Least expected number that the plan must bring.")
    goal: Positive | None = Field(None, description="A number that the probability of reaching is told of.")
    counts: Literal["media", "all"] = Field(
        "media", description='What counts: what "media" bring, or "all" with the leads that come anyway.'
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.min is self.goal is None:
            raise ValueError("a volume states no rule: write min or goal")
        if self.channel is not None and self.counts == "all":
            raise ValueError('the leads that come anyway belong to no channel; write counts = "media"')
        return self


class RiskSection(Section):
    """How the uncertainty of the outcome counts."""

    measure: Literal["mean", "cvar", "blend"] = Field(
        "mean", description='The "mean" of the draws, the mean of the worst ("cvar"), or a "blend" of the two.'
    )
    level: float = Field(0.1, gt=0, le=1, description="Share of the draws that count as the worst.")
    weight: float = Field(0.5, ge=0, le=1, description="Part of the worst draws in a blend, 0 to 1.")
    of: Literal["outcome", "gain"] = Field(
        "outcome", description='Whether the worst draws are those of the "outcome" or of the "gain" over the reference.'
    )

    @model_validator(mode="after")
    def _means_something(self) -> Self:
        # Values and not what was stated: a section that was saved in full states all of them.
        stated = {name for name, field in type(self).model_fields.items() if getattr(self, name) != field.default}
        if self.measure == "mean" and stated:
            raise ValueError(
                f'{", ".join(sorted(stated))} mean nothing beside measure = "mean"; write "cvar" or "blend"'
            )
        if self.measure == "cvar" and "weight" in stated:
            raise ValueError('weight means nothing beside measure = "cvar"; write "blend"')
        return self

    @property
    def tail(self) -> float:
        """Part of the worst draws in the measure: 0 for the mean, 1 for the CVaR."""
        return {"mean": 0.0, "cvar": 1.0, "blend": self.weight}[self.measure]
