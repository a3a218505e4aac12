"""What the data said beyond the prior, and what a reader must be warned of. Convergence says nothing about either."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.catalogue import CATALOGUE
from mmm.contributions import Decomposition
from mmm.draws import MediaDraws
from mmm.prior_draws import draw_prior_effects
from mmm.priors import Priors
from mmm.wording import money
from outlay.findings import Finding
from outlay.transforms import Array

PRIOR_DRAWS = 4000
CLEAR, WEAK = 0.5, 0.2
"""Contraction from which a channel's effect counts as learned from the data, and below which as not learned."""

CONFLICT = -0.1
"""Contraction at and below which the data pull against the prior: the belief became wider by what was seen."""

ABSURD_ROI = 20.0
"""A return on media spend that a marketer would not believe without an experiment."""

FAINT = 0.1
"""An effect below this part of the prior's middle counts as that part, where effects may be negative."""

MAX_PAID_SHARE = 0.6
MAX_AUTOCORRELATION = 0.3
MIN_R2 = 0.5


@dataclass(frozen=True)
class Identification:
    """How far the data moved each channel's effect.

    Attributes
    ----------
    contraction : ndarray (C,)
        One minus the ratio of posterior to prior sd of the log share of the KPI (of the share itself where its prior is
        normal, of the log coefficient where the prior is on it): 0 where the answer is the prior, near 1 where the data
        decided.
    verdict : tuple of {"yes", "weak", "no"}
        The same in a word.
    """

    contraction: Array
    verdict: tuple[str, ...]


def identify(draws: MediaDraws, priors: Priors, seed: int) -> Identification:
    """Compare the posterior of each channel's effect with its prior: share, or coefficient where the prior is on it."""
    design, direct = draws.design, draws.design.blocks.direct
    before = draw_prior_effects(design, priors, PRIOR_DRAWS, seed)
    after = (draws.share * design.weight[:, None]).sum(1)
    scaled = draws.coefficient[:, :, direct] / design.y_scale[:, None]
    after[:, direct] = (scaled * design.weight[:, None]).sum(1)
    contraction = np.zeros(design.panel.n_channels)
    for c in np.flatnonzero(design.active):
        widths = [_width(effect[:, c], before[:, c], signed=c in design.blocks.signed) for effect in (before, after)]
        contraction[c] = 1.0 - widths[1] / widths[0]
    words = np.where(contraction >= CLEAR, "yes", np.where(contraction >= WEAK, "weak", "no"))
    return Identification(contraction, tuple(str(word) for word in words))


def _width(effect: Array, before: Array, *, signed: bool) -> float:
    """Width of a belief: sd of the effect itself where it may have either sign, else of its logarithm.

    Groups that vary by the normal hierarchy let some draws fall below zero, which has no logarithm; they count as a
    tenth of the middle of the prior.
    """
    if signed:
        return float(effect.std())
    if effect.min() > 0:
        return float(np.log(effect).std())
    return float(np.log(np.maximum(effect, FAINT * np.median(before))).std())


def model_findings(
    draws: MediaDraws, identification: Identification, roi: pd.DataFrame, total: pd.DataFrame, parts: Decomposition
) -> list[Finding]:
    """Everything about the fitted model that a reader of its tables must know; ``roi`` is the :func:`judged` table."""
    return [
        *_never_ran(draws),
        *_weak(draws, identification),
        *_conflicts(draws, identification),
        *_absurd_returns(roi),
        *_large_share(total),
        *_negative_baseline(parts, draws),
        *_fit_quality(parts),
    ]


def _never_ran(draws: MediaDraws) -> list[Finding]:
    design = draws.design
    findings = []
    for c in np.flatnonzero(~design.active):
        spend = float(design.panel.spend[design.fit, :, c].sum())
        what = "has no exposure that acts in a scored row, so there is no effect to estimate"
        if spend > 0:
            what += f"; {money(spend, design.panel.currency)} of its spend is in no ROI and in no plan"
        findings.append(CATALOGUE.finding("M001", f"channel {design.panel.channels[c]}", what))
    return findings


def _weak(draws: MediaDraws, identification: Identification) -> list[Finding]:
    findings = []
    channels = draws.design.panel.channels
    for word, id in (("no", "M002"), ("weak", "M003")):
        named = [
            f"{name} ({_narrowed(contraction)})"
            for name, contraction, verdict, active in zip(
                channels, identification.contraction, identification.verdict, draws.design.active, strict=True
            )
            if verdict == word and active
        ]
        if named:
            what = f"{', '.join(named)}; in brackets, how the data changed the width of the prior belief"
            findings.append(CATALOGUE.finding(id, f"{len(named)} of {len(channels)} channels", what))
    return findings


def _narrowed(contraction: float) -> str:
    return f"{contraction:.0%} narrower" if contraction >= 0 else f"{-contraction:.0%} wider"


def judged(roi: pd.DataFrame, draws: MediaDraws, identification: Identification) -> pd.DataFrame:
    """The ROI table with what stands beside each row: ``contraction``, ``identified`` and ``warning``.

    ``warning`` is the id of the gravest warning about the row, or None. A return is beyond belief (M004) only where the
    outcome is money: visits per unit of currency may well be hundreds.
    """
    panel = draws.design.panel
    index = roi["channel"].map({name: c for c, name in enumerate(panel.channels)}).to_numpy()
    contraction = identification.contraction[index]
    absurd = panel.has_value & ((roi["roi_median"] > ABSURD_ROI) | (roi["roi_hdi_high"] > 2 * ABSURD_ROI))
    silent = ~draws.design.active[index]
    warnings = [
        "M001" if never else "M004" if beyond else "M013" if torn else None
        for never, beyond, torn in zip(silent, absurd, contraction <= CONFLICT, strict=True)
    ]
    return roi.assign(
        contraction=contraction,
        identified=np.array(identification.verdict)[index],
        warning=pd.Series(warnings, dtype=object, index=roi.index),
    )


def _conflicts(draws: MediaDraws, identification: Identification) -> list[Finding]:
    channels = draws.design.panel.channels
    named = [
        f"{name} ({_narrowed(contraction)})"
        for name, contraction in zip(channels, identification.contraction, strict=True)
        if contraction <= CONFLICT
    ]
    if not named:
        return []
    what = f"{', '.join(named)}: the belief about the effect is wider after the data than before"
    return [CATALOGUE.finding("M013", f"{len(named)} of {len(channels)} channels", what)]


def _absurd_returns(roi: pd.DataFrame) -> list[Finding]:
    whole = roi[roi["group"].isna() & (roi["warning"] == "M004")]
    findings = []
    for row in whole.to_dict("records"):
        what = (
            f"ROI {row['roi_mean']:.1f} on average, interval {row['roi_hdi_low']:.1f} to "
            f"{row['roi_hdi_high']:.1f}: a return that media rarely have"
        )
        findings.append(CATALOGUE.finding("M004", f"channel {row['channel']}", what))
    return findings


def _large_share(total: pd.DataFrame) -> list[Finding]:
    row = total.iloc[0]
    if row["share_hdi_high"] <= MAX_PAID_SHARE:
        return []
    what = (
        f"paid media explain {row['share_mean']:.0%} of the outcome on average, and the interval reaches "
        f"{row['share_hdi_high']:.0%}"
    )
    return [CATALOGUE.finding("M005", "all paid media", what)]


def _negative_baseline(parts: Decomposition, draws: MediaDraws) -> list[Finding]:
    net = bool((draws.design.panel.kpi[draws.design.fit] < 0).any())
    if parts.baseline_below_zero == 0 or net:  # a KPI that falls below zero may do so without media
        return []
    what = f"the baseline is below zero in {parts.baseline_below_zero:.0%} of the periods"
    return [CATALOGUE.finding("M006", "baseline", what)]


def _fit_quality(parts: Decomposition) -> list[Finding]:
    whole = parts.fit[parts.fit["group"].isna()]
    residual = whole["residual"].to_numpy()
    r2, lag = fit_quality(parts)
    findings = []
    if r2 < MIN_R2:
        what = f"the model explains {r2:.0%} of the variance of the outcome"
        findings.append(CATALOGUE.finding("M007", "fit", what))
    if abs(lag) > MAX_AUTOCORRELATION and len(residual) > 20:
        what = f"neighbouring residuals correlate with {lag:.2f}"
        findings.append(CATALOGUE.finding("M008", "residuals", what))
    return findings


def fit_quality(parts: Decomposition) -> tuple[float, float]:
    """In-sample R2 of the posterior mean, and the correlation of neighbouring residuals, over all groups together."""
    whole = parts.fit[parts.fit["group"].isna()]
    residual, actual = whole["residual"].to_numpy(), whole["actual"].to_numpy()
    r2 = 1.0 - residual.var() / actual.var()
    lag = float(np.corrcoef(residual[1:], residual[:-1])[0, 1]) if len(residual) > 2 else 0.0
    return float(r2), lag
