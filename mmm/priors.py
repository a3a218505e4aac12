"""What the model believes before it sees data, in quantities that hold in any unit and at any frequency.

The total share of the KPI that paid media caused has one prior; a zero-sum normal splits it over channels around their
share of spend, so that a channel's ROI may be a few times the average either way. Half-lives are in days and
half-saturations in multiples of the channel's mean exposure: rescaling currency or KPI changes nothing but units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.design import Design
from outlay.transforms import Array

Z90 = 1.6448536269514722
"""A normal lies within this many sds of its mean with probability 90 %."""

HALF_LIFE_SD = 1.0
"""Log sd of a half-life: 90 % between a fifth and five times the middle."""

HALF_SATURATION = (float(np.log(2.0)), 1.0)
"""Log mean and sd of the half-saturation in mean exposures: 90 % between 0.4 and 10, so that a channel may be nearly
linear over all that was spent, or well saturated."""

ORGANIC_SD = 1.25
"""Log sd of an organic channel's share of the KPI: 90 % between an eighth and eight times the middle."""

GROUP_SPREAD_SD = 0.5
"""Half-normal sd of the log spread of a channel's effect over groups."""

BASELINE_SPREAD_SD = 0.5
"""Half-normal sd of the groups' baseline deviations, in prior sds of the coefficients."""


@dataclass(frozen=True)
class Priors:
    """The numbers of the prior, resolved for one design.

    Attributes
    ----------
    paid_share_logit : tuple of float
        Mean and sd of the logit of the total share of the KPI caused by paid media.
    split_sd : float
        Sd of a paid channel's log ROI around the average.
    organic_log_share : tuple of float
        Log mean and sd of an organic channel's share.
    half_life_log : tuple of float
        Log mean and sd of the half-life in periods.
    half_saturation_log : tuple of float
        Log mean and sd of the half-saturation in mean exposures.
    noise_sd : float
        Half-normal sd of the noise, in scaled KPI.
    """

    paid_share_logit: tuple[float, float]
    split_sd: float
    organic_log_share: tuple[float, float]
    half_life_log: tuple[float, float]
    half_saturation_log: tuple[float, float]
    noise_sd: float


def make_priors(design: Design) -> Priors:
    """Resolve the section's beliefs into the model's units."""
    prior, periods = design.section.prior, design.panel.frequency.days
    return Priors(
        paid_share_logit=(float(np.log(prior.paid_share / (1 - prior.paid_share))), prior.paid_share_sd),
        split_sd=float(np.log(prior.roi_ratio)) / Z90,
        organic_log_share=(float(np.log(prior.organic_share)), ORGANIC_SD),
        half_life_log=(float(np.log(prior.half_life_days / periods)), HALF_LIFE_SD),
        half_saturation_log=HALF_SATURATION,
        noise_sd=design.kpi_sd,
    )


def paid_shares(logit: Array, split: Array, spend_share: Array) -> Array:
    """Share of the KPI that each paid channel caused: the total, split around the shares of spend.

    Parameters
    ----------
    logit : ndarray (S,)
        Logit of the total.
    split : ndarray (S, P)
        Log ROI of each paid channel around the average.
    spend_share : ndarray (P,)
        Shares of spend.
    """
    log_weight = split + np.log(spend_share)
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True) / (1.0 + np.exp(-logit))[:, None])


def draw_prior_shares(design: Design, priors: Priors, draws: int, seed: int) -> Array:
    """Prior draws of every channel's share of the KPI over all groups, (draws, C); zero for channels that never ran."""
    rng = np.random.default_rng(seed)
    shares = np.zeros((draws, design.panel.n_channels))
    n_paid, n_organic = int(design.paid.sum()), int(design.organic.sum())
    if n_paid:
        logit = rng.normal(*priors.paid_share_logit, draws)
        # A zero-sum normal is a standard normal with its mean over channels taken out.
        split = rng.normal(0.0, priors.split_sd, (draws, n_paid))
        split -= split.mean(axis=1, keepdims=True)
        shares[:, design.paid] = paid_shares(logit, split, design.spend_share[design.paid])
    if n_organic:
        shares[:, design.organic] = np.exp(rng.normal(*priors.organic_log_share, (draws, n_organic)))
    if design.panel.is_panel and design.panel.n_groups > 1:
        spread = np.abs(rng.normal(0.0, GROUP_SPREAD_SD, (draws, 1, shares.shape[1])))
        factor = np.exp(spread * rng.normal(size=(draws, design.panel.n_groups, shares.shape[1])))
        shares *= (factor * design.weight[:, None]).sum(axis=1)
    return shares
