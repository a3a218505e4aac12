"""A drawn market and its truth: contributions, ROI, marginal ROI and response curves, by the definitions of the tables.

Everything is found by counterfactual: the market's mean with something against its mean without, nothing else changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.config import MediaSection
from mmm.simulate_series import Line, saturated
from mmm.simulate_world import World
from outlay.project import ProjectSection
from outlay.transforms import Array

MARGIN = 0.01
"""Share by which spend is raised for a marginal ROI."""

INTERACTION = "interaction"


@dataclass(frozen=True, eq=False)
class Market:
    """One history of a world. Shapes: L periods of the timeline, T shown ones, G groups, C channels.

    Attributes
    ----------
    world : World
        What it was drawn from.
    seed : int
        Of all its random streams.
    line : Line
        Its periods.
    frame : DataFrame
        What a user would have.
    section, project : MediaSection, ProjectSection
        How he would describe it.
    size : ndarray (G,)
        Sizes of the groups.
    factor, half_saturation : ndarray (G, C)
        What each group makes of a channel's effect, and where its curve bends.
    all_spend, all_exposure, all_contacts : ndarray (L, G, C)
        Currency, exposure (reach) in its own unit, and average frequency, over the whole timeline.
    baseline_parts : mapping of str to ndarray (L, G)
        Everything but media, as shares of the level: they add up on the scale of the link.
    noise : ndarray (L, G)
        On the same scale.
    """

    world: World
    seed: int
    line: Line
    frame: pd.DataFrame
    section: MediaSection
    project: ProjectSection
    size: Array
    factor: Array
    half_saturation: Array
    all_spend: Array
    all_exposure: Array
    all_contacts: Array
    baseline_parts: Mapping[str, Array]
    noise: Array

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels."""
        return tuple(channel.name for channel in self.world.channels)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups."""
        return self.line.groups

    @property
    def paid(self) -> np.ndarray:
        """Channels that cost money, (C,)."""
        return np.array([channel.paid for channel in self.world.channels], bool)

    @property
    def spend(self) -> Array:
        """Currency, (T, G, C)."""
        return self.all_spend[self.line.shown]

    @property
    def exposure(self) -> Array:
        """Exposure in its own unit, (T, G, C)."""
        return self.all_exposure[self.line.shown]

    @property
    def kpi(self) -> Array:
        """The KPI as it came, (T, G)."""
        drawn = sum(self.baseline_parts.values()) + self.media(self.all_exposure).sum(-1) + self.noise
        return self._on_kpi_scale(drawn)[self.line.shown]

    @property
    def worth(self) -> float:
        """Outcome per unit of KPI."""
        return self.world.value if self.world.value is not None else 1.0

    def media(self, exposure: Array) -> Array:
        """What an exposure over the timeline adds on the scale of the link, as a share of the level, (L, G, C)."""
        world, parts = self.world, []
        for c, channel in enumerate(world.channels):
            scaled = exposure[..., c] / (channel.unit * self.size)
            often, bend = self.all_contacts[..., c], self.half_saturation[:, c]
            response = saturated(channel, scaled, often, bend, world.memory)
            parts.append(channel.ceiling / world.baseline.level * self.factor[:, c] * response)
        return np.stack(parts, axis=-1)

    def mean(self, media: Array) -> Array:
        """Mean KPI over the timeline under some media, (L, G): the noise averaged out."""
        scale = sum(self.baseline_parts.values()) + media.sum(-1)
        if self.world.link == "log":
            scale = scale + self.world.noise.sd**2 / 2  # the mean of a lognormal lies above its middle
        return self._on_kpi_scale(scale)

    def _on_kpi_scale(self, scale: Array) -> Array:
        relative = np.exp(scale) if self.world.link == "log" else 1.0 + scale
        return np.asarray(self.world.baseline.level * self.size * relative)

    def contributions(self) -> Array:
        """Outcome that each channel caused by period and group, (T, G, C): the mean with it less the mean without."""
        media = self.media(self.all_exposure)
        whole = self.mean(media)
        found = []
        for c in range(media.shape[-1]):
            without = media.copy()
            without[..., c] = 0.0
            found.append(whole - self.mean(without))
        return np.stack(found, axis=-1)[self.line.shown] * self.worth

    def parts(self) -> dict[str, Array]:
        """Outcome by component, period and group, (T, G) each; they add up to the mean.

        Where effects multiply, the baseline is one part, and ``interaction`` is what the channels do together beyond
        what each would do last.
        """
        media = self.media(self.all_exposure)
        own = dict(zip(self.channels, np.moveaxis(self.contributions(), -1, 0), strict=True))
        if self.world.link == "log":
            baseline = self.mean(0.0 * media)[self.line.shown] * self.worth
            rest = self.mean(media)[self.line.shown] * self.worth - baseline - sum(own.values())
            return {"base": baseline, **own, INTERACTION: rest}
        level = self.world.baseline.level * self.size * self.worth
        parts = {name: (level * part)[self.line.shown] for name, part in self.baseline_parts.items()}
        return {**parts, "base": parts["base"] + level, **own}

    def contribution(self, window: slice | None = None) -> Array:
        """Outcome inside a window that each channel caused, carry-over from before included, (G, C).

        Parameters
        ----------
        window : slice, optional
            Rows of the table; all after the first ``memory`` by default.
        """
        return np.asarray(self.contributions()[self._window(window)].sum(0))

    def incremental(self, window: slice | None = None) -> Array:
        """Outcome that the window's exposure caused, after the window too, (G, C)."""
        return self._changed(window, -1.0) * -1.0

    def roi(self, window: slice | None = None) -> Array:
        """Outcome that the window's spend caused over that spend, over all groups, (C,); NaN for organic channels."""
        return self._per_money(self.incremental(window).sum(0), window)

    def mroi(self, window: slice | None = None) -> Array:
        """The same for one per cent more of the window's exposure, (C,)."""
        return self._per_money(self._changed(window, MARGIN).sum(0) / MARGIN, window)

    def curve(self, channel: str, spend: Array, group: str | None = None) -> Array:
        """Outcome per period under a constant spend per period, (N,): the carry-over of a constant is the constant.

        Parameters
        ----------
        channel : str
            A paid channel.
        spend : ndarray (N,)
            Currency per period.
        group : str, optional
            One group; by default all, in the shares of the shown spend.
        """
        c = self.channels.index(channel)
        about, shown = self.world.channels[c], self.spend[..., c].sum(0)
        share = shown / shown.sum() if group is None else np.array([float(name == group) for name in self.groups])
        level = self.world.baseline.level * self.size
        total = np.zeros(len(spend))
        for g in np.flatnonzero(share):
            steady = np.repeat((spend * share[g])[None], self.world.memory, axis=0)
            exposure = steady / (about.cost or 1.0) / (about.frequency or 1.0) / (about.unit * self.size[g])
            often = np.full(exposure.shape, about.frequency or 0.0)
            bend = np.full(len(spend), self.half_saturation[g, c])
            scale = about.ceiling / self.world.baseline.level * self.factor[g, c]
            effect = scale * saturated(about, exposure, often, bend, self.world.memory)[-1]
            total += self._worth_of(int(g), c, effect) if self.world.link == "log" else level[g] * effect
        return total * self.worth

    def _worth_of(self, group: int, channel: int, effect: Array) -> Array:
        """KPI per period of an effect that multiplies everything else."""
        media = self.media(self.all_exposure)
        media[..., channel] = 0.0
        return np.asarray(self.mean(media)[self.line.shown, group].mean() * np.expm1(effect))

    def _window(self, window: slice | None) -> slice:
        start, stop, _ = (window or slice(self.world.memory, None)).indices(self.world.n)
        return slice(start, stop)

    def _changed(self, window: slice | None, change: float) -> Array:
        """Outcome over the window and after it under another exposure in it, less the outcome as it was, (G, C).

        Nothing runs after the last shown period.
        """
        rows = self._window(window)
        first = self.line.shown.start
        history = self.all_exposure.copy()
        history[self.line.shown.stop :] = 0.0
        as_it_was = self.media(history)
        moved = history.copy()
        moved[first + rows.start : first + rows.stop] *= 1.0 + change
        other, whole, found = self.media(moved), self.mean(as_it_was), []
        for c in range(history.shape[-1]):
            media = as_it_was.copy()
            media[..., c] = other[..., c]
            found.append((self.mean(media) - whole).sum(0))
        return np.stack(found, axis=-1) * self.worth

    def _per_money(self, outcome: Array, window: slice | None) -> Array:
        spent = self.spend[self._window(window)].sum((0, 1))
        return np.divide(outcome, spent, out=np.full(len(spent), np.nan), where=spent > 0)
