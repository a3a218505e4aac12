"""The conversion model in PyMC. This is its definition.

A transition of the funnel, over cells i with n trials and y successes:

    logit(rate[i]) = intercept + sum over terms of effect[term][level of i]
    y[i]           ~ Binomial(n[i], rate[i])                  up to its coefficient: trials may be parts of leads
    effect[term]   ~ ZeroSumNormal(spread[term])              segment, channel, segment x channel, region, ...
    effect[period] = centred cumulative sum of Normal(0, spread[period]) steps; those of segments by period the same of
                     steps that are ZeroSumNormal over segments
    spread[term]   ~ HalfNormal(its prior),   intercept ~ Normal

The value of the last stage, over cells with n deals, sum y of their values' logarithms and sum q of the squares:

    log(value) ~ Normal(mean[i], sigma[i]),   mean = log_value + segment + channel,   log(sigma) = log_spread + segment

Whether a term is centred is a choice of coordinates and not of the model; the Laplace fit makes it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from attribution.conversion_links import Link, Term, walk_basis, zero_sum_basis
from attribution.laplace import Laplace, samples_of, slices
from outlay.sampling import Samples
from outlay.transforms import Array

Tensor = Any


def build_model(fit: Laplace, centred: tuple[bool, ...] | None = None) -> pm.Model:
    """The PyMC model of a link.

    Parameters
    ----------
    fit : Laplace
        Its first approximation.
    centred : tuple of bool, optional
        Parametrisation of each term, in place of what the approximation suggests.
    """
    link = fit.link
    choice = well_informed(fit) if centred is None else centred
    coords = {_dim(term): list(term.levels) for term in link.terms if len(term.dims) == 1}
    with pm.Model(coords=coords) as model:
        fixed = [
            pm.Normal(name, float(mean), float(sd))
            for name, mean, sd in zip(link.fixed, link.fixed_mean, link.fixed_sd, strict=True)
        ]
        effects = [_effects(link, term, own) for term, own in zip(link.terms, choice, strict=True)]
        _likelihood(link, fixed, effects)
    return model


def well_informed(fit: Laplace) -> tuple[bool, ...]:
    """Per term, whether the data say more about its effects than their common prior does."""
    variances = [np.trace(fit.covariance[p, p]) / (p.stop - p.start) for p in slices(fit.link)]
    return tuple(bool(v < 0.5 * s * s) for v, s in zip(variances, fit.spread, strict=True))


def named(link: Link, samples: Samples) -> Samples:
    """Draws of the model under the names that every route gives."""
    free = [samples.values[name][..., None] for name in link.fixed]
    spreads = []
    for term in link.terms:
        spread = samples.values[f"spread_{term.name}"]
        name = next(kind for kind in ("free", "raw") if f"{kind}_{term.name}" in samples.values)
        values = samples.values[f"{name}_{term.name}"] * (_over(spread, term) if name == "raw" else 1.0)
        free.append(free_of(term, values))
        spreads.append(spread)
    shape = samples.values[link.fixed[0]].shape
    spread = np.stack(spreads, axis=-1) if spreads else np.empty((*shape, 0))
    return samples_of(link, (np.concatenate(free, axis=-1), spread), dict(samples.stats), samples.route)


def free_of(term: Term, values: Array) -> Array:
    """Free directions (chains, draws, d) of a term's variable as the model has it."""
    flat = values.reshape(*values.shape[:2], -1)
    if not term.walk:
        return np.asarray(flat @ term.basis)
    if len(term.dims) == 1:
        return flat
    turned = np.swapaxes(values, -1, -2)  # segments by steps
    return np.asarray(np.einsum("sk,cdst->cdkt", zero_sum_basis(turned.shape[2]), turned)).reshape(*flat.shape[:2], -1)


def _over(spread: Array, term: Term) -> Array:
    """A spread per draw against the term's shape."""
    return spread.reshape(*spread.shape, *([1] * len(term.dims)))


def _dim(term: Term) -> str:
    return f"level_{term.name}"


def _effects(link: Link, term: Term, centred: bool) -> Tensor:
    """Effects of a term's levels, flat."""
    spread = pm.HalfNormal(f"spread_{term.name}", term.prior)
    name, sigma = (f"free_{term.name}", spread) if centred else (f"raw_{term.name}", 1.0)
    if term.walk:
        walk = walk_basis(shape_of(link, term)[-1])
        steps = walk.shape[1]
        if len(term.dims) == 1:
            free = pm.Normal(name, 0.0, sigma, shape=steps)
        else:
            free = pm.ZeroSumNormal(name, sigma=sigma, shape=(steps, shape_of(link, term)[0]), n_zerosum_axes=1)
        effects = (pt.as_tensor(walk) @ free).T.ravel()
    elif len(term.dims) == 1:
        effects = pm.ZeroSumNormal(name, sigma=sigma, dims=_dim(term))
    else:
        shape = shape_of(link, term)
        effects = pm.ZeroSumNormal(name, sigma=sigma, shape=shape, n_zerosum_axes=len(shape)).ravel()
    return effects if centred else spread * effects


def shape_of(link: Link, term: Term) -> tuple[int, ...]:
    """Numbers of levels of an interaction's dimensions, from the terms of the dimensions alone."""
    sizes = {other.dims[0]: len(other.levels) for other in link.terms if len(other.dims) == 1}
    return tuple(sizes[dim] for dim in term.dims)


def _likelihood(link: Link, fixed: list[Tensor], effects: list[Tensor]) -> None:
    predictors = list(fixed)
    for t, (term, effect) in enumerate(zip(link.terms, effects, strict=True)):
        own = link.index[:, t] - int(link.offsets[t])
        predictors[term.predictor] = predictors[term.predictor] + effect[own]
    if link.family == "binomial":
        eta = predictors[0]
        pm.Potential(link.name, (link.y * eta - link.n * pt.softplus(eta)).sum())
        return
    mean, log_width = predictors
    squares = link.q - 2.0 * mean * link.y + link.n * mean**2
    width = link.n * (log_width + 0.5 * math.log(2.0 * math.pi))
    pm.Potential(link.name, -(width + 0.5 * squares * pt.exp(-2.0 * log_width)).sum())
