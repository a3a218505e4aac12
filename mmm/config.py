"""The ``[media]`` section of the project file: which columns the media-mix model reads, and what it believes first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from pydantic import Field, field_validator, model_validator

from outlay.project import Section
from outlay.tables import CsvOptions

Adstock = Literal["geometric", "none"]
Saturation = Literal["hill", "logistic"]

_LATER_ADSTOCKS = ("delayed", "weibull")
_LATER_SATURATIONS = ("tanh", "michaelis_menten", "root")


class ChannelSection(Section):
    """One media channel. With ``spend`` it is paid; without, it is organic and needs ``exposure``."""

    name: str = Field(min_length=1, description="Name shown in every table.")
    spend: str | None = Field(None, description="Column of spend per period, in the project's currency.")
    exposure: str | None = Field(
        None, description="Column that the model sees (impressions, clicks, GRPs). Default: the spend itself."
    )
    adstock: Adstock = Field("geometric", description="How the effect carries over: geometric or none.")
    saturation: Saturation = Field("hill", description="How the effect flattens with more exposure: hill or logistic.")

    @field_validator("adstock", mode="before")
    @classmethod
    def _adstock_of_this_version(cls, value: object) -> object:
        if value in _LATER_ADSTOCKS:
            raise ValueError(f'the {value} adstock is not in this version; write "geometric" or "none"')
        return value

    @field_validator("saturation", mode="before")
    @classmethod
    def _saturation_of_this_version(cls, value: object) -> object:
        if value in _LATER_SATURATIONS:
            raise ValueError(f'the {value} saturation is not in this version; write "hill" or "logistic"')
        if value == "none":
            raise ValueError(
                "a channel without saturation is not in this version, because a straight line has no best budget; "
                'write "hill", which can be nearly straight over the spend seen'
            )
        return value


class LeverSection(Section):
    """An owned action, such as price, promotion or distribution: a contribution, but no media cost."""

    name: str = Field(min_length=1, description="Name shown in every table.")
    column: str = Field(description="Column of the lever's value per period.")
    cost: str | None = Field(None, description="Column of what the lever cost per period; then it has an ROI.")
    reference: Literal["min", "max", "mean"] | float = Field(
        "min", description="The value at which the lever does nothing: its contribution is counted from there."
    )


class PriorSection(Section):
    """What the model believes before it sees the data, in words that hold in any unit."""

    paid_share: float = Field(0.10, gt=0, lt=1, description="Share of the KPI caused by all paid media, in the middle.")
    paid_share_sd: float = Field(1.2, gt=0, description="Spread of that belief, as a standard deviation on the logit.")
    roi_ratio: float = Field(
        5.0,
        gt=1,
        description="A channel's ROI may be this many times the typical one, up or down (90 % of the belief).",
    )
    organic_share: float = Field(0.01, gt=0, lt=1, description="Share of the KPI caused by one organic channel.")
    half_life_days: float = Field(7.0, gt=0, description="Adstock half-life in the middle, in days.")


class SamplingSection(Section):
    """Length of the sampling run."""

    draws: int = Field(1000, ge=1, description="Draws kept per chain.")
    tune: int = Field(1000, ge=1, description="Warm-up draws per chain.")
    chains: int = Field(4, ge=2, description="Chains; two at least, because R-hat compares them.")
    target_accept: float = Field(
        0.97, gt=0.5, lt=1, description="Step-size target of the sampler; nearer to 1 is slower and safer."
    )


class MediaSection(Section):
    """The ``[media]`` section."""

    source: str = Field("", description="CSV or Parquet path, or a URI such as duckdb:///file.db?table=weekly.")
    date: str = Field(description="Column of dates, one row per period (and group).")
    date_marks: Literal["start", "end"] = Field(
        "start", description="Whether a weekly date is the first or the last day of its week."
    )
    kpi: str = Field(description="Column of the outcome to explain.")
    kpi_type: Literal["revenue", "units"] = Field("revenue", description="Whether the KPI is money or a count.")
    value_per_kpi: str | float | None = Field(None, description="Money per unit of KPI: a column or a number.")
    group: str | None = Field(None, description="Column of the panel dimension (geo, segment, brand).")
    population: str | None = Field(None, description="Column of the group's size, the same in all its rows.")
    controls: tuple[str, ...] = Field((), description="Columns that move the KPI and are not ours to move.")
    mediators: tuple[str, ...] = Field((), description="Those controls that media move on their way to the KPI.")
    events: tuple[str, ...] = Field((), description="0/1 columns of one-off events.")
    holidays: str | None = Field(None, description='Country code of the holiday calendar, for example "US" or "DE-BY".')
    csv: CsvOptions = Field(default_factory=CsvOptions, description="How a CSV file is written.")
    l_max: int | None = Field(
        None,
        ge=1,
        description="Periods over which an exposure acts. Default: by frequency, and at most an eighth of the data.",
    )
    trend: bool = Field(True, description="Whether the baseline has a linear trend.")
    seasonality: int | None = Field(
        None,
        ge=0,
        description="Order of the yearly Fourier terms, which need a year of data. Default: by frequency.",
    )
    channels: tuple[ChannelSection, ...] = Field(min_length=1, description="The media channels.")
    levers: tuple[LeverSection, ...] = Field((), description="Owned actions: price, promotion, distribution.")
    prior: PriorSection = Field(default_factory=PriorSection, description="What is believed before the data.")
    sampling: SamplingSection = Field(default_factory=SamplingSection, description="How long to sample.")

    @field_validator("value_per_kpi")
    @classmethod
    def _value_above_zero(cls, value: str | float | None) -> str | float | None:
        if isinstance(value, float) and not 0 < value < float("inf"):
            raise ValueError("must be a column or a number above zero")
        return value

    @model_validator(mode="after")
    def _names_are_distinct(self) -> MediaSection:
        names = [channel.name for channel in self.channels] + [lever.name for lever in self.levers]
        _refuse_twice("channel or lever", names)
        _refuse_twice("control or event", (*self.controls, *self.events))
        return self

    @model_validator(mode="after")
    def _mediators_are_controls(self) -> MediaSection:
        stray = [name for name in self.mediators if name not in self.controls]
        if stray:
            raise ValueError(f"mediators names {stray[0]!r}, which is not among controls; add it there or take it out")
        return self

    @model_validator(mode="after")
    def _value_needs_units(self) -> MediaSection:
        if self.kpi_type == "revenue" and self.value_per_kpi is not None:
            raise ValueError(
                'value_per_kpi is for kpi_type = "units": a revenue KPI is money already; take one of the two out'
            )
        return self

    @property
    def paid_channels(self) -> tuple[ChannelSection, ...]:
        """The channels with spend, in file order."""
        return tuple(channel for channel in self.channels if channel.spend is not None)


def _refuse_twice(kind: str, names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"the {kind} name {twice[0]!r} is given twice; every name needs to be its own")
