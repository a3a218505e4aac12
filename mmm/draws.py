"""Posterior draws of the model's parameters in original units, on plain arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mmm.design import Design
from mmm.labels import suffix
from mmm.priors import group_factor, paid_shares
from outlay.sampling import Samples
from outlay.transforms import Array, Bend, adstock_weights, saturated_adstock


@dataclass(frozen=True)
class MediaDraws:
    """Draws in original units. Shapes: S draws (chains joined), G groups, C channels, K baseline columns.

    Under a log likelihood every effect is in log points: 0.1 raises the KPI by about a tenth. :mod:`mmm.link` turns
    effects into outcome for either likelihood.

    Attributes
    ----------
    design : Design
        The data that the draws belong to.
    half_life : ndarray (S, C)
        Periods; zero for a channel without adstock, not a number for one that never ran.
    adstock_shape : ndarray (S, C)
        Periods until a delayed effect peaks, or the Weibull shape; one elsewhere.
    half_saturation : ndarray (S, C)
        In units of the exposure scale, or in contacts; one for families without it.
    exponent : ndarray (S, C)
        Slope of the Hill curve, or exponent of the root.
    share : ndarray (S, G, C)
        Share of the KPI in a typical group that the channel caused, with the group's own effect.
    coefficient : ndarray (S, G, C)
        Effect per period of one unit of saturated media, original units.
    level : ndarray (S, G)
        Mean of the KPI, or of its logarithm, over the scored rows.
    terms : ndarray (S, G, K)
        Effect per unit of each baseline column, original units.
    sigma : ndarray (S, G)
        Scale of the noise, original units.
    degrees : ndarray (S,) or None
        Degrees of freedom of Student's t.
    """

    design: Design
    half_life: Array
    adstock_shape: Array
    half_saturation: Array
    exponent: Array
    share: Array
    coefficient: Array
    level: Array
    terms: Array
    sigma: Array
    degrees: Array | None = None

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.sigma.shape[0])

    def take(self, which: slice | NDArray[np.intp]) -> MediaDraws:
        """Some of the draws."""
        some = replace(
            self,
            half_life=self.half_life[which],
            adstock_shape=self.adstock_shape[which],
            half_saturation=self.half_saturation[which],
            exponent=self.exponent[which],
            share=self.share[which],
            coefficient=self.coefficient[which],
            level=self.level[which],
            terms=self.terms[which],
            sigma=self.sigma[which],
            degrees=None if self.degrees is None else self.degrees[which],
        )
        if "media_mean" in self.__dict__:
            some.__dict__["media_mean"] = self.media_mean[which]  # known already, and dear
        return some

    def weights(self, channel: int) -> Array:
        """Adstock weights of one channel, (S, l_max)."""
        family = self.design.panel.adstock[channel]
        return adstock_weights(family, self.half_life[:, channel], self.adstock_shape[:, channel], self.design.l_max)

    def bend(self, channel: int) -> Bend:
        """Saturation of one channel over the draws."""
        section = self.design.section.channels[channel]
        return Bend(
            family=section.saturation,
            k=self.half_saturation[:, channel],
            s=self.exponent[:, channel],
            first=section.saturation_first or section.reaches,
        )

    def saturated(self, group: int, channel: int, exposure: Array, contacts: Array | None = None) -> Array:
        """Saturated, carried-over media of one cell, (S, len(exposure)); nothing ran before.

        Parameters
        ----------
        group, channel : int
            The cell.
        exposure : ndarray (N,)
            Original units; people reached for a channel with reach and frequency.
        contacts : ndarray (N,), optional
            Average contacts of those reached, for such a channel.
        """
        x, weights = exposure / self.design.x_scale[group, channel], self.weights(channel)
        if contacts is not None:
            return saturated_adstock(contacts, weights, self.bend(channel), multiplier=x)
        return saturated_adstock(x, weights, self.bend(channel))

    def effect(self, group: int, channel: int) -> Array:
        """What a channel adds to the model's mean in each period of history, earlier carry-over included, (S, T)."""
        panel = self.design.panel
        saturated = self.saturated(group, channel, panel.exposure[:, group, channel], self.contacts(group, channel))
        return np.asarray(self.coefficient[:, group, channel, None] * saturated)

    def contacts(self, group: int, channel: int) -> Array | None:
        """Average contacts of the people reached in each period of history, (T,); None for other channels."""
        panel = self.design.panel
        return panel.contacts[:, group, channel] if panel.reaches[channel] else None

    @cached_property
    def media_mean(self) -> Array:
        """Mean effect of each cell over the scored periods, (S, G, C)."""
        panel, fit = self.design.panel, self.design.fit
        mean = np.zeros((self.n_draws, panel.n_groups, panel.n_channels))
        for g in range(panel.n_groups):
            for c in np.flatnonzero(self.design.active):
                mean[:, g, c] = self.effect(g, int(c))[:, fit].mean(axis=1)
        return mean

    @property
    def intercept(self) -> Array:
        """The model's mean without media where every baseline column is at its own mean, (S, G)."""
        return np.asarray(self.level - self.media_mean.sum(axis=-1))


def media_draws(design: Design, samples: Samples) -> MediaDraws:
    """Turn the sampler's draws into original units.

    Parameters
    ----------
    design : Design
        The design that was fitted.
    samples : Samples
        Draws of the free parameters of :func:`mmm.model.build_model`.
    """
    blocks, channels = design.blocks, design.section.channels
    n = samples.chains * samples.draws

    def spread(name: str, members: np.ndarray, rest: float | list[float]) -> Array:
        values = np.tile(np.broadcast_to(np.asarray(rest, float), len(channels)), (n, 1))
        if members.size:
            values[:, members] = samples.flat(name)
        return values

    half_life = spread("half_life", blocks.decaying, 0.0)
    half_life[:, ~design.active] = np.nan
    exponent = spread("slope", blocks.sloped, [c.slope if isinstance(c.slope, float) else 1.0 for c in channels])
    if blocks.rooted.size:
        exponent[:, blocks.rooted] = samples.flat("root")
    partial = MediaDraws(
        design=design,
        half_life=half_life,
        adstock_shape=spread("adstock_shape", blocks.shaped, 1.0),
        half_saturation=spread("half_saturation", blocks.bent, 1.0),
        exponent=exponent,
        share=np.zeros((n, design.panel.n_groups, len(channels))),
        coefficient=np.zeros((n, design.panel.n_groups, len(channels))),
        level=samples.flat("level") * design.y_scale,
        terms=_terms(design, samples, n),
        sigma=samples.flat("sigma") * design.y_scale,
        degrees=2.0 + samples.flat("degrees_beyond_two") if "degrees_beyond_two" in samples.values else None,
    )
    return _with_coefficients(partial, samples)


def _with_coefficients(draws: MediaDraws, samples: Samples) -> MediaDraws:
    """Coefficients from shares, or shares from coefficients: a share over the typical saturated media is what one unit
    of it is worth.
    """
    design, factor = draws.design, group_factors(draws.design, samples, draws.n_draws)
    typical = np.ones((draws.n_draws, design.panel.n_channels))
    for c in np.flatnonzero(design.active):
        typical[:, c] = _typical(draws, int(c))
    share = typical_shares(design, samples, draws.n_draws)
    direct = design.blocks.direct
    if direct.size:
        share[:, direct] = samples.flat("own_coefficient") * typical[:, direct]
    coefficient = (share / typical)[:, None, :] * factor * design.y_scale[:, None]
    return replace(draws, share=share[:, None, :] * factor, coefficient=coefficient)


def _typical(draws: MediaDraws, c: int) -> Array:
    """Mean saturated media of a channel over groups and scored periods, (S,)."""
    design, typical = draws.design, np.zeros(draws.n_draws)
    for g in range(design.panel.n_groups):
        exposure = design.panel.exposure[:, g, c]
        typical += design.weight[g] * draws.saturated(g, c, exposure, draws.contacts(g, c))[:, design.fit].mean(axis=1)
    return typical


def typical_shares(design: Design, samples: Samples, n: int) -> Array:
    """Share of the KPI that each channel caused in a typical group, (S, C); zero under a prior on the coefficient."""
    blocks, share = design.blocks, np.zeros((n, design.panel.n_channels))
    if blocks.pooled.size:
        split = samples.flat("paid_split") if blocks.pooled.size > 1 else np.zeros((n, 1))
        share[:, blocks.pooled] = paid_shares(
            samples.flat("paid_share_logit"), split, design.spend_share[blocks.pooled]
        )
    for name, members in (
        ("organic_share", blocks.organic),
        ("own_share", blocks.own),
        ("signed_share", blocks.signed),
    ):
        if members.size:
            share[:, members] = samples.flat(name)
    return share


def group_factors(design: Design, samples: Samples, n: int) -> Array:
    """How much more or less than in a typical group a channel does, (S, G, C)."""
    total = np.zeros((n, design.panel.n_groups, design.panel.n_channels))
    for i, level in enumerate(design.levels):
        end = suffix(design, i)
        own = samples.flat(f"group_spread{end}")[:, None, :] * samples.flat(f"group_effect{end}")
        total[:, :, design.active] += own[:, level.index]
    return group_factor(total, design.section.hierarchy) if design.levels else np.ones_like(total)


def _terms(design: Design, samples: Samples, n: int) -> Array:
    """Coefficients of the baseline's own columns, original units, (S, G, K)."""
    terms = np.zeros((n, design.panel.n_groups, design.n_terms))
    signed = np.flatnonzero(design.signed)
    if signed.size:
        size = design.signed[signed] * np.array([design.terms[k].prior_sd for k in signed])
        terms[:, :, signed] = (samples.flat("lever_effect") * size)[:, None, :] * design.y_scale[:, None]
    if not len(design.free_terms):
        return terms
    rotated = np.repeat(samples.flat("coefficient")[:, None, :], design.panel.n_groups, axis=1)
    if "baseline_spread" in samples.values:
        if design.centred.any():
            rotated[:, :, design.centred] = samples.flat("coefficient_group")
        if (~design.centred).any():
            spread = samples.flat("baseline_spread")[:, None, None]
            rotated[:, :, ~design.centred] += spread * samples.flat("coefficient_deviation")
    # One memory order, so that a design that was made and one that was read give the same last digit.
    terms[:, :, design.free_terms] = rotated @ np.ascontiguousarray(design.rotation.T) * design.y_scale[:, None]
    return terms
