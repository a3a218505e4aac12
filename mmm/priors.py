"""What the model believes before it sees data, in quantities that hold in any unit and at any frequency.

The total share of the KPI that paid media caused has one prior; a zero-sum normal splits it over channels around their
share of spend, so that a channel's ROI may be a few times the average either way. Half-lives are in days and
half-saturations in multiples of the channel's mean exposure: rescaling currency or KPI changes nothing but units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from mmm.catalogue import CATALOGUE
from mmm.config import ChannelPriorSection, ChannelSection
from mmm.design import Design
from mmm.presets import DELAY_DAYS, DELAY_SD, Z90, half_life_belief
from outlay.errors import DataError
from outlay.transforms import Array

HALF_SATURATION = (float(np.log(2.0)), 1.0)
"""Log mean and sd of the half-saturation in mean exposures: 90 % between 0.4 and 10, so that a channel may be nearly
linear over all that was spent, or well saturated."""

FREQUENCY = (0.7, 0.4)
"""Log mean and sd of the half-saturation in contacts per person, and of the slope: Meridian's priors (``slope_rf``, and
``ec_rf`` without the 0.1 that it adds), 90 % between one and four contacts."""

SLOPE = (0.0, 0.5)
"""Log mean and sd of a Hill slope that is left free: 90 % between 0.44 and 2.3."""

WEIBULL_SHAPE = (0.0, 0.4)
"""Log mean and sd of a Weibull shape: 90 % between 0.5 (falls at once) and 1.9 (rises first)."""

ROOT = (2.0, 2.0)
"""Beta parameters of the exponent of a root: 90 % between 0.14 and 0.86."""

ORGANIC_SD = 1.25
"""Log sd of an organic channel's share of the KPI: 90 % between an eighth and eight times the middle."""

GROUP_SPREAD_SD = 0.5
"""Half-normal sd of the spread of a channel's effect over groups: of its logarithm, or of its ratio to the mean."""

BASELINE_SPREAD_SD = 0.5
"""Half-normal sd of the groups' baseline deviations, in prior sds of the coefficients."""

DEGREES = (2.0, 0.1)
"""Gamma shape and rate of Student's degrees of freedom (Juarez and Steel 2010), which start at two here, so that the
noise has a variance."""

MAX_SHARE = 0.6
"""Share of the KPI beyond which stated beliefs about channels contradict any baseline."""


@dataclass(frozen=True)
class Priors:
    """The numbers of the prior, resolved for one design; arrays are by channel, (C,).

    Attributes
    ----------
    paid_share_logit : tuple of float
        Mean and sd of the logit of the share of the KPI caused by the paid channels without a prior of their own.
    split_sd : float
        Sd of a paid channel's log ROI around the average.
    organic_log_share : tuple of float
        Log mean and sd of an organic channel's share.
    half_life_log : tuple of ndarray
        Log mean and sd of the half-life in periods.
    shape_log : tuple of ndarray
        Log mean and sd of the second adstock parameter.
    half_saturation_log : tuple of ndarray
        Log mean and sd of the half-saturation in mean exposures, or in contacts.
    slope_log : tuple of ndarray
        Log mean and sd of a free Hill slope.
    own : tuple of ndarray
        Mean and sd of a channel's own belief: of the log share, the share (normal), or the log coefficient.
    noise_sd : float
        Half-normal sd of the noise, in scaled KPI.
    """

    paid_share_logit: tuple[float, float]
    split_sd: float
    organic_log_share: tuple[float, float]
    half_life_log: tuple[Array, Array]
    shape_log: tuple[Array, Array]
    half_saturation_log: tuple[Array, Array]
    slope_log: tuple[Array, Array]
    own: tuple[Array, Array]
    noise_sd: float


def make_priors(design: Design) -> Priors:
    """Resolve the section's beliefs into the model's units.

    Raises
    ------
    DataError
        Where a channel's own belief cannot be read: an ROI without money (M014), or shares beyond reason (M015).
    """
    section, days = design.section, design.panel.frequency.days
    prior, channels = section.prior, section.channels
    lives = [half_life_belief(channel, section) for channel in channels]
    own = _own_beliefs(design)
    # Channels with a belief of their own leave the paid total, and take their part of it along.
    pooled = float(design.spend_share[design.blocks.pooled].sum())
    share = prior.paid_share * (pooled if pooled > 0 else 1.0)
    delay = (float(np.log(DELAY_DAYS / days)), DELAY_SD)
    return Priors(
        paid_share_logit=(float(np.log(share / (1 - share))), prior.paid_share_sd),
        split_sd=float(np.log(prior.roi_ratio)) / Z90,
        organic_log_share=(float(np.log(prior.organic_share)), ORGANIC_SD),
        half_life_log=(
            np.array([np.log(life.days / days) for life in lives]),
            np.array([life.log_sd for life in lives]),
        ),
        shape_log=_pair([delay if channel.adstock == "delayed" else WEIBULL_SHAPE for channel in channels]),
        half_saturation_log=_pair([FREQUENCY if channel.reaches else HALF_SATURATION for channel in channels]),
        slope_log=_pair([FREQUENCY if channel.reaches else SLOPE for channel in channels]),
        own=own,
        noise_sd=design.kpi_sd,
    )


def _pair(pairs: list[tuple[float, float]]) -> tuple[Array, Array]:
    table = np.array(pairs, float)
    return table[:, 0], table[:, 1]


def _own_beliefs(design: Design) -> tuple[Array, Array]:
    """Mean and sd of each channel's own belief in the model's unit; not a number for channels without one."""
    mean, sd = np.full((2, design.panel.n_channels), np.nan)
    implied = 0.0
    for c in np.concatenate([design.blocks.own, design.blocks.signed, design.blocks.direct]):
        channel = design.section.channels[c]
        belief = channel.prior
        if belief is None:
            continue
        unit = _share_per_roi(design, int(c), channel) if belief.on == "roi" else 1.0
        centre, spread = _moments(belief)
        if belief.family == "normal":
            mean[c], sd[c] = centre * unit, spread * unit
            middle = mean[c]
        else:
            mean[c], sd[c] = centre + np.log(unit), spread
            middle = np.exp(mean[c])
        implied += middle if belief.on != "coefficient" else 0.0
    if implied > MAX_SHARE:
        what = f"the channels' own priors say that these channels cause {implied:.0%} of {design.panel.kpi_name}"
        raise DataError([CATALOGUE.finding("M015", "[[media.channels]] prior", what)])
    return mean, sd


def _moments(belief: ChannelPriorSection) -> tuple[float, float]:
    """Mean and sd of the belief, of its logarithm where it is lognormal."""
    lognormal = belief.family == "lognormal"
    if belief.mean is not None and belief.sd is not None:
        if not lognormal:
            return belief.mean, belief.sd
        variance = float(np.log1p((belief.sd / belief.mean) ** 2))
        return float(np.log(belief.mean)) - variance / 2, float(np.sqrt(variance))
    ends = np.array([belief.low, belief.high], float)
    low, high = np.log(ends) if lognormal else ends
    return float(low + high) / 2, float((high - low) / (2 * ndtri((1 + belief.probability) / 2)))


def _share_per_roi(design: Design, c: int, channel: ChannelSection) -> float:
    """Share of the KPI that a return of one on the channel's spend would be."""
    panel, fit = design.panel, design.fit
    spend = float(panel.spend[fit, :, c].sum())
    if not panel.has_value:
        what = f"the KPI {panel.kpi_name} is a count without a value, so spend has no ROI"
    elif spend <= 0:
        what = "nothing was spent in the scored rows, so there is no ROI"
    else:
        # Shares are of the KPI's size: a net KPI that falls below zero has one where its sum would say nothing.
        return spend / float((np.abs(panel.kpi) * panel.value)[fit].sum())
    raise DataError([CATALOGUE.finding("M014", f"channel {channel.name}, prior", what)])


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


def group_factor(total: Array, hierarchy: str) -> Array:
    """How much more or less than in a typical group a channel does, from the sum of its groups' deviations."""
    return np.exp(total) if hierarchy == "lognormal" else 1.0 + total
