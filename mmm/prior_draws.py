"""The model without data: draws of every free parameter from its prior, under the names of a posterior.

Whatever is computed from a posterior is then computed from the prior by the same code: returns, contributions, the KPI.
"""

from __future__ import annotations

import numpy as np

from mmm.design import LEVEL_SD, Design
from mmm.draws import group_factors, typical_shares
from mmm.labels import suffix
from mmm.priors import BASELINE_SPREAD_SD, DEGREES, GROUP_SPREAD_SD, ROOT, Priors
from outlay.sampling import STATS, Samples
from outlay.transforms import Array


def prior_samples(design: Design, priors: Priors, draws: int, seed: int) -> Samples:
    """Independent draws from the prior of :func:`mmm.model.build_model`, as one chain.

    Parameters
    ----------
    design, priors
        The model.
    draws : int
        Number of draws.
    seed : int
        Seed of the draws.
    """
    rng = np.random.default_rng(seed)
    values = _shapes(design, priors, rng, draws) | _shares(design, priors, rng, draws)
    values |= _groups(design, rng, draws) | _baseline(design, rng, draws)
    values["sigma"] = np.abs(rng.normal(0.0, priors.noise_sd, (draws, design.panel.n_groups)))
    values["level"] = rng.normal(design.y_mean, LEVEL_SD, (draws, design.panel.n_groups))
    if design.section.likelihood == "student_t":
        shape, rate = DEGREES
        values["degrees_beyond_two"] = rng.gamma(shape, 1.0 / rate, draws)
    if design.signed.any():
        values["lever_effect"] = np.abs(rng.normal(size=(draws, int(np.count_nonzero(design.signed)))))
    dims = {name: tuple(f"{name}_{axis}" for axis in range(value.ndim - 1)) for name, value in values.items()}
    coords = {
        dim: tuple(range(size)) for name in values for dim, size in zip(dims[name], values[name].shape[1:], strict=True)
    }
    return Samples({name: value[None] for name, value in values.items()}, dims, coords, _no_statistics(draws))


def draw_prior_effects(design: Design, priors: Priors, draws: int, seed: int) -> Array:
    """Prior draws of every channel's share of the KPI over all groups, (draws, C); zero for channels that never ran.

    Of a channel whose prior is on the coefficient it is the scaled coefficient: the share follows from its curve.
    """
    rng = np.random.default_rng(seed)
    values = _shares(design, priors, rng, draws) | _groups(design, rng, draws)
    samples = Samples({name: value[None] for name, value in values.items()}, {}, {}, _no_statistics(draws))
    effect = typical_shares(design, samples, draws)
    if design.blocks.direct.size:
        effect[:, design.blocks.direct] = samples.flat("own_coefficient")
    return np.asarray(effect * (group_factors(design, samples, draws) * design.weight[:, None]).sum(axis=1))


def draw_prior_shares(design: Design, priors: Priors, draws: int, seed: int) -> Array:
    """The same, with no number where the prior is on the coefficient."""
    shares = draw_prior_effects(design, priors, draws, seed)
    shares[:, design.blocks.direct] = np.nan
    return shares


def _no_statistics(draws: int) -> dict[str, Array]:
    """What a sampler would tell; here nothing diverged, because nothing was sampled."""
    return {name: np.zeros((1, draws)) for name in STATS}


def _lognormal(numbers: tuple[Array, Array], members: np.ndarray, rng: np.random.Generator, draws: int) -> Array:
    mean, sd = numbers
    return np.exp(rng.normal(mean[members], sd[members], (draws, members.size)))


def _shapes(design: Design, priors: Priors, rng: np.random.Generator, draws: int) -> dict[str, Array]:
    blocks = design.blocks
    values = {
        "half_life": _lognormal(priors.half_life_log, blocks.decaying, rng, draws),
        "adstock_shape": _lognormal(priors.shape_log, blocks.shaped, rng, draws),
        "half_saturation": _lognormal(priors.half_saturation_log, blocks.bent, rng, draws),
        "slope": _lognormal(priors.slope_log, blocks.sloped, rng, draws),
        "root": rng.beta(*ROOT, (draws, blocks.rooted.size)),
    }
    return {name: value for name, value in values.items() if value.shape[1]}


def _shares(design: Design, priors: Priors, rng: np.random.Generator, draws: int) -> dict[str, Array]:
    blocks, values = design.blocks, {}
    if blocks.pooled.size:
        values["paid_share_logit"] = rng.normal(*priors.paid_share_logit, draws)
    if blocks.pooled.size > 1:
        # A zero-sum normal is a standard normal with its mean over channels taken out.
        split = rng.normal(0.0, priors.split_sd, (draws, blocks.pooled.size))
        values["paid_split"] = split - split.mean(axis=1, keepdims=True)
    if blocks.organic.size:
        values["organic_share"] = np.exp(rng.normal(*priors.organic_log_share, (draws, blocks.organic.size)))
    mean, sd = priors.own
    if blocks.own.size:
        values["own_share"] = _lognormal(priors.own, blocks.own, rng, draws)
    if blocks.signed.size:
        values["signed_share"] = rng.normal(mean[blocks.signed], sd[blocks.signed], (draws, blocks.signed.size))
    if blocks.direct.size:
        values["own_coefficient"] = _lognormal(priors.own, blocks.direct, rng, draws)
    return values


def _groups(design: Design, rng: np.random.Generator, draws: int) -> dict[str, Array]:
    values, active = {}, design.blocks.active.size
    for i, level in enumerate(design.levels):
        end = suffix(design, i)
        values[f"group_spread{end}"] = np.abs(rng.normal(0.0, GROUP_SPREAD_SD, (draws, active)))
        values[f"group_effect{end}"] = rng.normal(size=(draws, len(level.labels), active))
    return values


def _baseline(design: Design, rng: np.random.Generator, draws: int) -> dict[str, Array]:
    k = len(design.free_terms)
    if not k:
        return {}
    values = {"coefficient": rng.normal(size=(draws, k))}
    if not design.pooled:
        return values
    spread = np.abs(rng.normal(0.0, BASELINE_SPREAD_SD, draws))
    values["baseline_spread"] = spread
    deviation = rng.normal(size=(draws, design.panel.n_groups, k))
    if design.centred.any():
        own = values["coefficient"][:, None] + spread[:, None, None] * deviation
        values["coefficient_group"] = own[:, :, design.centred]
    if (~design.centred).any():
        values["coefficient_deviation"] = deviation[:, :, ~design.centred]
    return values
