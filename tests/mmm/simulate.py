"""Markets with known truth, in original units, by plain loops that share no code with the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mmm.config import MediaSection
from mmm.panel import MediaPanel, panel_from_frame
from outlay.project import ProjectSection
from tests.mmm.panels import TODAY

PROJECT = ProjectSection(name="simulated", currency="EUR")


@dataclass(frozen=True)
class Channel:
    """A channel as it truly is.

    Attributes
    ----------
    name : str
        Its name; columns are ``<name>_spend`` and, with a cost, ``<name>_exposure``.
    half_life : float
        Periods until half of an effect has gone; zero for no carry-over.
    half_saturation : float
        Exposure, as a multiple of the mean exposure when on, at which half of the ceiling is reached.
    share : float
        Share of the mean baseline that it adds on average.
    spend : float
        Mean spend in a period that has any; zero for an organic channel.
    cost : float or None
        Currency per unit of exposure; None where the spend is the exposure.
    on : float
        Share of periods with any spend.
    saturation : str
        ``"hill"`` or ``"logistic"``.
    """

    name: str
    half_life: float = 1.5
    half_saturation: float = 1.5
    share: float = 0.06
    spend: float = 20_000.0
    cost: float | None = None
    on: float = 0.6
    saturation: str = "hill"

    @property
    def retention(self) -> float:
        """Share of an effect left after a period."""
        return 2.0 ** (-1.0 / self.half_life) if self.half_life > 0 else 0.0


@dataclass(frozen=True)
class World:
    """A simulated market. Shapes: T periods, G groups, C channels.

    Attributes
    ----------
    frame : DataFrame
        What a user would have.
    section : MediaSection
        How he would describe it.
    channels : tuple of Channel
        The truth.
    groups : tuple of str
        Names; empty for a national market.
    exposure : ndarray (T, G, C)
        Exposure in original units.
    unit : ndarray (G, C)
        Mean exposure when on.
    ceiling : ndarray (G, C)
        KPI per period at full saturation.
    baseline : ndarray (T, G)
        KPI without media.
    spend : ndarray (T, G, C)
        Currency.
    l_max : int
        Periods over which an exposure acts.
    """

    frame: pd.DataFrame
    section: MediaSection
    channels: tuple[Channel, ...]
    groups: tuple[str, ...]
    exposure: np.ndarray
    unit: np.ndarray
    ceiling: np.ndarray
    baseline: np.ndarray
    spend: np.ndarray
    l_max: int
    project: ProjectSection = field(default=PROJECT)

    def panel(self) -> MediaPanel:
        """The panel of the frame."""
        return panel_from_frame(self.frame, self.section, self.project, today=TODAY)

    def effect(self, group: int, channel: int, exposure: np.ndarray) -> np.ndarray:
        """KPI that an exposure series causes, period by period."""
        about = self.channels[channel]
        x = exposure / self.unit[group, channel]
        return self.ceiling[group, channel] * saturate(about, adstock(x, about.retention, self.l_max))

    def contribution(self) -> np.ndarray:
        """KPI by channel in the scored window, (G, C)."""
        return np.array(
            [
                [self.effect(g, c, self.exposure[:, g, c])[self.l_max :].sum() for c in range(len(self.channels))]
                for g in range(self.exposure.shape[1])
            ]
        )

    def roi(self) -> np.ndarray:
        """Outcome caused by the window's exposure, after the window too, over its spend; over all groups, (C,)."""
        tail = np.zeros(self.l_max - 1)
        roi = np.zeros(len(self.channels))
        for c in range(len(self.channels)):
            caused = 0.0
            for g in range(self.exposure.shape[1]):
                whole = np.append(self.exposure[:, g, c], tail)
                without = whole.copy()
                without[self.l_max : len(self.exposure)] = 0.0
                caused += (self.effect(g, c, whole) - self.effect(g, c, without)).sum()
            spent = self.spend[self.l_max :, :, c].sum()
            roi[c] = caused / spent if spent > 0 else np.nan
        return roi


def adstock(x: np.ndarray, retention: float, l_max: int) -> np.ndarray:
    """Normalised geometric adstock, as a loop over its definition."""
    total = sum(retention**lag for lag in range(l_max))
    out = np.zeros(len(x))
    for t in range(len(x)):
        for lag in range(min(l_max, t + 1)):
            out[t] += retention**lag / total * x[t - lag]
    return out


def saturate(channel: Channel, x: np.ndarray) -> np.ndarray:
    """Saturation by its half-saturation: one half at ``x = half_saturation``."""
    if channel.saturation == "hill":
        return x / (x + channel.half_saturation)
    decay = np.exp(-np.log(3.0) / channel.half_saturation * x)
    return (1.0 - decay) / (1.0 + decay)


THREE = (
    Channel("tv", half_life=2.0, half_saturation=1.5, share=0.10, spend=40_000.0, cost=12.0, on=0.5),
    Channel("search", half_life=0.7, half_saturation=3.0, share=0.06, spend=15_000.0, on=0.7),
    Channel("mail", half_life=1.0, half_saturation=1.0, share=0.04, spend=0.0, on=0.5),
)
"""Two paid channels, one of them with exposure of its own, and one organic."""


def simulate(
    seed: int,
    channels: tuple[Channel, ...] = THREE,
    *,
    n: int = 130,
    groups: tuple[str, ...] = (),
    level: float = 400_000.0,
    noise: float = 0.03,
    spread: float = 0.25,
    l_max: int = 8,
    freq: str = "7D",
    start: str = "2022-01-03",
    **section: Any,
) -> World:
    """Draw a market: a level, a season, a trend, a price, a discount, media and noise.

    Parameters
    ----------
    seed : int
        Seed of flights, price, discount, group sizes and noise.
    channels : tuple of Channel
        The truth about media.
    n : int
        Periods.
    groups : tuple of str
        Names of groups; none for a national market.
    level : float
        Mean baseline per period.
    noise : float
        Sd of the noise as a share of the level.
    spread : float
        Log sd of a channel's effect over groups.
    l_max : int
        Periods over which an exposure acts; also the section's.
    freq, start : str
        The dates.
    section : Any
        More keys of the section.
    """
    rng = np.random.default_rng(seed)
    dates = pd.date_range(start, periods=n, freq=freq)
    names = groups or ("all",)
    shape = (n, len(names))
    size = np.exp(rng.normal(0.0, 0.4, len(names))) if groups else np.ones(1)
    price, depth = rng.normal(10.0, 1.0, shape), rng.uniform(0.0, 0.4, shape) * (rng.random(shape) < 0.3)
    phase = 2 * np.pi * (dates.day_of_year.to_numpy() - 1) / 365.25
    calm = 1.0 + 0.06 * np.sin(phase) + 0.04 * np.cos(phase) + 0.05 * np.linspace(-0.5, 0.5, n)
    relative = calm[:, None] - 0.015 * (price - 10.0) + 0.3 * depth
    baseline = level * size * relative
    spend = np.stack([_flights(rng, shape, c, size) for c in channels], axis=-1)
    exposure = np.stack([spend[..., i] / (c.cost or 1.0) for i, c in enumerate(channels)], axis=-1)
    unit = exposure.sum(0) / np.maximum((exposure > 0).sum(0), 1)
    ceiling = np.zeros(unit.shape)
    own = np.exp(rng.normal(0.0, spread, unit.shape)) if groups else np.ones(unit.shape)
    world = World(
        frame=pd.DataFrame(),
        section=_section(channels, groups, l_max, section),
        channels=channels,
        groups=groups,
        exposure=exposure,
        unit=unit,
        ceiling=np.ones(unit.shape),
        baseline=baseline,
        spend=spend * np.array([c.spend > 0 for c in channels]),
        l_max=l_max,
    )
    media = np.zeros((*shape, len(channels)))
    for g in range(len(names)):
        for i, c in enumerate(channels):
            bare = world.effect(g, i, exposure[:, g, i])
            ceiling[g, i] = c.share * own[g, i] * level * size[g] / bare.mean()
            media[:, g, i] = ceiling[g, i] * bare
    kpi = baseline + media.sum(-1) + noise * level * size * rng.standard_normal(shape)
    columns: dict[str, Any] = {"date": np.repeat(dates.to_numpy(), len(names)), "geo": list(names) * n}
    columns |= {"sales": kpi.ravel(), "price": price.ravel(), "depth": depth.ravel()}
    for i, c in enumerate(channels):
        if c.spend > 0:
            columns[f"{c.name}_spend"] = spend[..., i].ravel()
        if c.cost is not None or c.spend == 0:
            columns[f"{c.name}_exposure"] = exposure[..., i].ravel()
    known = {"frame": pd.DataFrame(columns), "ceiling": ceiling}
    return World(**(world.__dict__ | known))


def _flights(rng: np.random.Generator, shape: tuple[int, int], channel: Channel, size: np.ndarray) -> np.ndarray:
    """Spend in flights of some periods, scaled with the group; organic channels get contacts in its place."""
    amount = rng.gamma(4.0, (channel.spend or 5_000.0) / 4.0, shape) * size
    length, on = 3, np.zeros(shape, bool)
    for g in range(shape[1]):
        blocks = rng.random(-(-shape[0] // length)) < channel.on
        on[:, g] = np.repeat(blocks, length)[: shape[0]]
    return amount * on


def _section(channels: tuple[Channel, ...], groups: tuple[str, ...], l_max: int, more: dict[str, Any]) -> MediaSection:
    described = [
        {
            "name": c.name,
            "spend": f"{c.name}_spend" if c.spend > 0 else None,
            "exposure": f"{c.name}_exposure" if c.cost is not None or c.spend == 0 else None,
            "saturation": c.saturation,
            "adstock": "geometric" if c.half_life > 0 else "none",
        }
        for c in channels
    ]
    keys: dict[str, Any] = {
        "date": "date",
        "kpi": "sales",
        "group": "geo" if groups else None,
        "controls": ["price"],
        "levers": [{"name": "discount", "column": "depth"}],
        "seasonality": 2,
        "l_max": l_max,
        "channels": described,
        "sampling": {"draws": 500, "tune": 500, "chains": 4},
    }
    return MediaSection(**(keys | more))
