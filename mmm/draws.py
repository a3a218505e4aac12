"""Posterior draws of the model's parameters in original units, on plain arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mmm.design import Design
from mmm.priors import paid_shares
from outlay.sampling import Samples
from outlay.transforms import SATURATIONS, Array, carry_over, geometric_weights, retention


@dataclass(frozen=True)
class MediaDraws:
    """Draws in original units. Shapes: S draws (chains joined), G groups, C channels, K baseline columns.

    Attributes
    ----------
    design : Design
        The data that the draws belong to.
    half_life : ndarray (S, C)
        Periods; zero for a channel without adstock, not a number for one that never ran.
    retention : ndarray (S, C)
        Share of an effect left after a period.
    half_saturation : ndarray (S, C)
        In units of the exposure scale.
    share : ndarray (S, G, C)
        Share of the KPI in a typical group that the channel caused, with the group's own effect.
    coefficient : ndarray (S, G, C)
        KPI per period at full saturation, original units.
    level : ndarray (S, G)
        Mean KPI over the scored rows, original units.
    terms : ndarray (S, G, K)
        KPI per unit of each baseline column, original units.
    sigma : ndarray (S, G)
        Noise, original units.
    """

    design: Design
    half_life: Array
    retention: Array
    half_saturation: Array
    share: Array
    coefficient: Array
    level: Array
    terms: Array
    sigma: Array

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return int(self.sigma.shape[0])

    def weights(self, channel: int) -> Array:
        """Adstock weights of one channel, (S, l_max)."""
        return geometric_weights(self.retention[:, channel], self.design.l_max)

    def saturated(self, group: int, channel: int, exposure: Array) -> Array:
        """Saturated adstock of an exposure series in original units, (S, len(exposure)); nothing ran before it."""
        family = SATURATIONS[self.design.panel.saturation[channel]]
        carried = carry_over(exposure / self.design.x_scale[group, channel], self.weights(channel))
        return family.value(carried, self.half_saturation[:, channel, None])

    def contribution(self, group: int, channel: int) -> Array:
        """KPI that a channel caused in each period of history, earlier carry-over included, (S, T)."""
        exposure = self.design.panel.exposure[:, group, channel]
        return self.coefficient[:, group, channel, None] * self.saturated(group, channel, exposure)

    @cached_property
    def media_mean(self) -> Array:
        """Mean contribution of each cell per scored period, (S, G, C)."""
        panel, fit = self.design.panel, self.design.fit
        mean = np.zeros((self.n_draws, panel.n_groups, panel.n_channels))
        for g in range(panel.n_groups):
            for c in np.flatnonzero(self.design.active):
                mean[:, g, c] = self.contribution(g, int(c))[:, fit].mean(axis=1)
        return mean

    @property
    def intercept(self) -> Array:
        """KPI without media where every baseline column is at its mean, (S, G)."""
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
    panel = design.panel
    n = samples.chains * samples.draws
    half_life = np.full((n, panel.n_channels), np.nan)
    half_life[:, design.active] = 0.0
    geometric = np.array([family == "geometric" for family in panel.adstock]) & design.active
    if geometric.any():
        half_life[:, geometric] = samples.flat("half_life")
    alpha = np.zeros_like(half_life)
    alpha[:, geometric] = retention(half_life[:, geometric])
    half_saturation = np.ones_like(half_life)
    half_saturation[:, design.active] = samples.flat("half_saturation")
    own = _group_factor(design, samples, n)
    share = _typical_shares(design, samples, n)[:, None, :] * own
    partial = MediaDraws(
        design=design,
        half_life=half_life,
        retention=alpha,
        half_saturation=half_saturation,
        share=share,
        coefficient=np.zeros_like(share),
        level=samples.flat("level") * design.y_scale,
        terms=_terms(design, samples, n),
        sigma=samples.flat("sigma") * design.y_scale,
    )
    return _with_coefficients(partial)


def _with_coefficients(draws: MediaDraws) -> MediaDraws:
    """Coefficients from shares: a share over the typical saturated media is what one unit of it is worth."""
    design = draws.design
    coefficient = np.zeros_like(draws.share)
    for c in np.flatnonzero(design.active):
        typical = np.zeros(draws.n_draws)
        for g in range(design.panel.n_groups):
            saturated = draws.saturated(g, int(c), design.panel.exposure[:, g, c])[:, design.fit]
            typical += design.weight[g] * saturated.mean(axis=1)
        coefficient[:, :, c] = draws.share[:, :, c] / typical[:, None] * design.y_scale
    return replace(draws, coefficient=coefficient)


def _typical_shares(design: Design, samples: Samples, n: int) -> Array:
    share = np.zeros((n, design.panel.n_channels))
    if design.paid.any():
        n_paid = int(design.paid.sum())
        split = samples.flat("paid_split") if n_paid > 1 else np.zeros((n, 1))
        share[:, design.paid] = paid_shares(samples.flat("paid_share_logit"), split, design.spend_share[design.paid])
    if design.organic.any():
        share[:, design.organic] = samples.flat("organic_share")
    return share


def _group_factor(design: Design, samples: Samples, n: int) -> Array:
    """How much more or less than in a typical group a channel does, (S, G, C)."""
    factor = np.ones((n, design.panel.n_groups, design.panel.n_channels))
    if "group_effect" in samples.values:
        factor[:, :, design.active] = np.exp(samples.flat("group_spread")[:, None, :] * samples.flat("group_effect"))
    return factor


def _terms(design: Design, samples: Samples, n: int) -> Array:
    """Coefficients of the baseline's own columns, original units."""
    if not design.n_terms:
        return np.zeros((n, design.panel.n_groups, 0))
    rotated = np.repeat(samples.flat("coefficient")[:, None, :], design.panel.n_groups, axis=1)
    if "baseline_spread" in samples.values:
        if design.centred.any():
            rotated[:, :, design.centred] = samples.flat("coefficient_group")
        if (~design.centred).any():
            spread = samples.flat("baseline_spread")[:, None, None]
            rotated[:, :, ~design.centred] += spread * samples.flat("coefficient_deviation")
    # One memory order, so that a design that was made and one that was read give the same last digit.
    return np.asarray(rotated @ np.ascontiguousarray(design.rotation.T) * design.y_scale[:, None])
