"""The media-mix model in PyMC, from PyMC-Marketing's adstock, saturation and priors. This is its definition.

For scored period t, group g and channel c, in units of the group's mean KPI:

    f[t,g,c]  = saturation(adstock(x[:,g,c]; half_life[c])[t]; half_saturation[c])
    effect    = share[c] * exp(spread[c] * z[g,c]) / mean(f[:,:,c])
    mu[t,g]   = level[g] + sum_c effect[g,c] * (f[t,g,c] - mean_t f[t,g,c]) + centred baseline columns @ coefficients
    kpi[t,g]  ~ Normal(mu[t,g], sigma[g])

``share[c]`` is the share of the KPI that the channel caused. Sampling it, and not the coefficient, takes out the ridge
between coefficient, half-saturation and half-life; sampling the level (the mean KPI), and not the intercept, takes out
the ridge between intercept and media. Both are changes of coordinates of the same model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytensor.xtensor as ptx
from pymc_extras.prior import Prior
from pymc_marketing.mmm import GeometricAdstock, LogisticSaturation, MichaelisMentenSaturation

from mmm.design import LEVEL_SD, Design
from mmm.priors import BASELINE_SPREAD_SD, GROUP_SPREAD_SD, Priors
from outlay.transforms import LOG3

Tensor = Any


def _hill(x: Tensor, k: Tensor) -> Tensor:
    """Hill with slope one, which is Michaelis-Menten with ceiling one."""
    return MichaelisMentenSaturation().function(x, alpha=1.0, lam=k)


def _logistic(x: Tensor, k: Tensor) -> Tensor:
    """Logistic saturation by its half-saturation."""
    return LogisticSaturation().function(x, lam=LOG3 / k, beta=1.0)


_SATURATIONS: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = MappingProxyType(
    {"hill": _hill, "logistic": _logistic}
)
_DIMS = ("date", "group", "channel")


def _saturate(family: str, x: Tensor, k: Tensor) -> Tensor:
    """Saturation of (date, group, channel) by the half-saturation per channel."""
    labelled = _SATURATIONS[family](ptx.as_xtensor(x, dims=_DIMS), ptx.as_xtensor(k, dims=_DIMS[2:]))
    return labelled.transpose(*_DIMS).values


def build_model(design: Design, priors: Priors) -> pm.Model:
    """The PyMC model of a design."""
    with pm.Model(coords=_coords(design)) as model:
        saturated = _saturated_media(design, priors)
        effect = _effects(design, priors, saturated)
        centred = saturated - saturated.mean(axis=0, keepdims=True)
        level = pm.Normal("level", design.y_mean, LEVEL_SD, dims="group")
        mu = level + (effect * centred).sum(axis=-1) + _baseline(design)
        sigma = Prior("HalfNormal", sigma=priors.noise_sd, dims="group").create_variable("sigma")
        pm.Normal("kpi", mu, sigma, observed=design.y, dims=("row", "group"))
    return model


def _coords(design: Design) -> dict[str, Any]:
    panel = design.panel
    names = np.array(panel.channels)
    geometric = np.array([family == "geometric" for family in panel.adstock])
    return {
        "group": list(panel.groups),
        "row": range(*design.fit.indices(panel.n_periods)),
        "channel": names[design.active].tolist(),
        "paid": names[design.paid].tolist(),
        "organic": names[design.organic].tolist(),
        "decaying": names[design.active & geometric].tolist(),
        "term": range(design.n_terms),
        "centred_term": np.flatnonzero(design.centred).tolist(),
        "raw_term": np.flatnonzero(~design.centred).tolist(),
    }


def _saturated_media(design: Design, priors: Priors) -> Tensor:
    """Saturated adstocked media of the scored rows, (F, G, active channels), in the order of ``channel``."""
    panel, active = design.panel, np.flatnonzero(design.active)
    x = ptx.as_xtensor(design.x[:, :, active], dims=_DIMS)
    decaying = np.array([panel.adstock[c] == "geometric" for c in active])
    alpha = pt.zeros(len(active))
    if decaying.any():
        mu, sd = priors.half_life_log
        half_life = Prior("LogNormal", mu=mu, sigma=sd, dims="decaying").create_variable("half_life")
        alpha = alpha[np.flatnonzero(decaying)].set(pt.exp2(-1.0 / half_life))
    adstock = GeometricAdstock(l_max=design.l_max, normalize=True)
    carried = adstock.function(x, alpha=ptx.as_xtensor(alpha, dims=("channel",)), dim="date")
    mu, sd = priors.half_saturation_log
    k = Prior("LogNormal", mu=mu, sigma=sd, dims="channel").create_variable("half_saturation")
    scored = carried.transpose(*_DIMS).values[design.fit]
    families = [panel.saturation[c] for c in active]
    parts = [
        _saturate(family, scored[..., members], k[members])
        for family in sorted(set(families))
        if (members := np.flatnonzero([name == family for name in families])).size
    ]
    order = np.argsort(np.argsort(families, kind="stable"), kind="stable")
    joined = parts[0] if len(parts) == 1 else pt.concatenate(parts, axis=-1)[..., order]
    return joined


def _effects(design: Design, priors: Priors, saturated: Tensor) -> Tensor:
    """Scaled KPI per unit of saturated media, (G, active channels)."""
    share = _shares(design, priors)
    typical = (saturated.mean(axis=0) * design.weight[:, None]).sum(axis=0)
    effect = (share / typical)[None, :]
    if design.panel.is_panel and design.panel.n_groups > 1:
        spread = Prior("HalfNormal", sigma=GROUP_SPREAD_SD, dims="channel").create_variable("group_spread")
        z = pm.Normal("group_effect", 0.0, 1.0, dims=("group", "channel"))
        effect = effect * pt.exp(spread * z)
    return effect


def _shares(design: Design, priors: Priors) -> Tensor:
    """Share of the KPI that each active channel caused in a typical group."""
    active = np.flatnonzero(design.active)
    share = pt.zeros(len(active))
    paid, organic = design.paid[active], design.organic[active]
    if paid.any():
        mu, sd = priors.paid_share_logit
        total = pm.math.sigmoid(Prior("Normal", mu=mu, sigma=sd).create_variable("paid_share_logit"))
        weight: Tensor = np.ones(1)
        if paid.sum() > 1:
            split = pm.ZeroSumNormal("paid_split", priors.split_sd, dims="paid")
            weight = pm.math.softmax(split + np.log(design.spend_share[design.paid]))
        share = share[np.flatnonzero(paid)].set(total * weight)
    if organic.any():
        mu, sd = priors.organic_log_share
        own = Prior("LogNormal", mu=mu, sigma=sd, dims="organic").create_variable("organic_share")
        share = share[np.flatnonzero(organic)].set(own)
    return share


def _baseline(design: Design) -> Tensor:
    """Centred baseline of the scored rows, (F, G); groups deviate from the common coefficients by a learned spread."""
    if not design.n_terms:
        return 0.0
    common = pm.Normal("coefficient", 0.0, 1.0, dims="term")
    if not (design.panel.is_panel and design.panel.n_groups > 1):
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
