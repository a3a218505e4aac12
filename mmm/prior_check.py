"""What the priors imply before anything is fitted: returns, contributions and the KPI, in the user's own units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.catalogue import CATALOGUE
from mmm.contributions import components, predictive_noise
from mmm.design import Design
from mmm.draws import MediaDraws, media_draws
from mmm.identify import ABSURD_ROI
from mmm.prior_draws import prior_samples
from mmm.priors import MAX_SHARE, Priors
from mmm.returns import Returns, window_returns
from outlay.findings import Finding
from outlay.summary import summarise
from outlay.transforms import Array

DRAWS = 1000
LIKELY = 0.25
"""Probability from which an implication of the prior is told as a warning."""


@dataclass(frozen=True)
class PriorCheck:
    """What the priors imply for the scored window.

    Attributes
    ----------
    channels : DataFrame
        ``channel, spend, share_*, contribution_*, roi_*, half_life_days_*``, medians and intervals; ROI is missing for
        organic channels. The last row, ``all paid media``, is their sum.
    kpi : DataFrame
        One row each for the KPI's ``total``, its ``standard deviation`` over periods and its ``lowest period``:
        ``observed`` and ``median, hdi_low, hdi_high`` of what the prior would have produced, noise included.
    below_zero : float
        Probability of a period with a KPI below zero.
    beyond : float
        Prior probability that paid media cause more than 60 % of the KPI.
    findings : tuple of Finding
        Implications that few would sign (M040 to M042).
    """

    channels: pd.DataFrame
    kpi: pd.DataFrame
    below_zero: float
    beyond: float
    findings: tuple[Finding, ...]


def check_priors(design: Design, priors: Priors, level: float, seed: int) -> PriorCheck:
    """Draw from the prior and look at what it says.

    Parameters
    ----------
    design, priors
        The model.
    level : float
        Level of the intervals.
    seed : int
        Seed of the draws.
    """
    draws = media_draws(design, prior_samples(design, priors, DRAWS, seed))
    returns = window_returns(draws)
    paid = design.bought
    media = returns.contribution[:, :, paid].sum((1, 2))
    beyond = float((media > MAX_SHARE * returns.outcome.sum()).mean())
    channels = _channels(draws, returns, level)
    observed, drawn = _kpi(draws, seed)
    below = float((drawn < 0).mean())
    return PriorCheck(
        channels=channels,
        kpi=_kpi_table(observed, drawn, level),
        below_zero=below,
        beyond=beyond,
        findings=tuple(_findings(design, channels, beyond, below, bool((observed < 0).any()))),
    )


def _channels(draws: MediaDraws, returns: Returns, level: float) -> pd.DataFrame:
    design, panel = draws.design, draws.design.panel
    rows = []
    for c in np.flatnonzero(design.active):
        row: dict[str, object] = {"channel": panel.channels[c]}
        row |= _amounts(returns, np.array([c]), level)
        days = draws.half_life[:, c] * panel.frequency.days
        rows.append(row | summarise(days, level).numbers("half_life_days"))
    if design.bought.any():
        rows.append({"channel": "all paid media"} | _amounts(returns, np.flatnonzero(design.bought), level))
    return pd.DataFrame(rows)


def _amounts(returns: Returns, members: np.ndarray, level: float) -> dict[str, object]:
    spend = float(returns.spend[:, members].sum())
    contribution = returns.contribution[:, :, members].sum((1, 2))
    incremental = returns.incremental[:, :, members].sum((1, 2))
    row: dict[str, object] = {"spend": spend}
    row |= summarise(contribution, level).numbers("contribution")
    row |= summarise(contribution / returns.outcome.sum(), level).numbers("share")
    return row | summarise(incremental / spend if spend > 0 else np.full(1, np.nan), level).numbers("roi")


def _kpi(draws: MediaDraws, seed: int) -> tuple[Array, Array]:
    """Observed outcome by period (F,), and what the prior would have produced, (S, F)."""
    design = draws.design
    value = design.panel.value[design.fit]
    mean = np.sum([part.draws for part in components(draws)], axis=0)
    noise = predictive_noise(draws, mean, value, slice(None), np.random.default_rng(seed))
    return (design.panel.kpi[design.fit] * value).sum(1), (mean + noise).sum(-1)


def _kpi_table(observed: Array, drawn: Array, level: float) -> pd.DataFrame:
    rows = []
    for name, seen, values in (
        ("total", observed.sum(), drawn.sum(1)),
        ("standard deviation", observed.std(), drawn.std(1)),
        ("lowest period", observed.min(), drawn.min(1)),
    ):
        summary = summarise(values, level)
        rows.append(
            {
                "quantity": name,
                "observed": float(seen),
                "median": float(summary.median),
                "hdi_low": float(summary.low),
                "hdi_high": float(summary.high),
            }
        )
    return pd.DataFrame(rows)


def _findings(design: Design, channels: pd.DataFrame, beyond: float, below: float, negative: bool) -> list[Finding]:
    findings = []
    if beyond > LIKELY:
        what = f"with probability {beyond:.0%} paid media cause more than {MAX_SHARE:.0%} of the KPI"
        findings.append(CATALOGUE.finding("M040", "priors", what))
    if design.panel.has_value:
        rows = channels[(channels["roi_median"] > ABSURD_ROI) | (channels["roi_hdi_high"] > 10 * ABSURD_ROI)]
        for row in rows.to_dict("records"):
            ends = " to ".join(f"{row[end]:.3g}" for end in ("roi_hdi_low", "roi_hdi_high"))
            what = f"an ROI of {row['roi_median']:.3g} in the middle, {ends}"
            findings.append(CATALOGUE.finding("M041", f"channel {row['channel']}", what))
    if below > LIKELY and not negative:
        what = f"{below:.0%} of the periods that the prior draws have a KPI below zero, and none was ever seen"
        findings.append(CATALOGUE.finding("M042", "priors", what))
    return findings
