"""The ``[media]`` section of the project file: which columns the media-mix model reads, and what it believes first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from pydantic import Field, field_validator, model_validator

from outlay.project import Section
from outlay.tables import CsvOptions

Adstock = Literal["geometric", "delayed", "weibull", "weibull_cdf", "none"]
Saturation = Literal["hill", "logistic", "tanh", "michaelis_menten", "root", "none"]

MediaType = Literal[
    "tv", "video", "radio", "print", "ooh", "search", "social", "display", "shopping", "affiliate", "email"
]

Engine = Literal["auto", "kernel", "pymc", "jax"]

SHAPED_ADSTOCKS = ("delayed", "weibull", "weibull_cdf")
"""Adstocks with a second parameter: periods until the peak, or the Weibull shape."""

BENT_SATURATIONS = ("hill", "logistic", "tanh", "michaelis_menten")
"""Saturations with a half-saturation."""


class ChannelPriorSection(Section):
    """What is believed about one channel's effect: as mean and sd, or as a range with a probability."""

    on: Literal["roi", "share", "coefficient"] = Field(
        "roi",
        description="What the numbers are about: the ROI, the share of the KPI caused, or the coefficient (share of "
        "the mean KPI at full saturation).",
    )
    mean: float | None = Field(None, description="Mean of the belief.")
    sd: float | None = Field(None, gt=0, description="Its standard deviation.")
    low: float | None = Field(None, description="Lower end of the range.")
    high: float | None = Field(None, description="Upper end of the range.")
    probability: float = Field(0.9, gt=0, lt=1, description="Belief that the number lies between low and high.")
    family: Literal["lognormal", "normal"] = Field(
        "lognormal", description="lognormal (never negative) or normal (may be negative)."
    )

    @model_validator(mode="after")
    def _one_form(self) -> ChannelPriorSection:
        by_mean, by_range = (self.mean, self.sd), (self.low, self.high)
        stated = [None not in pair for pair in (by_mean, by_range)]
        partly = any((one is None) != (other is None) for one, other in (by_mean, by_range))
        if partly or sum(stated) != 1:
            raise ValueError("give mean and sd, or low and high (with a probability), and not both")
        numbers = [number for number in (self.mean, self.low, self.high) if number is not None]
        if self.family == "lognormal" and min(numbers) <= 0:
            raise ValueError('a lognormal belief is about numbers above zero; write family = "normal" for a signed one')
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low needs to be below high")
        if self.on == "coefficient" and self.family == "normal":
            raise ValueError('a belief on the coefficient is lognormal; put a signed one on = "share"')
        return self


class ChannelSection(Section):
    """One media channel. With ``spend`` it is paid; without, it is organic and needs ``exposure``.

    With ``reach`` and ``frequency`` instead of an exposure, the effect is linear in reach and bends with frequency.
    """

    name: str = Field(min_length=1, description="Name shown in every table.")
    spend: str | None = Field(None, description="Column of spend per period, in the project's currency.")
    exposure: str | None = Field(
        None, description="Column that the model sees (impressions, clicks, GRPs). Default: the spend itself."
    )
    reach: str | None = Field(None, description="Column of people reached per period; needs frequency.")
    frequency: str | None = Field(None, description="Column of average contacts per person reached; needs reach.")
    media_type: MediaType | None = Field(None, description="Kind of media; it sets the belief about the half-life.")
    adstock: Adstock = Field(
        "geometric", description="How the effect carries over: geometric, delayed, weibull, weibull_cdf or none."
    )
    saturation: Saturation = Field(
        "hill",
        description="How the effect flattens with more exposure: hill, logistic, tanh, michaelis_menten, root or none.",
    )
    slope: float | Literal["free"] = Field(
        1.0,
        description='Slope of the Hill curve: a number, or "free" to estimate it (S-shaped above 1). '
        "On frequency it is always free.",
    )
    saturation_first: bool = Field(
        False, description="Whether each period's exposure saturates before it carries over."
    )
    half_life_days: float | None = Field(
        None,
        gt=0,
        description="Half-life in the middle of the prior, in days. Default: by media_type, or [media.prior].",
    )
    prior: ChannelPriorSection | None = Field(
        None, description="A belief of its own about this channel's effect, instead of its part of the paid total."
    )

    @field_validator("slope")
    @classmethod
    def _slope_above_zero(cls, value: float | str) -> float | str:
        if not isinstance(value, str) and not 0 < value < float("inf"):
            raise ValueError('must be a number above zero or "free"')
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> ChannelSection:
        if (self.reach is None) != (self.frequency is None):
            raise ValueError("reach and frequency go together: name both columns or neither")
        if self.reach is not None and self.exposure is not None:
            raise ValueError("a channel has an exposure, or reach and frequency; take one out")
        if self.slope != 1.0 and self.saturation != "hill":
            raise ValueError(f'slope belongs to saturation = "hill", and this is "{self.saturation}"')
        if self.reach is not None and self.saturation != "hill":
            raise ValueError('a channel with reach and frequency has saturation = "hill" (on frequency)')
        if self.reach is not None and self.slope not in (1.0, "free"):
            raise ValueError("the slope on frequency is always free; take slope out")
        if self.half_life_days is not None and self.adstock == "none":
            raise ValueError(
                'half_life_days is about carry-over, and adstock = "none" has none; take one of the two out'
            )
        if self.prior is not None and self.prior.on == "roi" and self.spend is None:
            raise ValueError('an organic channel has no ROI; put its prior on = "share"')
        return self

    @property
    def reaches(self) -> bool:
        """Whether the channel is measured by reach and frequency."""
        return self.reach is not None


class LeverSection(Section):
    """An owned action, such as price, promotion or distribution; with a cost it is planned beside media."""

    name: str = Field(min_length=1, description="Name shown in every table.")
    column: str = Field(description="Column of the lever's value per period.")
    cost: str | None = Field(
        None, description="Column of what the lever cost per period; then it has an ROI and is planned."
    )
    reference: Literal["min", "max", "mean"] | float = Field(
        "min", description="The value at which the lever does nothing: its contribution is counted from there."
    )
    sign: Literal["any", "positive", "negative"] = Field(
        "any", description="Direction of its effect where it is known: more of it raises (or lowers) the KPI."
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

    engine: Engine = Field(
        "auto", description="Route to the posterior: our kernel where it can express the model, else PyMC."
    )
    draws: int = Field(1000, ge=1, description="Draws kept per chain.")
    tune: int = Field(1000, ge=1, description="Warm-up draws per chain.")
    chains: int = Field(4, ge=2, description="Chains; two at least, because R-hat compares them.")
    target_accept: float | None = Field(
        None,
        gt=0.5,
        lt=1,
        description="Step-size target of the sampler; nearer to 1 is slower and safer. Default: 0.9 by the kernel "
        "(0.95 with groups), 0.97 by PyMC.",
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
    group: str | tuple[str, str] | None = Field(
        None,
        description='Column of the panel dimension (geo, segment, brand), or two: ["region", "store"] nested or '
        '["geo", "brand"] crossed.',
    )
    hierarchy: Literal["lognormal", "normal"] = Field(
        "lognormal",
        description="How a channel's effect differs between groups: lognormal (never negative) or normal (signed).",
    )
    likelihood: Literal["normal", "student_t", "log"] = Field(
        "normal",
        description="normal; student_t, which forgives outliers; or log, where effects multiply (KPI above zero).",
    )
    population: str | None = Field(None, description="Column of the group's size, the same in all its rows.")
    controls: tuple[str, ...] = Field((), description="Columns that move the KPI and are not ours to move.")
    mediators: tuple[str, ...] = Field((), description="Those controls that media move on their way to the KPI.")
    events: tuple[str, ...] = Field((), description="0/1 columns of one-off events.")
    holidays: str | None = Field(None, description='Country code of the holiday calendar, for example "US" or "DE-BY".')
    csv: CsvOptions = Field(default_factory=CsvOptions, description="How a CSV file is written.")
    l_max: int | None = Field(
        None,
        ge=1,
        description="Periods over which an exposure acts. Default: from the half-lives, at most an eighth of the data.",
    )
    trend: bool = Field(True, description="Whether the baseline has a trend.")
    knots: int = Field(0, ge=0, le=50, description="Bends of the trend, evenly spaced; 0 is a straight line.")
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
    def _knots_bend_a_trend(self) -> MediaSection:
        if self.knots and not self.trend:
            raise ValueError("knots bend the trend, and trend = false leaves none; take one of the two out")
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
    def groups(self) -> tuple[str, ...]:
        """The columns of the panel dimension: none, one or two."""
        if self.group is None:
            return ()
        return (self.group,) if isinstance(self.group, str) else self.group

    @property
    def paid_channels(self) -> tuple[ChannelSection, ...]:
        """The channels with spend, in file order."""
        return tuple(channel for channel in self.channels if channel.spend is not None)


def _refuse_twice(kind: str, names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"the {kind} name {twice[0]!r} is given twice; every name needs to be its own")
