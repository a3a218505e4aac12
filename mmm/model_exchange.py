"""PyMC-Marketing's MMM from our words, and its parts read back as plain numbers; see :mod:`mmm.exchange`."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pymc as pm
import xarray as xr
from pymc_extras.prior import Prior
from pymc_marketing.mmm import (
    MMM,
    DelayedAdstock,
    GeometricAdstock,
    HillSaturation,
    LogisticSaturation,
    MichaelisMentenSaturation,
    NoAdstock,
    NoSaturation,
    RootSaturation,
    WeibullCDFAdstock,
    WeibullPDFAdstock,
)
from pymc_marketing.mmm.scaling import FixedScaling, Scaling

from mmm.exchange import PeerWords, group_dim, own_columns
from mmm.media import MediaMixModel
from mmm.priors import BASELINE_SPREAD_SD, DEGREES, GROUP_SPREAD_SD, ROOT
from outlay.transforms import LOG3, Array

INTERCEPT_SD = 5.0
"""In mean KPIs: wide enough that it says nothing."""


def build_mmm(model: MediaMixModel, words: PeerWords, frame: pd.DataFrame, target: pd.Series) -> Any:
    """The MMM with our priors, built with the data."""
    design = model.design
    dims = (group_dim(design),) if model.panel.is_panel else ()
    terms = own_columns(design, words)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # third parties warn of their own future
        mmm = MMM(
            date_column=model.section.date,
            target_column=model.panel.kpi_name,
            channel_columns=[model.panel.channels[c] for c in words.channels],
            control_columns=[design.terms[k].name for k in terms] or None,
            yearly_seasonality=words.fourier.size // 2 or None,
            dims=dims,
            adstock=_adstock(model, words),
            saturation=_saturation(model, words, dims),
            adstock_first=not words.first,
            scaling=_scaling(model, words, dims),
            model_config=_config(model, words, dims, terms),
        )
        mmm.build_model(frame, target)
    return mmm


def _lognormal(mean: Array, sd: Array) -> Prior:
    return Prior("LogNormal", mu=mean, sigma=sd, dims="channel")


def _adstock(model: MediaMixModel, words: PeerWords) -> Any:
    l_max, priors, c = model.design.l_max, model.priors, words.channels
    shape = _lognormal(priors.shape_log[0][c], priors.shape_log[1][c])
    scale = _lognormal(*words.scale_log)
    match words.adstock:
        case "geometric":
            return GeometricAdstock(l_max=l_max, priors={"halflife": scale})
        case "delayed":
            return DelayedAdstock(l_max=l_max, priors={"halflife": scale, "theta": shape})
        case "weibull":
            return WeibullPDFAdstock(l_max=l_max, priors={"lam": scale, "k": shape})
        case "weibull_cdf":
            return WeibullCDFAdstock(l_max=l_max, priors={"lam": scale, "k": shape})
        case _:
            return NoAdstock(l_max=1)


def _saturation(model: MediaMixModel, words: PeerWords, dims: tuple[str, ...]) -> Any:
    priors, c = model.priors, words.channels
    mean, sd = priors.half_saturation_log[0][c], priors.half_saturation_log[1][c]
    effect = Prior("Normal", mu=words.effect_log[0], sigma=words.effect_log[1], dims="channel")
    if model.design.pooled:
        spread = Prior("HalfNormal", sigma=GROUP_SPREAD_SD, dims="channel")
        effect = Prior("Normal", mu=effect, sigma=spread, dims=(*dims, "channel"), centered=False)
    effect.transform = "exp"
    match words.saturation:
        case "logistic":
            return LogisticSaturation(priors={"lam": _lognormal(np.log(LOG3) - mean, sd), "beta": effect})
        case "michaelis_menten":
            return MichaelisMentenSaturation(priors={"lam": _lognormal(mean, sd), "alpha": effect})
        case "hill":
            free = _lognormal(priors.slope_log[0][c], priors.slope_log[1][c])
            slope = free if words.slope is None else words.slope
            return HillSaturation(priors={"slope": slope, "kappa": _lognormal(mean, sd), "beta": effect})
        case "root":
            alpha = Prior("Beta", alpha=ROOT[0], beta=ROOT[1], dims="channel")
            return RootSaturation(priors={"alpha": alpha, "beta": effect})
        case _:
            return NoSaturation(priors={"beta": effect})


def _scaling(model: MediaMixModel, words: PeerWords, dims: tuple[str, ...]) -> Scaling:
    """Our scales: the group's mean KPI, and the mean exposure when on."""
    design = model.design
    names = [model.panel.channels[c] for c in words.channels]
    if not dims:
        channel = xr.DataArray(design.x_scale[0, words.channels], dims=("channel",), coords={"channel": names})
        target: Any = float(design.y_scale[0])
        return Scaling(target=FixedScaling(dims=(), value=target), channel=FixedScaling(dims=(), value=channel))
    groups = {dims[0]: list(model.panel.groups)}
    channel = xr.DataArray(
        design.x_scale[:, words.channels], dims=(dims[0], "channel"), coords={**groups, "channel": names}
    )
    target = xr.DataArray(design.y_scale, dims=dims, coords=groups)
    return Scaling(target=FixedScaling(dims=(), value=target), channel=FixedScaling(dims=(), value=channel))


def _config(model: MediaMixModel, words: PeerWords, dims: tuple[str, ...], terms: list[int]) -> dict[str, Any]:
    design = model.design
    sd = np.array([term.prior_sd for term in design.terms])
    noise = Prior("HalfNormal", sigma=model.priors.noise_sd, dims=dims)
    likelihood = Prior("Normal", sigma=noise, dims=("date", *dims))
    if model.section.likelihood == "student_t":
        degrees = Prior("Gamma", alpha=DEGREES[0], beta=DEGREES[1])
        likelihood = Prior("StudentT", nu=degrees, sigma=noise, dims=("date", *dims))
    config = {
        "intercept": Prior("Normal", mu=float(design.y_mean.mean()), sigma=INTERCEPT_SD, dims=dims),
        "likelihood": likelihood,
    }
    if terms:
        config["gamma_control"] = _linear(sd[terms], "control", model, dims)
    if words.fourier.size:
        config["gamma_fourier"] = _linear(sd[words.fourier], "fourier_mode", model, dims)
    return config


def _linear(sd: Array, dim: str, model: MediaMixModel, dims: tuple[str, ...]) -> Prior:
    common = Prior("Normal", mu=0.0, sigma=sd, dims=dim)
    if not model.design.pooled:
        return common
    spread = Prior("HalfNormal", sigma=BASELINE_SPREAD_SD * sd, dims=dim)
    return Prior("Normal", mu=common, sigma=spread, dims=(*dims, dim))


def prior_draws(prior: Any, coords: dict[str, list[str]], draws: int, seed: int) -> xr.DataArray:
    """Draws of one of the MMM's priors, with a dimension ``draw``; a number is its own draw."""
    if isinstance(prior, int | float):
        return xr.DataArray(np.full(draws, float(prior)), dims=("draw",))
    with pm.Model(coords=coords):
        drawn = pm.draw(prior.create_variable("value"), draws, random_seed=seed)
    return xr.DataArray(drawn, dims=("draw", *prior.dims))
