"""The series of a simulated market, each drawn from a stream of its own: another channel changes none of the others."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.calendar import detect_frequency, year_phase
from mmm.holiday_calendar import holiday_matrix, holiday_names
from mmm.simulate_world import (
    DEMAND,
    SEASON,
    Baseline,
    Channel,
    Driver,
    Event,
    Lever,
    Schedule,
    World,
    shown_dates,
    standardised,
)
from outlay.transforms import SATURATIONS, Array, adstock_weights

Series = Mapping[str, Array]


@dataclass(frozen=True)
class Line:
    """The whole timeline of a market: periods before, of, and after the table that the user sees.

    Attributes
    ----------
    dates : DatetimeIndex (L,)
        All periods.
    shown : slice
        Those that the user sees.
    groups : tuple of str
        The groups; ``("all",)`` for a national market.
    """

    dates: pd.DatetimeIndex
    shown: slice
    groups: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Periods and groups."""
        return len(self.dates), len(self.groups)

    @property
    def clock(self) -> Array:
        """Time of each period: 0 at the first shown one, 1 at the last, (L,)."""
        n = self.shown.stop - self.shown.start
        return np.asarray((np.arange(len(self.dates)) - self.shown.start) / max(n - 1, 1))


def timeline(world: World) -> Line:
    """The periods of a world: its memory before the first row, its rows, and its memory after the last."""
    dates = shown_dates(world)
    before = pd.date_range(end=dates[0], periods=world.memory + 1, freq=dates.freq)[:-1]
    after = pd.date_range(start=dates[-1], periods=world.memory + 1, freq=dates.freq)[1:]
    whole = pd.DatetimeIndex(np.concatenate([before, dates, after]))
    return Line(whole, slice(world.memory, world.memory + world.n), world.groups.names or ("all",))


def stream(seed: int, *names: str) -> np.random.Generator:
    """The random stream of one part of one market."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


def wave(rng: np.random.Generator, shape: tuple[int, ...], persistence: float, nu: float | None = None) -> Array:
    """A stationary first-order series along the first axis, of unit scale (sd, if normal)."""
    steps = rng.standard_normal(shape) if nu is None else rng.standard_t(nu, shape)
    out = np.empty(shape)
    out[0] = steps[0]
    for t in range(1, shape[0]):
        out[t] = persistence * out[t - 1] + np.sqrt(1.0 - persistence**2) * steps[t]
    return out


def driver_series(driver: Driver, line: Line, seed: int) -> Array:
    """A driver over the timeline, (L, G)."""
    rng = stream(seed, "driver", driver.name)
    if driver.kind == "step":
        series = (line.clock >= driver.at).astype(float)
    elif driver.kind == "walk":
        series = np.cumsum(rng.standard_normal(len(line.dates)))
        series = (series - series[line.shown.start]) / np.sqrt(line.shown.stop - line.shown.start)
    elif driver.local:
        return wave(rng, line.shape, driver.persistence)
    else:
        series = wave(rng, (len(line.dates),), driver.persistence)
    return np.repeat(series[:, None], len(line.groups), axis=1)


def running(schedule: Schedule, line: Line, seed: int, name: str) -> Array:
    """One where it runs, zero where not, (L, G)."""
    rng = stream(seed, "calendar", schedule.calendar or name)
    periods, groups = line.shape
    blocks = rng.random((-(-periods // schedule.length), groups)) < schedule.on
    on = np.repeat(blocks, schedule.length, axis=0)[:periods]
    return np.asarray((on if schedule.local else on[:, :1] & np.ones((1, groups), bool)).astype(float))


def lever_series(lever: Lever, line: Line, seed: int) -> Array:
    """A lever's depth, (L, G); zero where it does not run."""
    depth = stream(seed, "lever", lever.name).uniform(lever.low, lever.high, line.shape)
    return depth * running(lever.schedule, line, seed, f"lever {lever.name}")


def event_series(event: Event, line: Line) -> Array:
    """One in the event's periods, zero else, (L, G)."""
    index = np.arange(len(line.dates)) - line.shown.start
    return np.repeat((index % event.every == event.at).astype(float)[:, None], len(line.groups), axis=1)


def trend(baseline: Baseline, line: Line) -> Array:
    """The trend with its bends, around zero over the shown periods, (L,)."""
    clock = line.clock
    series = baseline.trend * clock
    for at, change in baseline.bends:
        series = series + change * np.maximum(clock - at, 0.0)
    return np.asarray(series - series[line.shown].mean())


def season(baseline: Baseline, line: Line) -> Array:
    """The yearly waves, (L,)."""
    phase = 2 * np.pi * year_phase(line.dates)
    waves = [a * np.sin(k * phase) + b * np.cos(k * phase) for k, (a, b) in enumerate(baseline.season, start=1)]
    return np.asarray(sum(waves, np.zeros(len(phase))))


def holiday_lift(baseline: Baseline, line: Line) -> Array:
    """The effect of the holidays that the shown periods can teach, (L,)."""
    frequency = detect_frequency(line.dates)
    if baseline.holidays is None or frequency is None:
        return np.zeros(len(line.dates))
    names = holiday_names(line.dates[line.shown], frequency, baseline.holidays)
    matrix = holiday_matrix(line.dates, frequency, baseline.holidays, names)
    return np.asarray(baseline.holiday_effect * matrix.sum(1))


def size_of_groups(world: World, line: Line, seed: int) -> Array:
    """Sizes, (G,); a national market has size one."""
    if not world.groups.names:
        return np.ones(1)
    return np.exp(world.groups.size * stream(seed, "size").standard_normal(len(line.groups)))


def group_factors(world: World, line: Line, seed: int, what: str, spreads: tuple[float, ...]) -> Array:
    """Lognormal factors with median one, by group and channel, (G, C); ones in a national market."""
    shape = (len(line.groups), len(spreads))
    if not world.groups.names:
        return np.ones(shape)
    draws = [stream(seed, what, channel.name).standard_normal(shape[0]) for channel in world.channels]
    return np.exp(np.stack(draws, axis=-1) * np.array(spreads))


def bought(channel: Channel, line: Line, seed: int, follows: Series) -> Array:
    """Spend (contacts of an organic channel) of a group of size one, (L, G)."""
    amount = np.ones(line.shape)
    if channel.variation > 0:
        shape = channel.variation**-2
        local = line.shape if channel.schedule.local else (line.shape[0], 1)
        amount = amount * stream(seed, "spend", channel.name).gamma(shape, 1.0 / shape, local)
    for name, strength in channel.follows:
        # Less half the variance: the mean over a normal series stays the nominal spend.
        amount = amount * np.exp(strength * follows[name] - strength**2 / 2)
    return channel.spend * amount * running(channel.schedule, line, seed, f"channel {channel.name}")


def contacts(channel: Channel, line: Line, seed: int) -> Array:
    """Average frequency where the channel runs, (L, G): one and a gamma around the rest."""
    if channel.frequency is None:
        return np.zeros(line.shape)
    return 1.0 + (channel.frequency - 1.0) * stream(seed, "frequency", channel.name).gamma(9.0, 1 / 9.0, line.shape)


def saturated(channel: Channel, exposure: Array, often: Array, half_saturation: Array, memory: int) -> Array:
    """Saturated and carried-over media of one channel.

    Parameters
    ----------
    channel : Channel
        The truth.
    exposure : ndarray (L, G)
        In multiples of the nominal exposure; reach, where the channel has a frequency.
    often : ndarray (L, G)
        Average frequency; read only of such a channel.
    half_saturation : ndarray (G,)
        Per group.
    memory : int
        Periods over which an exposure acts.
    """
    family, exponent = SATURATIONS[channel.saturation], np.asarray(channel.exponent)
    half_life, shape = np.asarray(channel.half_life), np.asarray(channel.shape)
    weights = adstock_weights(channel.adstock, half_life, shape, memory)

    def bend(x: Array) -> Array:
        return np.asarray(family.value(x, half_saturation, exponent))

    def carry(x: Array) -> Array:
        padded = np.concatenate([np.zeros((memory - 1, x.shape[1])), x])
        return np.asarray(sum(w * padded[memory - 1 - lag : len(padded) - lag] for lag, w in enumerate(weights)))

    if channel.frequency is not None:
        return carry(exposure * np.where(exposure > 0, bend(np.maximum(often, 1.0)), 0.0))
    return carry(bend(exposure)) if channel.saturation_first else bend(carry(exposure))


def followed(world: World, line: Line, seed: int) -> dict[str, Array]:
    """Standardised series that media can follow, but for demand, (L, G) each."""
    wide = np.ones((1, len(line.groups)))
    found = {SEASON: standardised(season(world.baseline, line))[:, None] * wide}
    for driver in world.drivers:
        raw = driver_series(driver, line, seed)
        found[driver.name] = raw if driver.kind == "step" else standardised(raw)
    found |= {lever.name: standardised(lever_series(lever, line, seed)) for lever in world.levers}
    found |= {event.name: standardised(event_series(event, line)) for event in world.events}
    return found


def follows_demand(channel: Channel) -> bool:
    """Whether the channel's spend reacts to this period's KPI."""
    return any(name == DEMAND for name, _ in channel.follows)
