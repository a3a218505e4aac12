"""Models for, and from, PyMC-Marketing: what both can express is translated, and what differs is told.

Exact: adstock, saturation, their order, half-life and half-saturation, the lognormal hierarchy, priors on coefficients,
the scales. Approximate, and told: beliefs about ROI and shares, which the MMM has no place for, become the lognormal
belief about the coefficient that they imply; its intercept gets a wide prior in place of ours on the mean KPI. Refused:
what the MMM cannot say at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mmm._entries_exchange import ENTRIES
from mmm.design import Design
from mmm.prior_draws import draw_prior_shares
from mmm.priors import ROOT, Priors
from outlay.errors import DataError
from outlay.findings import Catalogue, Finding
from outlay.transforms import Array, Bend, adstock_weights, saturated_adstock

if TYPE_CHECKING:
    from mmm.media import MediaMixModel

EXCHANGE = Catalogue(ENTRIES)
"""The findings of this module, part of the media room's catalogue."""

_DRAWS = 1000
_SEED = 20_231
_ONE_CURVE = {"tanh": "logistic", "michaelis_menten": "hill"}
"""Families that are one curve: tanh and logistic by half-saturation, Michaelis-Menten and a Hill curve of slope one."""


@dataclass(frozen=True)
class PeerModel:
    """The same model in PyMC-Marketing.

    Attributes
    ----------
    mmm : pymc_marketing.mmm.MMM
        Built and not fitted: ``peer.mmm.fit(peer.X, peer.y)`` samples it.
    X : DataFrame
        Dates, groups, exposures in original units, and the baseline's columns, standardised as in our model.
    y : Series
        The KPI, in original units.
    findings : tuple of Finding
        What differs between the two models.
    """

    mmm: Any
    X: pd.DataFrame
    y: pd.Series
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class PeerWords:
    """What the MMM is made of, in plain numbers; arrays are over the exchanged channels.

    Attributes
    ----------
    channels : ndarray of int
        Which of the panel's channels.
    adstock, saturation : str
        The families that all of them share; ``"hill"`` only where its slope is not one.
    slope : float or None
        A fixed Hill slope; None where it is free.
    first : bool
        Whether saturation comes before adstock.
    effect_log : tuple of ndarray
        Log mean and sd of the coefficient.
    scale_log : tuple of ndarray
        Log mean and sd of a Weibull scale, else of the half-life.
    fourier : ndarray of int
        Terms that the MMM's own yearly season replaces.
    """

    channels: np.ndarray
    adstock: str
    saturation: str
    slope: float | None
    first: bool
    effect_log: tuple[Array, Array]
    scale_log: tuple[Array, Array]
    fourier: np.ndarray


def to_pymc_marketing(model: MediaMixModel) -> PeerModel:
    """The model as an unfitted PyMC-Marketing MMM, with its data and a list of what differs.

    Parameters
    ----------
    model : MediaMixModel
        One adstock and one saturation family for all channels, a Normal or Student-t likelihood, at most one panel
        dimension with the lognormal hierarchy.

    Raises
    ------
    DataError
        Where the MMM cannot express the model, with every reason (M090).
    """
    from mmm.model_exchange import build_mmm

    reasons = _reasons(model)
    if reasons:
        raise DataError([EXCHANGE.finding("M090", "[media]", reason) for reason in reasons])
    words = peer_words(model.design, model.priors)
    frame = peer_frame(model.design, words)
    target = frame.pop(model.panel.kpi_name)
    mmm = build_mmm(model, words, frame, target)
    return PeerModel(mmm, frame, target, tuple(_differences(model, words)))


def _family(saturation: str, slope: float | str) -> str:
    """The curve's name, where two names mean one curve."""
    if saturation == "hill" and slope != 1.0:
        return f"hill with slope {slope}"
    return _ONE_CURVE.get(saturation, saturation)


def _reasons(model: MediaMixModel) -> list[str]:
    """Why the MMM cannot express the model; empty where it can."""
    section, design = model.section, model.design
    channels = [section.channels[c] for c in design.blocks.active]
    told = []
    if any(channel.reaches for channel in channels):
        told.append("an MMM has no channels of reach and frequency")
    kinds = {
        "adstock": {channel.adstock for channel in channels},
        "saturation": {_family(channel.saturation, channel.slope) for channel in channels},
        "order of saturation and adstock": {str(channel.saturation_first) for channel in channels},
    }
    for what, names in kinds.items():
        if len(names) > 1:
            told.append(f"an MMM has one {what} for all channels, and here are {', '.join(sorted(names))}")
    if section.likelihood == "log":
        told.append("a log likelihood is another model there (its link is experimental)")
    if len(design.levels) > 1:
        told.append("two panel dimensions share no effects there: one dimension is all that can be pooled alike")
    if design.pooled and section.hierarchy == "normal":
        told.append('hierarchy = "normal" multiplies an effect that may change sign; the MMM has no such form')
    if design.blocks.signed.size:
        told.append("a normal prior on ROI or share gives effects of either sign, and the MMM has one prior family")
    if design.signed.any():
        told.append("levers of known direction need a one-sided prior, and the MMM has one prior family for controls")
    return told


def peer_words(design: Design, priors: Priors) -> PeerWords:
    """Everything that the MMM is told, as numbers."""
    active = design.blocks.active
    first = design.section.channels[active[0]]
    family = _family(first.saturation, first.slope)
    yearly = [k for k, term in enumerate(design.terms) if term.name.startswith(("season sin", "season cos"))]
    return PeerWords(
        channels=active,
        adstock=first.adstock,
        saturation="michaelis_menten" if family == "hill" else "hill" if family.startswith("hill") else family,
        slope=first.slope if isinstance(first.slope, float) else None,
        first=first.saturation_first,
        effect_log=_effect_belief(design, priors),
        scale_log=_scale_belief(design, priors),
        fourier=np.array(yearly, int),
    )


def _shape_draws(design: Design, priors: Priors, c: int, rng: np.random.Generator) -> tuple[Array, Bend]:
    """Prior draws of a channel's adstock weights and saturation."""
    channel, ones = design.section.channels[c], np.ones(_DRAWS)

    def lognormal(numbers: tuple[Array, Array]) -> Array:
        return np.asarray(np.exp(rng.normal(numbers[0][c], numbers[1][c], _DRAWS)))

    life, shape = lognormal(priors.half_life_log), lognormal(priors.shape_log)
    weights = adstock_weights(channel.adstock, life, shape, design.l_max)
    slope = lognormal(priors.slope_log) if channel.slope == "free" else ones * float(channel.slope)
    exponent = rng.beta(*ROOT, _DRAWS) if channel.saturation == "root" else slope
    return weights, Bend(channel.saturation, lognormal(priors.half_saturation_log), exponent, channel.saturation_first)


def _effect_belief(design: Design, priors: Priors) -> tuple[Array, Array]:
    """Log mean and sd of each active channel's coefficient: as stated, or as the belief about its share implies."""
    rng, blocks = np.random.default_rng(_SEED), design.blocks
    mean, sd = (np.array(part, float) for part in priors.own)
    shares = draw_prior_shares(design, priors, _DRAWS, _SEED)
    for c in np.setdiff1d(blocks.active, blocks.direct):
        weights, bend = _shape_draws(design, priors, int(c), rng)
        typical = np.zeros(_DRAWS)
        for g in range(design.panel.n_groups):
            media = saturated_adstock(design.x[:, g, c], weights, bend)[:, design.fit]
            typical += design.weight[g] * media.mean(axis=1)
        implied = np.log(shares[:, c]) - np.log(typical)
        mean[c], sd[c] = implied.mean(), implied.std()
    return mean[blocks.active], sd[blocks.active]


def _scale_belief(design: Design, priors: Priors) -> tuple[Array, Array]:
    """Log mean and sd of the half-life, or of the Weibull scale with that half-life for its median."""
    mean, sd = (np.array(part, float) for part in priors.half_life_log)
    rng = np.random.default_rng(_SEED)
    for c in design.blocks.shaped:
        if design.section.channels[c].adstock.startswith("weibull"):
            k = np.exp(rng.normal(priors.shape_log[0][c], priors.shape_log[1][c], _DRAWS))
            more = -np.log(np.log(2.0)) / k
            mean[c], sd[c] = mean[c] + more.mean(), np.hypot(sd[c], more.std())
    return mean[design.blocks.active], sd[design.blocks.active]


def own_columns(design: Design, words: PeerWords) -> list[int]:
    """The baseline's terms that reach the MMM as control columns."""
    return [k for k in range(design.n_terms) if k not in set(words.fourier.tolist())]


def peer_frame(design: Design, words: PeerWords) -> pd.DataFrame:
    """All rows with a KPI, long, in original units; the baseline's columns as our model has them."""
    panel, section = design.panel, design.section
    rows = slice(panel.history, panel.n_periods)
    groups = panel.n_groups
    data: dict[str, Any] = {section.date: np.repeat(panel.dates[rows], groups)}
    if panel.is_panel:
        data[group_dim(design)] = list(panel.groups) * (panel.n_periods - panel.history)
    data |= {panel.channels[c]: panel.exposure[rows, :, c].ravel() for c in words.channels}
    data |= {design.terms[k].name: design.raw_terms[rows][..., k].ravel() for k in own_columns(design, words)}
    data[panel.kpi_name] = panel.kpi[rows].ravel()
    return pd.DataFrame(data)


def group_dim(design: Design) -> str:
    """Name of the MMM's panel dimension."""
    return "_".join(design.section.groups)


def _differences(model: MediaMixModel, words: PeerWords) -> list[Finding]:
    """What is not the same, or said in other words."""
    design, section, blocks = model.design, model.section, model.design.blocks
    told: list[tuple[str, str, str]] = []
    names = [model.panel.channels[c] for c in range(model.panel.n_channels) if c not in set(blocks.active.tolist())]
    if names:
        told.append(("M092", "channels", f"left out, because they never ran: {', '.join(names)}"))
    if set(blocks.active.tolist()) - set(blocks.direct.tolist()):
        what = (
            "beliefs about ROI, share or the paid total become the lognormal coefficients that they imply, each alone"
        )
        told.append(("M091", "priors", what))
    what = "the intercept has a wide normal prior (sd 5 mean KPIs) where ours is on the mean KPI (sd 0.5)"
    told.append(("M091", "priors", what))
    what = f"the MMM scores the first {design.fit.start - model.panel.history} rows too, with no media before them"
    told.append(("M091", "rows", what))
    if model.panel.history:
        what = f"{model.panel.history} rows of media before the KPI are left out: an MMM has no rows without a target"
        told.append(("M091", "rows", what))
    if words.adstock.startswith("weibull"):
        told.append(("M091", "adstock", "the Weibull scale has a prior of its own, and not through the half-life"))
    if any(section.channels[c].saturation == "tanh" for c in blocks.active):
        told.append(("M092", "saturation", "tanh is written as the logistic, which is the same curve"))
    if design.pooled and design.n_terms:
        told.append(("M091", "priors", "each baseline column has a spread over groups of its own; ours share one"))
    if section.likelihood == "student_t":
        told.append(("M091", "likelihood", "the degrees of freedom are a Gamma(2, 0.1), and ours two more than that"))
    if words.fourier.size:
        told.append(("M092", "season", "years are 365.25 days there, and end on 31 December here"))
    if own_columns(design, words):
        what = "trend, holidays, events, controls and levers are control columns, standardised as in our model"
        told.append(("M092", "controls", what))
    if (model.panel.exposure != model.panel.spend)[:, :, words.channels].any():
        what = "spend is not part of the MMM where a channel has an exposure; set_cost_per_unit adds it for ROAS"
        told.append(("M092", "spend", what))
    return [EXCHANGE.finding(id, where, what) for id, where, what in told]
