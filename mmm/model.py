"""The media-mix model in PyMC, from PyMC-Marketing's adstock, saturation and priors. This is its definition.

For scored period t, group g and channel c, in units of the group's mean KPI:

    f[t,g,c]  = saturation(adstock(x[:,g,c])[t])        or adstock(saturation(x))
    effect    = share[c] * factor[g,c] / mean(f[:,:,c])
    mu[t,g]   = level[g] + sum_c effect[g,c] * (f[t,g,c] - mean_t f[t,g,c]) + centred baseline columns @ coefficients
    kpi[t,g]  ~ Normal(mu[t,g], sigma[g])               or StudentT; or log(kpi) ~ Normal

``share[c]`` is the share of the KPI that the channel caused. Sampling it, and not the coefficient, takes out the ridge
between coefficient, half-saturation and half-life; sampling the level (the mean KPI), and not the intercept, takes out
the ridge between intercept and media. Both are changes of coordinates of the same model.

Lift tests add ``lift ~ Normal(the model's own incremental effect, standard error)``.

``factor`` is how much more or less a channel does in one group: ``exp(sum of spread * z)`` over the panel's dimensions
(lognormal), or ``1 + sum of spread * z`` (normal, signed).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc_extras.prior import Prior

from mmm.design import LEVEL_SD, Design
from mmm.labels import labels, level_dim, suffix
from mmm.model_lift import lift_likelihood
from mmm.model_media import ShapeParameters, saturated_media
from mmm.priors import BASELINE_SPREAD_SD, DEGREES, GROUP_SPREAD_SD, Priors

Tensor = Any


def build_model(design: Design, priors: Priors) -> pm.Model:
    """The PyMC model of a design."""
    with pm.Model(coords=labels(design)) as model:
        shape = ShapeParameters(design, priors)
        media = saturated_media(design, shape)
        effect = _effects(design, priors, media)
        centred = media - media.mean(axis=0, keepdims=True)
        level = pm.Normal("level", design.y_mean, LEVEL_SD, dims="group")
        mu = level + (effect * centred).sum(axis=-1) + _levers(design) + _baseline(design)
        sigma = Prior("HalfNormal", sigma=priors.noise_sd, dims="group").create_variable("sigma")
        _likelihood(design, mu, sigma)
        if design.lifts is not None:
            lift_likelihood(design, design.lifts, shape, effect)
    return model


def _likelihood(design: Design, mu: Tensor, sigma: Tensor) -> None:
    """Normal on the scaled KPI or on its logarithm (``design.y`` is either), or Student's t."""
    if design.section.likelihood == "student_t":
        alpha, beta = DEGREES
        beyond = pm.Gamma("degrees_beyond_two", alpha, beta)
        pm.StudentT("kpi", nu=2.0 + beyond, mu=mu, sigma=sigma, observed=design.y, dims=("row", "group"))
    else:
        pm.Normal("kpi", mu, sigma, observed=design.y, dims=("row", "group"))


def _effects(design: Design, priors: Priors, media: Tensor) -> Tensor:
    """Scaled KPI per unit of saturated media, (G, active channels)."""
    blocks, n = design.blocks, design.panel.n_channels
    typical = (media.mean(axis=0) * design.weight[:, None]).sum(axis=0)
    effect = _shares(design, priors)[blocks.active] / typical
    if blocks.direct.size:
        mean, sd = priors.own
        own = pm.LogNormal("own_coefficient", mean[blocks.direct], sd[blocks.direct], dims="direct")
        effect = pt.zeros(n)[blocks.active].set(effect)[blocks.direct].set(own)[blocks.active]
    return effect[None, :] * _factor(design)


def _factor(design: Design) -> Tensor:
    """How much more or less than in a typical group a channel does, (G, active channels)."""
    total: Tensor = 0.0
    for i, level in enumerate(design.levels):
        end = suffix(design, i)
        spread = Prior("HalfNormal", sigma=GROUP_SPREAD_SD, dims="channel").create_variable(f"group_spread{end}")
        z = pm.Normal(f"group_effect{end}", 0.0, 1.0, dims=(level_dim(design, i), "channel"))
        total = total + spread * z[level.index]
    if not design.levels:
        return 1.0
    return pt.exp(total) if design.section.hierarchy == "lognormal" else 1.0 + total


def _shares(design: Design, priors: Priors) -> Tensor:
    """Share of the KPI that each channel caused in a typical group, (C,); one where the coefficient has the prior."""
    blocks = design.blocks
    share = pt.ones(design.panel.n_channels)
    if blocks.pooled.size:
        mu, sd = priors.paid_share_logit
        total = pm.math.sigmoid(Prior("Normal", mu=mu, sigma=sd).create_variable("paid_share_logit"))
        weight: Tensor = np.ones(1)
        if blocks.pooled.size > 1:
            split = pm.ZeroSumNormal("paid_split", priors.split_sd, dims="paid")
            weight = pm.math.softmax(split + np.log(design.spend_share[blocks.pooled]))
        share = share[blocks.pooled].set(total * weight)
    if blocks.organic.size:
        mu, sd = priors.organic_log_share
        own = Prior("LogNormal", mu=mu, sigma=sd, dims="organic").create_variable("organic_share")
        share = share[blocks.organic].set(own)
    middle, width = priors.own
    if blocks.own.size:
        share = share[blocks.own].set(pm.LogNormal("own_share", middle[blocks.own], width[blocks.own], dims="own"))
    if blocks.signed.size:
        normal = pm.Normal("signed_share", middle[blocks.signed], width[blocks.signed], dims="signed")
        share = share[blocks.signed].set(normal)
    return share


def _levers(design: Design) -> Tensor:
    """Levers whose direction is known, (F, G): one effect for all groups, never against its direction."""
    if not design.signed.any():
        return 0.0
    effect = pm.HalfNormal("lever_effect", 1.0, dims="signed_lever")
    return (design.signed_columns * effect).sum(axis=-1)


def _baseline(design: Design) -> Tensor:
    """Centred baseline of the scored rows, (F, G); groups deviate from the common coefficients by a learned spread."""
    if not len(design.free_terms):
        return 0.0
    common = pm.Normal("coefficient", 0.0, 1.0, dims="term")
    if not design.pooled:
        return pt.dot(design.z[:, 0, :], common)[:, None]
    spread = Prior("HalfNormal", sigma=BASELINE_SPREAD_SD).create_variable("baseline_spread")
    own = pt.repeat(common[None, :], design.panel.n_groups, axis=0)
    centred, raw = np.flatnonzero(design.centred), np.flatnonzero(~design.centred)
    if centred.size:
        value = pm.Normal("coefficient_group", common[centred], spread, dims=("group", "centred_term"))
        own = own[:, centred].set(value)
    if raw.size:
        z = pm.Normal("coefficient_deviation", 0.0, 1.0, dims=("group", "raw_term"))
        own = own[:, raw].inc(spread * z)
    return (design.z * own[None]).sum(axis=-1)
