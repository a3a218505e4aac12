"""One market, and the same model of it twice: ours, and PyMC-Marketing's MMM with the same likelihood and priors.

Imported by ``fit_vs_pymc_marketing.py`` and by the test of equality; it does nothing when run. What is matched:

- Data. The market's first weeks have no media, so that the weeks that ours leaves out to warm up its adstock change
  nothing; the MMM gets the others. Target, media and controls reach the MMM in our scaling (mean KPI, mean exposure
  when on, controls times prior sd), its own scalers are one.
- Adstock: geometric by half-life, sums to one. Saturation: logistic, by its half-saturation. Both lognormal.
- Effect: lognormal coefficient, over groups ``exp(log b + spread * z)`` with a half-normal spread, not centred.
- Controls and seasons (as columns): normal; over groups around a common mean, with one half-normal spread for all.
- Noise: half-normal per group.
- Not the same: ours has a normal prior on the mean KPI (sd 0.5), the MMM one on its intercept (sd 20). The data know
  either to about 0.003, so both are flat to 1e-4 of a posterior sd, and turn into each other with Jacobian one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mmm.config import MediaSection
from mmm.media import MediaMixModel
from mmm.priors import BASELINE_SPREAD_SD, GROUP_SPREAD_SD
from outlay.project import ProjectSection

LAGS = 8
COEFFICIENT_LOG = (float(np.log(0.1)), 1.0)
"""Log mean and sd of a channel's coefficient, in shares of the group's mean KPI."""

INTERCEPT_SD = 20.0
"""Flat: see the module's text."""

PROJECT = ProjectSection(name="benchmark", currency="USD")


@dataclass(frozen=True)
class Market:
    """A simulated market. Shapes: T scored weeks, G groups, C channels, K controls.

    Attributes
    ----------
    frame : DataFrame
        What a user would have: LAGS weeks without media, then T weeks.
    channels, controls, groups : tuple of str
        Names; no groups for a national market.
    share : ndarray (C,)
        The truth: share of the KPI over all groups that each channel caused.
    """

    frame: pd.DataFrame
    channels: tuple[str, ...]
    controls: tuple[str, ...]
    groups: tuple[str, ...]
    share: np.ndarray


def simulate(seed: int, *, weeks: int = 156, channels: int = 6, groups: int = 1) -> Market:
    """Draw a market: autocorrelated and flighted media, promotions, a season, effects that differ by group."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2020-11-02", periods=weeks + LAGS, freq="7D")
    phase = 2 * np.pi * dates.dayofyear.to_numpy() / 365.25
    season = np.stack([wave(k * phase) for k in (1, 2) for wave in (np.sin, np.cos)], -1)
    size = rng.lognormal(0.0, 0.7, groups)
    spend = np.stack([_spend(rng, weeks, size, -season[:, 1], flighted=c % 3 == 2) for c in range(channels)], -1)
    media = _media(rng, spend)
    promo, index = rng.random((len(dates), groups)) < 0.1, rng.normal(size=(len(dates), groups))
    differs = 0.01 * (groups > 1)
    slopes = np.array([0.08, 0.03, 0.03, 0.07, 0.01, -0.02]) + differs * rng.normal(size=(groups, 6))
    columns = np.concatenate([np.stack([promo, index], -1), np.repeat(season[:, None], groups, 1)], -1)
    noise = (0.05 if groups > 1 else 0.035) * rng.uniform(0.8, 1.2, groups)
    level = 0.6 + 0.06 * rng.normal(size=groups)
    kpi = level + media.sum(-1) + (columns * slopes).sum(-1) + noise * rng.normal(size=promo.shape)
    truth = (media[LAGS:] * size[:, None]).sum((0, 1)) / (kpi[LAGS:] * size).sum()
    names = tuple(f"geo{g:02d}" for g in range(groups)) if groups > 1 else ()
    data: dict[str, Any] = {"date": np.repeat(dates, groups), "geo": list(names or ("all",)) * len(dates)}
    data["sales"] = (1e5 * kpi * size).ravel()
    media_names, control_names = tuple(f"media{c}" for c in range(channels)), ("promo", "index", "s1", "c1", "s2", "c2")
    data |= {name: spend[..., c].ravel() for c, name in enumerate(media_names)}
    data |= {name: columns[..., k].ravel() for k, name in enumerate(control_names)}
    return Market(pd.DataFrame(data), media_names, control_names, names, truth)


def _media(rng: np.random.Generator, spend: np.ndarray) -> np.ndarray:
    """What the media cause, as a share of the group's baseline: adstock, logistic saturation, an effect per group."""
    _, groups, channels = spend.shape
    half_life, curve = rng.uniform(0.3, 2.0, channels), rng.uniform(1.0, 5.0, channels)
    weight = 0.5 ** (np.arange(LAGS)[:, None] / half_life)
    carried = np.zeros_like(spend)
    for lag in range(LAGS):
        carried[lag:] += (weight / weight.sum(0))[lag] * spend[: len(spend) - lag]
    bent = np.tanh(0.5 * curve * carried / spend.max(0))
    share = rng.dirichlet(np.full(channels, 2.0)) * 0.35 + 0.01
    own = np.exp(rng.normal(0.0, 0.3, (groups, channels)) - 0.045) if groups > 1 else np.ones((1, channels))
    return np.asarray(bent * own * share / bent[LAGS:].mean((0, 1)))


def _spend(rng: np.random.Generator, weeks: int, size: np.ndarray, season: np.ndarray, *, flighted: bool) -> np.ndarray:
    """One channel's weekly spend by group, none in the first weeks."""
    total = weeks + LAGS
    level, shock = np.zeros(total), rng.normal(size=total)
    for t in range(1, total):
        level[t] = 0.7 * level[t - 1] + shock[t]
    level = np.exp(0.45 * level + 0.25 * rng.uniform(-0.5, 1.5) * season)
    if flighted:
        on, t = np.zeros(total), 0
        while t < total:
            length = int(rng.integers(3, 9))
            on[t : t + length] = 1.0
            t += length + int(rng.integers(2, 8))
        level = level * on
    local = np.exp(0.35 * rng.normal(size=(total, len(size)))) if len(size) > 1 else np.ones((total, 1))
    spend = 1e3 * level[:, None] * local * size
    spend[:LAGS] = 0.0
    return np.asarray(spend)


def our_model(market: Market, seed: int, saturation: str = "logistic", **sampling: Any) -> MediaMixModel:
    """Our model of the market, with lognormal priors on coefficients."""
    mu, sd = COEFFICIENT_LOG
    mean = float(np.exp(mu + sd**2 / 2))
    prior = {"on": "coefficient", "mean": mean, "sd": mean * float(np.sqrt(np.expm1(sd**2)))}
    section = {
        "date": "date",
        "kpi": "sales",
        "group": "geo" if market.groups else None,
        "controls": market.controls,
        "seasonality": 0,
        "trend": False,
        "l_max": LAGS,
        "channels": [
            {"name": name, "spend": name, "saturation": saturation, "prior": prior} for name in market.channels
        ],
        "sampling": sampling,
    }
    project = PROJECT.model_copy(update={"seed": seed})
    return MediaMixModel.from_frame(market.frame, MediaSection.model_validate(section), project)


def peer_frame(model: MediaMixModel) -> pd.DataFrame:
    """The scored rows as the peer gets them: long, scaled, controls times their prior sd."""
    design, panel = model.design, model.design.panel
    fit = design.fit
    data: dict[str, Any] = {
        "date": np.repeat(panel.dates[fit], panel.n_groups),
        "geo": list(panel.groups) * (fit.stop - fit.start),
        "y": design.y.ravel(),
    }
    data |= {name: design.x[fit][..., c].ravel() for c, name in enumerate(panel.channels)}
    for k, term in enumerate(design.terms):
        data[term.name] = (design.raw_terms[fit][..., k] * term.prior_sd).ravel()
    return pd.DataFrame(data)


def peer_model(model: MediaMixModel, saturation: str = "logistic") -> Any:
    """PyMC-Marketing's MMM with the priors of ours, not built yet."""
    from pymc_extras.prior import Prior
    from pymc_marketing.mmm import MMM, GeometricAdstock, LogisticSaturation, MichaelisMentenSaturation
    from pymc_marketing.mmm.scaling import FixedScaling, Scaling

    groups = ("geo",) if model.panel.is_panel else ()
    mu, sd = model.priors.half_saturation_log
    life_mu, life_sd = model.priors.half_life_log
    effect, control = _pooled(groups)
    if saturation == "logistic":  # beta * tanh(lam * x / 2)
        rate = Prior("LogNormal", mu=float(np.log(np.log(3.0))) - mu, sigma=sd, dims="channel")
        curve = LogisticSaturation(priors={"lam": rate, "beta": effect})
    else:
        half = Prior("LogNormal", mu=mu, sigma=sd, dims="channel")
        curve = MichaelisMentenSaturation(priors={"lam": half, "alpha": effect})
    half_life = Prior("LogNormal", mu=life_mu, sigma=life_sd, dims="channel")
    noise = Prior("HalfNormal", sigma=model.priors.noise_sd, dims=groups)
    one = FixedScaling(dims=(), value=1.0)
    return MMM(
        date_column="date",
        target_column="y",
        channel_columns=list(model.panel.channels),
        control_columns=[term.name for term in model.design.terms],
        dims=groups,
        adstock=GeometricAdstock(l_max=model.design.l_max, normalize=True, priors={"halflife": half_life}),
        saturation=curve,
        scaling=Scaling(target=one, channel=one),
        model_config={
            "intercept": Prior("Normal", mu=0.7, sigma=INTERCEPT_SD, dims=groups),
            "gamma_control": control,
            "likelihood": Prior("Normal", sigma=noise, dims=("date", *groups)),
        },
    )


def _pooled(groups: tuple[str, ...]) -> tuple[Any, Any]:
    """The priors of effects and of controls; over groups with a spread."""
    from pymc_extras.prior import Prior

    effect = Prior("Normal", mu=COEFFICIENT_LOG[0], sigma=COEFFICIENT_LOG[1], dims="channel")
    control = Prior("Normal", mu=0.0, sigma=1.0, dims="control")
    if groups:
        spread = Prior("HalfNormal", sigma=GROUP_SPREAD_SD, dims="channel")
        effect = Prior("Normal", mu=effect, sigma=spread, dims=(*groups, "channel"), centered=False)
        own = Prior("HalfNormal", sigma=BASELINE_SPREAD_SD)
        control = Prior("Normal", mu=control, sigma=own, dims=(*groups, "control"))
    effect.transform = "exp"
    return effect, control


def peer_shares(posterior: Any, model: MediaMixModel) -> np.ndarray:
    """Share of the KPI that each channel caused by the peer's draws, (chains, draws, C)."""
    contribution = posterior["channel_contribution"].sum("date")
    if model.panel.is_panel:
        weight = dict(zip(model.panel.groups, model.design.y_scale, strict=True))
        scale = contribution["geo"].copy(data=[weight[name] for name in contribution["geo"].to_numpy()])
        contribution = (contribution * scale.astype(float)).sum("geo") / _total(model)
    else:
        contribution = contribution * model.design.y_scale[0] / _total(model)
    ordered = contribution.sel(channel=list(model.panel.channels))
    return np.asarray(ordered.transpose("chain", "draw", "channel").to_numpy())


def _total(model: MediaMixModel) -> float:
    return float((model.design.y * model.design.y_scale).sum())


def our_shares(fitted: Any) -> np.ndarray:
    """The same of our fit, (chains, draws, C)."""
    draws = fitted.draws
    flat = draws.media_mean.sum(axis=1) / draws.design.y_scale.sum()
    return np.asarray(flat.reshape(fitted.samples.chains, fitted.samples.draws, -1))
