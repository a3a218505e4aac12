"""What the model expects, period by period: ahead of its data with known media, and again within them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaln

from mmm.baseline import baseline_terms
from mmm.contributions import predictive_noise
from mmm.design import Design
from mmm.draws import MediaDraws
from mmm.link import baseline_mean, half_variance, media_effect
from mmm.panel import MediaPanel
from outlay.transforms import Array

ALL = slice(None)


@dataclass(frozen=True)
class Prediction:
    """Draws of some periods. Shapes: S draws, N periods, G groups.

    Attributes
    ----------
    mean : ndarray (S, N, G)
        The model's mean: of the KPI, or of its logarithm.
    kpi : ndarray (S, N, G)
        The KPI, noise included.
    """

    mean: Array
    kpi: Array


def ahead(draws: MediaDraws, panel: MediaPanel, horizon: int, seed: int) -> Prediction:
    """The periods after a fit's data, with the media, controls, levers and events that really came.

    Parameters
    ----------
    draws : MediaDraws
        A fit of the panel's first periods.
    panel : MediaPanel
        The same panel with the periods to predict.
    horizon : int
        How many.
    seed : int
        Of the noise.
    """
    design, n = draws.design, draws.design.panel.n_periods
    columns = _known_columns(design, panel, slice(n, n + horizon)) - design.centre
    mean = draws.intercept[:, None, :] + np.einsum("sgk,ngk->sng", draws.terms, columns, optimize=True)
    # Nothing further back than the carry-over matters, so only that much of history is carried along.
    first = max(n - design.l_max + 1, 0)
    rows = slice(first, n + horizon)
    for g in range(panel.n_groups):
        for c in np.flatnonzero(design.active):
            contacts = panel.contacts[rows, g, c] if panel.reaches[c] else None
            saturated = draws.saturated(g, int(c), panel.exposure[rows, g, c], contacts)[:, n - first :]
            mean[:, :, g] += draws.coefficient[:, g, c, None] * saturated
    return Prediction(mean, _with_noise(draws, mean, seed))


def _known_columns(design: Design, panel: MediaPanel, rows: slice) -> Array:
    """The baseline's columns over rows that the fit did not see, in the fit's own scales, (N, G, K)."""
    if not design.terms:
        return np.zeros((rows.stop - rows.start, panel.n_groups, 0))
    future = replace(
        design.future,
        dates=panel.dates[rows],
        controls=panel.controls[rows],
        events=panel.events[rows],
        levers=panel.levers[rows],
    )
    terms = baseline_terms(design.panel, design.section, future, design.fit, design.kpi_sd)
    return np.stack([term.values[design.panel.n_periods :] for term in terms], axis=-1)


def within(draws: MediaDraws, seed: int, most: int = 1000) -> Prediction:
    """The scored periods over again, by at most so many draws, evenly thinned."""
    thin = draws if draws.n_draws <= most else thinned(draws, most)
    design = thin.design
    mean = np.stack([fitted_mean(thin, g) for g in range(design.panel.n_groups)], axis=-1)
    return Prediction(mean, _with_noise(thin, mean, seed))


def fitted_mean(draws: MediaDraws, group: int) -> Array:
    """The model's mean in the scored periods of one group, (S, F)."""
    fit = draws.design.fit
    return baseline_mean(draws, group, fit) + media_effect(draws, group, fit)


def thinned(draws: MediaDraws, most: int) -> MediaDraws:
    """At most so many of the draws, evenly spaced."""
    return draws.take(np.unique(np.linspace(0, draws.n_draws - 1, min(most, draws.n_draws)).astype(int)))


def _with_noise(draws: MediaDraws, mean: Array, seed: int) -> Array:
    expected = mean
    if draws.design.log:
        noise = np.stack([half_variance(draws, g) for g in range(mean.shape[-1])], axis=-1)
        expected = np.exp(mean + noise)
    one = np.ones(mean.shape[1:])
    return np.asarray(expected + predictive_noise(draws, expected, one, ALL, np.random.default_rng(seed)))


def log_likelihood(draws: MediaDraws, mean: Array, actual: Array) -> Array:
    """Log density of each value of the KPI, (S, N, G), on the KPI's own scale for every likelihood.

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    mean : ndarray (S, N, G)
        The model's mean.
    actual : ndarray (N, G)
        The KPI.
    """
    sigma = draws.sigma[:, None, :]
    if draws.design.log:
        own = np.log(actual)
        return np.asarray(_normal((own - mean) / sigma) - np.log(sigma) - own)
    standard = (actual - mean) / sigma
    if draws.degrees is None:
        return np.asarray(_normal(standard) - np.log(sigma))
    nu = draws.degrees[:, None, None]
    head = gammaln((nu + 1) / 2) - gammaln(nu / 2) - 0.5 * np.log(nu * np.pi)
    return np.asarray(head - (nu + 1) / 2 * np.log1p(np.square(standard) / nu) - np.log(sigma))


def _normal(standard: Array) -> Array:
    return -0.5 * (np.square(standard) + np.log(2 * np.pi))
