"""A posterior without a sampler: curves drawn from the prior and weighed by what they explain, everything else exact.

Given the curves' shapes the model is a linear regression with Gaussian beliefs, so a fit takes milliseconds. Effects of
groups are left at one. It is not the model's posterior, and near enough to test what is done with one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.config import MediaSection
from mmm.design import LEVEL_SD, Design
from mmm.media import FittedMedia, MediaMixModel
from mmm.panel import MediaPanel
from mmm.prior_draws import draw_prior_shares
from mmm.priors import Priors
from outlay.project import ProjectSection
from outlay.sampling import Samples
from outlay.transforms import Bend, adstock_weights, saturated_adstock

SHAPES, DRAWS, CHAINS = 30, 150, 2


@dataclass(frozen=True)
class Shapes:
    """One guess at every curve, (C,) each."""

    half_life: np.ndarray
    second: np.ndarray
    half_saturation: np.ndarray
    exponent: np.ndarray


def conjugate_fit(panel: MediaPanel, section: MediaSection, project: ProjectSection, seed: int) -> FittedMedia:
    """A fit by regression under shapes drawn from their prior."""
    model = MediaMixModel(panel, section, project.model_copy(update={"seed": seed}))
    design, priors = model.design, model.priors
    rng = np.random.default_rng(seed)
    guesses = [_shapes(design, priors, rng) for _ in range(SHAPES)]
    fits = [_regression(design, priors, guess, seed) for guess in guesses]
    evidence = np.array([fit[0] for fit in fits])
    weight = np.exp(evidence - evidence.max())
    chosen = rng.choice(SHAPES, CHAINS * DRAWS, p=weight / weight.sum())
    theta = np.stack([fits[i][1] + fits[i][2] @ rng.standard_normal(len(fits[i][1])) for i in chosen])
    sigma = np.stack([fits[i][3] for i in chosen])
    sigma = sigma * np.sqrt(len(design.y) / rng.chisquare(len(design.y), (len(chosen), 1)))
    return FittedMedia(design, priors, model.project, _samples(design, theta, sigma, [guesses[i] for i in chosen]))


def _shapes(design: Design, priors: Priors, rng: np.random.Generator) -> Shapes:
    c = design.panel.n_channels
    draw = [
        np.exp(mean + sd * rng.standard_normal(c))
        for mean, sd in (priors.half_life_log, priors.shape_log, priors.half_saturation_log, priors.slope_log)
    ]
    fixed = np.array([ch.slope if isinstance(ch.slope, float) else 1.0 for ch in design.section.channels])
    exponent = np.where(np.isin(np.arange(c), design.blocks.sloped), draw[3], fixed)
    exponent[design.blocks.rooted] = rng.beta(2.0, 2.0, design.blocks.rooted.size)
    return Shapes(draw[0], draw[1], draw[2], exponent)


def _media(design: Design, shapes: Shapes) -> np.ndarray:
    """Saturated media over their typical value, (F, G, C)."""
    panel, out = design.panel, np.zeros((*design.y.shape, design.panel.n_channels))
    for c in np.flatnonzero(design.active):
        channel = design.section.channels[c]
        weights = adstock_weights(panel.adstock[c], shapes.half_life[[c]], shapes.second[[c]], design.l_max)
        bend = Bend(
            family=channel.saturation,
            k=shapes.half_saturation[[c]],
            s=shapes.exponent[[c]],
            first=channel.saturation_first or channel.reaches,
        )
        for g in range(panel.n_groups):
            x = panel.exposure[:, g, c] / design.x_scale[g, c]
            seen = panel.contacts[:, g, c]
            f = (
                saturated_adstock(seen, weights, bend, multiplier=x)
                if panel.reaches[c]
                else saturated_adstock(x, weights, bend)
            )
            out[:, g, c] = f[0, design.fit]
        out[:, :, c] /= design.weight @ out[:, :, c].mean(0)
    return out


def _regression(
    design: Design, priors: Priors, shapes: Shapes, seed: int
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Log evidence, mean, root of the covariance, noise; coefficients are shares, levers, columns, levels."""
    media = _media(design, shapes)[..., design.active]
    f, g = design.y.shape
    levels = np.broadcast_to(np.eye(g), (f, g, g))
    columns = np.concatenate([media - media.mean(0), design.signed_columns, design.z, levels], axis=-1)
    belief = draw_prior_shares(design, priors, 500, seed)[:, design.active]
    extra = columns.shape[-1] - belief.shape[1] - g
    mean = np.concatenate([belief.mean(0), np.zeros(extra), design.y_mean])
    sd = np.concatenate([belief.std(0), np.ones(extra), np.full(g, LEVEL_SD)])
    x, y = columns.reshape(f * g, -1), design.y.ravel()
    noise = np.full(g, max(0.5 * design.kpi_sd, 1e-3))
    for _ in range(6):
        by_row = np.tile(noise, f)
        precision = (x / by_row[:, None] ** 2).T @ x + np.diag(sd**-2.0)
        covariance = np.linalg.inv(precision)
        centre = covariance @ ((x / by_row[:, None] ** 2).T @ y + mean / sd**2)
        left = (y - x @ centre).reshape(f, g)
        used = float(np.trace(covariance @ (x / by_row[:, None] ** 2).T @ x))
        noise = np.sqrt(np.square(left).sum(0) / max(f - used / g, 2.0))
    by_row = np.tile(noise, f)
    evidence = -0.5 * np.square((y - x @ centre) / by_row).sum() - np.log(by_row).sum()
    evidence -= 0.5 * np.square((centre - mean) / sd).sum() + 0.5 * np.linalg.slogdet(precision)[1]
    return float(evidence), centre, np.linalg.cholesky((covariance + covariance.T) / 2), noise


def _samples(design: Design, theta: np.ndarray, sigma: np.ndarray, shapes: list[Shapes]) -> Samples:
    """The free parameters by their names."""
    blocks, g = design.blocks, design.panel.n_groups
    share = np.zeros((len(theta), design.panel.n_channels))
    share[:, design.active] = theta[:, : blocks.active.size]
    positive = np.maximum(share, 1e-5)
    at = blocks.active.size
    signed = int((design.signed != 0).sum())
    lever, coefficient = np.abs(theta[:, at : at + signed]), theta[:, at + signed : theta.shape[1] - g]
    stack = {name: np.stack([getattr(one, name) for one in shapes]) for name in Shapes.__dataclass_fields__}
    values = {
        "level": theta[:, theta.shape[1] - g :],
        "sigma": sigma,
        "half_life": stack["half_life"][:, blocks.decaying],
        "adstock_shape": stack["second"][:, blocks.shaped],
        "half_saturation": stack["half_saturation"][:, blocks.bent],
        "slope": stack["exponent"][:, blocks.sloped],
        "root": stack["exponent"][:, blocks.rooted],
        "organic_share": positive[:, blocks.organic],
        "own_share": positive[:, blocks.own],
        "signed_share": share[:, blocks.signed],
        "lever_effect": lever,
        "coefficient": coefficient,
    }
    if blocks.pooled.size:
        total = np.minimum(positive[:, blocks.pooled].sum(1), 0.95)
        split = np.log(positive[:, blocks.pooled] / design.spend_share[blocks.pooled])
        values["paid_share_logit"] = np.log(total / (1 - total))
        if blocks.pooled.size > 1:
            values["paid_split"] = split - split.mean(1, keepdims=True)
    if design.pooled:
        values |= _typical_groups(design, coefficient)
    values = {name: value for name, value in values.items() if value.size}
    shape = (CHAINS, len(theta) // CHAINS)
    values = {name: value.reshape(*shape, *value.shape[1:]) for name, value in values.items()}
    noise = np.random.default_rng(0).normal(size=shape)
    dims = {name: tuple(f"{name}_{i}" for i in range(value.ndim - 2)) for name, value in values.items()}
    return Samples(values, dims, {}, {"diverging": np.zeros(shape), "energy": noise})


def _typical_groups(design: Design, coefficient: np.ndarray) -> dict[str, np.ndarray]:
    """Every group is the typical one."""
    n, groups = len(coefficient), design.panel.n_groups
    values: dict[str, np.ndarray] = {"baseline_spread": np.full(n, 0.1)}
    for i, level in enumerate(design.levels):
        end = f"_{i + 1}" if len(design.levels) > 1 else ""
        values[f"group_spread{end}"] = np.full((n, design.blocks.active.size), 0.1)
        values[f"group_effect{end}"] = np.zeros((n, len(level.labels), design.blocks.active.size))
    values["coefficient_group"] = np.repeat(coefficient[:, None, design.centred], groups, axis=1)
    values["coefficient_deviation"] = np.zeros((n, groups, int((~design.centred).sum())))
    return values
