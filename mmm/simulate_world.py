"""What a simulated market is made of: small frozen descriptions, all numbers fixed before anything is drawn.

Sizes are those of a group of size one; groups differ by their size. Effects of everything but media are shares of the
baseline's level, so that a level in another currency is the same market.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from mmm.config import MediaSection
from outlay.errors import ConfigError
from outlay.project import ProjectSection
from outlay.transforms import SATURATIONS, Array

DEMAND = "demand"
SEASON = "season"
"""A channel can follow these, besides drivers, levers and events: the KPI of all but the followers, and the season."""

Follows = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Schedule:
    """When a channel or lever runs.

    Attributes
    ----------
    on : float
        Share of periods in which it runs.
    length : int
        Periods of a flight.
    calendar : str
        Those with the same calendar run in the same flights; empty for flights of its own.
    local : bool
        Whether each group has flights of its own.
    """

    on: float = 0.6
    length: int = 3
    calendar: str = ""
    local: bool = True


@dataclass(frozen=True)
class Channel:
    """A channel as it truly is.

    Attributes
    ----------
    name : str
        Its name; columns are ``<name>_spend``, and ``<name>_exposure`` or ``<name>_reach`` and ``<name>_frequency``.
    effect : float
        KPI per period under a constant exposure of the nominal size, in a group of size one.
    spend : float
        Nominal size: mean spend of a period in which it runs; of an organic channel, mean contacts.
    paid : bool
        Whether it costs money; an organic channel does not.
    cost : float or None
        Currency per unit of exposure; None where the spend is the exposure.
    frequency : float or None
        Mean contacts per person reached; with it, the channel is measured by reach and frequency.
    adstock, half_life, shape
        Carry-over as in :func:`outlay.transforms.adstock_weights`, in periods.
    saturation, half_saturation, exponent
        Saturation as in :data:`outlay.transforms.SATURATIONS`, in multiples of the nominal exposure; of a channel with
        reach and frequency, in contacts.
    saturation_first : bool
        Whether each period's exposure saturates before it carries over.
    schedule : Schedule
        When it runs.
    variation : float
        Coefficient of variation of spend while it runs.
    follows : tuple of (str, float)
        Standardised series that spend follows, each with the log change of spend per sd.
    spread : float
        Log sd of its effect over groups.
    told : mapping
        Keys of the channel's section that differ from the truth.
    """

    name: str
    effect: float = 20_000.0
    spend: float = 20_000.0
    paid: bool = True
    cost: float | None = None
    frequency: float | None = None
    adstock: str = "geometric"
    half_life: float = 1.5
    shape: float = 1.0
    saturation: str = "hill"
    half_saturation: float = 1.5
    exponent: float = 1.0
    saturation_first: bool = False
    schedule: Schedule = field(default_factory=Schedule)
    variation: float = 0.5
    follows: Follows = ()
    spread: float = 0.25
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def unit(self) -> float:
        """Nominal exposure of a period, or nominal reach."""
        return self.spend / (self.cost or 1.0) / (self.frequency or 1.0)

    @property
    def ceiling(self) -> float:
        """KPI per period per unit of saturated media: the effect over the response to constant nominal exposure."""
        at = np.asarray(self.frequency if self.frequency is not None else 1.0)
        response = SATURATIONS[self.saturation].value(at, np.asarray(self.half_saturation), np.asarray(self.exponent))
        return float(self.effect / response)


@dataclass(frozen=True)
class Driver:
    """A series that moves demand, media, or both; seen as a control where it has a column.

    Attributes
    ----------
    name : str
        Its name, which channels can follow.
    effect : float
        Change of the KPI per sd (of a step: by the whole step), as a share of the level.
    kind : {"wave", "walk", "step"}
        A stationary series, a random walk with sd one over the shown periods, or a step from 0 to 1.
    persistence : float
        Correlation of neighbouring periods of a wave.
    at : float
        Share of the shown periods after which a step comes.
    local : bool
        Whether each group has a wave of its own.
    column : str
        Column under which the user sees it, as a control; empty for a hidden one.
    mean, sd : float
        Unit of that column.
    carries : tuple of (str, float)
        Channels whose effect flows through this driver, each with the share that does. The column then holds it.
    """

    name: str
    effect: float = 0.0
    kind: Literal["wave", "walk", "step"] = "wave"
    persistence: float = 0.8
    at: float = 0.5
    local: bool = False
    column: str = ""
    mean: float = 10.0
    sd: float = 1.0
    carries: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Lever:
    """A promotion: it runs at times, at some depth, moves the KPI and may cost money.

    Attributes
    ----------
    name : str
        Its name and, where seen, its column.
    effect : float
        Change of the KPI per unit of depth, as a share of the level; negative where it lowers the KPI.
    low, high : float
        Depth while it runs.
    cost : float or None
        Currency per unit of depth and period, in a group of size one; then ``<name>_cost`` is a column.
    schedule : Schedule
        When it runs.
    seen : bool
        Whether the user has it in his table.
    told : mapping
        Keys of the lever's section that differ from the default.
    """

    name: str
    effect: float = 0.3
    low: float = 0.1
    high: float = 0.4
    cost: float | None = None
    schedule: Schedule = field(default_factory=lambda: Schedule(on=0.3, length=1))
    seen: bool = True
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """A one-off that returns: period ``at`` of every ``every`` periods. ``effect`` is a share of the level."""

    name: str
    effect: float = 0.1
    every: int = 26
    at: int = 5
    seen: bool = True


@dataclass(frozen=True)
class Baseline:
    """Demand without media, as shares of its level.

    Attributes
    ----------
    level : float
        KPI per period in a group of size one.
    trend : float
        Change from the first to the last shown period.
    bends : tuple of (float, float)
        Share of the shown periods at which the trend bends, and by how much its change over all periods changes there.
    season : tuple of (float, float)
        Amplitudes of the yearly sine and cosine waves, first order first.
    holidays : str or None
        Country whose holidays matter.
    holiday_effect : float
        Change of the KPI in a period that is a holiday throughout.
    """

    level: float = 400_000.0
    trend: float = 0.05
    bends: tuple[tuple[float, float], ...] = ()
    season: tuple[tuple[float, float], ...] = ((0.06, 0.04),)
    holidays: str | None = None
    holiday_effect: float = 0.1


@dataclass(frozen=True)
class Noise:
    """What nobody can explain.

    Attributes
    ----------
    sd : float
        Its scale, as a share of the level (on the log scale for ``link = "log"``).
    nu : float or None
        Degrees of freedom of a Student-t; None for a normal.
    persistence : float
        Correlation of neighbouring periods.
    """

    sd: float = 0.03
    nu: float | None = None
    persistence: float = 0.0


@dataclass(frozen=True)
class Groups:
    """The groups of a panel.

    Attributes
    ----------
    names : tuple of str
        Their names; none for a national market.
    size : float
        Log sd of their sizes.
    curves : float
        Log sd of a channel's half-saturation over groups.
    season : float
        Log sd of the season's strength over groups.
    population : bool
        Whether the user has a column of their populations.
    """

    names: tuple[str, ...] = ()
    size: float = 0.4
    curves: float = 0.0
    season: float = 0.0
    population: bool = False


@dataclass(frozen=True)
class World:
    """A market before anything is drawn: :func:`mmm.simulate.simulate` draws one of its histories.

    Attributes
    ----------
    channels, drivers, levers, events
        What moves it.
    baseline, groups, noise
        What it is.
    link : {"identity", "log"}
        Whether effects add up or multiply.
    value : float or None
        Money per unit of KPI; the KPI is money itself where there is none.
    n : int
        Periods that the user sees.
    freq, start : str
        Their dates, as in :func:`pandas.date_range`.
    memory : int
        Periods over which an exposure truly acts. As many run before the first row that the user sees.
    told : mapping
        Keys of the section that differ from the truth.
    """

    channels: tuple[Channel, ...]
    drivers: tuple[Driver, ...] = ()
    levers: tuple[Lever, ...] = ()
    events: tuple[Event, ...] = ()
    baseline: Baseline = field(default_factory=Baseline)
    groups: Groups = field(default_factory=Groups)
    noise: Noise = field(default_factory=Noise)
    link: Literal["identity", "log"] = "identity"
    value: float | None = None
    n: int = 156
    freq: str = "7D"
    start: str = "2022-01-03"
    memory: int = 13
    told: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a description that contradicts itself."""
        named: tuple[Driver | Lever | Event, ...] = (*self.drivers, *self.levers, *self.events)
        known = {SEASON, DEMAND} | {part.name for part in named}
        for channel in self.channels:
            unknown = [name for name, _ in channel.follows if name not in known]
            if unknown:
                _refuse(f"channel {channel.name}", f"it follows {unknown[0]!r}, and the world has {sorted(known)}")
            if channel.frequency is not None and (channel.saturation != "hill" or channel.frequency < 1):
                _refuse(
                    f"channel {channel.name}", "reach and frequency go with a hill curve and a frequency of 1 or more"
                )
        names = {channel.name for channel in self.channels}
        for driver in self.drivers:
            for name, _ in driver.carries:
                if name not in names or driver.effect == 0:
                    _refuse(f"driver {driver.name}", f"it carries {name!r}: that needs such a channel and an effect")
        if self.link == "log" and self.noise.nu is not None:
            _refuse("noise", "the mean of a multiplicative KPI does not exist under Student-t noise")


def _refuse(where: str, what: str) -> None:
    raise ConfigError(what, where=f"simulated world, {where}", repair="Describe the world without the contradiction.")


def standardised(x: Array) -> Array:
    """A series less its mean, over its sd; all zero where it never moves."""
    sd = x.std()
    return np.asarray((x - x.mean()) / sd) if sd > 0 else np.zeros_like(x)


def section_of(world: World) -> MediaSection:
    """How a user would describe the market: truly, but for what he is ``told``."""
    baseline, groups = world.baseline, world.groups
    keys: dict[str, Any] = {
        "date": "date",
        "kpi": "sales",
        "group": "geo" if groups.names else None,
        "population": "population" if groups.names and groups.population else None,
        "controls": tuple(driver.column for driver in world.drivers if driver.column),
        "mediators": tuple(driver.column for driver in world.drivers if driver.column and driver.carries),
        "events": tuple(event.name for event in world.events if event.seen),
        "holidays": baseline.holidays,
        "seasonality": len(baseline.season),
        "likelihood": "log" if world.link == "log" else "student_t" if world.noise.nu is not None else "normal",
        "levers": [
            {"name": lever.name, "column": lever.name, "cost": f"{lever.name}_cost" if lever.cost is not None else None}
            | dict(lever.told)
            for lever in world.levers
            if lever.seen
        ],
        "channels": [_described(channel) for channel in world.channels],
    }
    if world.value is not None:
        keys |= {"kpi_type": "units", "value_per_kpi": world.value}
    return MediaSection(**(keys | dict(world.told)))


def _described(channel: Channel) -> dict[str, Any]:
    name, reaches = channel.name, channel.frequency is not None
    keys: dict[str, Any] = {
        "name": name,
        "spend": f"{name}_spend" if channel.paid else None,
        "adstock": channel.adstock,
        "saturation": channel.saturation,
        "saturation_first": channel.saturation_first,
    }
    if reaches:
        keys |= {"reach": f"{name}_reach", "frequency": f"{name}_frequency", "saturation_first": False}
    elif channel.cost is not None or not channel.paid:
        keys["exposure"] = f"{name}_exposure"
    if channel.saturation == "hill" and channel.exponent != 1 and not reaches:
        keys["slope"] = "free"
    return keys | dict(channel.told)


def shown_dates(world: World) -> pd.DatetimeIndex:
    """The dates that the user sees."""
    return pd.date_range(world.start, periods=world.n, freq=world.freq)


PROJECT = ProjectSection(name="simulated", currency="EUR")
"""The project that every simulated market belongs to."""
