"""Our model from a PyMC-Marketing MMM with its data; see :mod:`mmm.exchange`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from mmm.config import MediaSection
from mmm.exchange import EXCHANGE
from mmm.media import MediaMixModel
from mmm.panel import panel_from_frame
from outlay.errors import DataError
from outlay.project import ProjectSection
from outlay.transforms import Array

_DRAWS = 5000
_SEED = 20_232
_ADSTOCKS: Mapping[str, str] = MappingProxyType(
    {
        "GeometricAdstock": "geometric",
        "DelayedAdstock": "delayed",
        "WeibullPDFAdstock": "weibull",
        "WeibullCDFAdstock": "weibull_cdf",
        "NoAdstock": "none",
    }
)
_SATURATIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "LogisticSaturation": ("logistic", "beta"),
        "InverseScaledLogisticSaturation": ("logistic", "beta"),
        "TanhSaturation": ("tanh", "b"),
        "MichaelisMentenSaturation": ("michaelis_menten", "alpha"),
        "HillSaturation": ("hill", "beta"),
        "RootSaturation": ("root", "beta"),
        "NoSaturation": ("none", "beta"),
    }
)
"""The family, and the name of the parameter that is the effect at full saturation."""

_LIKELIHOODS: Mapping[str, str] = MappingProxyType({"Normal": "normal", "StudentT": "student_t"})


def from_pymc_marketing(mmm: Any, project: ProjectSection, **more: Any) -> MediaMixModel:
    """Our model of the data that an MMM was built or fitted with, with its families and, where it fits, its beliefs.

    Parameters
    ----------
    mmm : pymc_marketing.mmm.MMM
        Built or fitted, so that it knows its data.
    project : ProjectSection
        Currency, interval level and seed, which an MMM does not know.
    **more : Any
        Further keys of :class:`mmm.config.MediaSection`, for example ``kpi_type`` or ``sampling``; they win.

    Returns
    -------
    MediaMixModel
        What differs from the MMM is among ``model.panel.findings``.

    Raises
    ------
    DataError
        Where our model cannot express the MMM, with every reason (M090), or where its data have errors.
    """
    if not hasattr(mmm, "xarray_dataset"):
        raise DataError([EXCHANGE.finding("M090", "MMM", "it has no data yet", "Call build_model(X, y) first.")])
    reasons = _reasons(mmm)
    if reasons:
        raise DataError([EXCHANGE.finding("M090", "MMM", reason) for reason in reasons])
    frame, told = _frame(mmm)
    section = MediaSection.model_validate({**_section(mmm, frame, told), **more})
    panel = panel_from_frame(frame, section, project)
    findings = tuple(EXCHANGE.finding(id, where, what) for id, where, what in told)
    return MediaMixModel(replace(panel, findings=(*panel.findings, *findings)), section, project)


def _kind(part: Any) -> str:
    return type(part).__name__


def _reasons(mmm: Any) -> list[str]:
    """Why our model cannot express the MMM; empty where it can."""
    likelihood = getattr(mmm.model_config["likelihood"], "distribution", "another")
    link = str(getattr(mmm.link, "value", mmm.link))
    tests: list[tuple[bool, str]] = [
        (_kind(mmm.adstock) not in _ADSTOCKS, f"{_kind(mmm.adstock)} is not among our adstocks"),
        (_kind(mmm.saturation) not in _SATURATIONS, f"{_kind(mmm.saturation)} is not among our saturations"),
        (not mmm.adstock.normalize, "our adstock weights sum to one; normalize = False is another curve"),
        (mmm.adstock.mode.name != "After", "our adstock acts after the exposure, never before it"),
        (link != "identity", f"the {link} link is another model"),
        (likelihood not in _LIKELIHOODS, f"the likelihood {likelihood} is not among ours"),
        (bool(mmm.time_varying_intercept), "a time-varying intercept; a trend with knots is ours (knots = ...)"),
        (bool(mmm.time_varying_media), "media effects that vary over time"),
        (bool(mmm.mu_effects), "effects added with add_mu_effect; bring their columns as controls or levers"),
        (len(mmm.dims) > 2, "more than two panel dimensions"),
        (mmm._cost_per_unit_input is not None, "cost per unit; bring spend and exposure columns in a frame instead"),
        (bool(mmm._lift_test_calibrations), "lift tests, which are part of its graph; state them in [calibration]"),
    ]
    return [reason for fails, reason in tests if fails]


def _frame(mmm: Any) -> tuple[pd.DataFrame, list[tuple[str, str, str]]]:
    """The MMM's data as one long frame, and what there is to tell about them."""
    told: list[tuple[str, str, str]] = []
    dataset = mmm.xarray_dataset
    index = ["date", *mmm.dims]

    def wide(name: str, dim: str) -> pd.DataFrame:
        return dataset[name].to_series().unstack(dim)  # noqa: PD010  (one value per cell, nothing to aggregate)

    parts = [wide("_channel", "channel")[list(mmm.channel_columns)]]
    if mmm.control_columns:
        parts.append(wide("_control", "control")[list(mmm.control_columns)])
    parts.append(dataset["_target"].to_series().rename(mmm.target_column).to_frame())
    frame = pd.concat([part.reorder_levels(index) if mmm.dims else part for part in parts], axis=1).reset_index()
    source = mmm.X
    if isinstance(source, pd.DataFrame):
        used = [name for name in (*mmm.channel_columns, *(mmm.control_columns or ())) if name in source]
        empty, filled = int(source[used].isna().to_numpy().sum()), len(frame) - len(source)
        if empty:
            told.append(("M091", "data", f"{empty} empty cells are zero, because the MMM has made them zero"))
        if filled:
            told.append(("M091", "data", f"{filled} rows that were not in X are zero, because the MMM added them"))
    return frame.rename(columns={"date": mmm.date_column}), told


def _section(mmm: Any, frame: pd.DataFrame, told: list[tuple[str, str, str]]) -> dict[str, Any]:
    """The keys of our section; what differs is added to ``told``."""
    saturation, effect = _SATURATIONS[_kind(mmm.saturation)]
    channels: list[dict[str, Any]] = [
        {
            "name": name,
            "spend": name,
            "adstock": _ADSTOCKS[_kind(mmm.adstock)],
            "saturation": saturation,
            "saturation_first": not mmm.adstock_first,
        }
        for name in mmm.channel_columns
    ]
    _believe(mmm, frame, channels, effect)
    if saturation == "hill":
        slope = mmm.saturation.function_priors["slope"]
        for channel in channels:
            channel["slope"] = float(slope) if isinstance(slope, int | float) else "free"
    told += _differences(mmm, saturation)
    dims = tuple(mmm.dims)
    return {
        "date": mmm.date_column,
        "kpi": mmm.target_column,
        "group": dims if len(dims) == 2 else dims[0] if dims else None,
        "controls": tuple(mmm.control_columns or ()),
        "seasonality": mmm.yearly_seasonality or 0,
        "trend": False,
        "l_max": mmm.adstock.l_max,
        "likelihood": _LIKELIHOODS[mmm.model_config["likelihood"].distribution],
        "channels": channels,
    }


def _believe(mmm: Any, frame: pd.DataFrame, channels: list[dict[str, Any]], effect: str) -> None:
    """Add the beliefs about half-lives and coefficients that the MMM's priors amount to."""
    days = _period_days(frame[mmm.date_column])
    life = _half_lives(mmm)
    low, high = _coefficients(mmm, effect)
    for c, channel in enumerate(channels):
        if life is not None:
            channel["half_life_days"] = float(life[c] * days)
        channel["prior"] = {"on": "coefficient", "low": float(low[c]), "high": float(high[c]), "probability": 0.9}


def _period_days(dates: pd.Series) -> float:
    unique = pd.DatetimeIndex(dates.unique()).sort_values()
    return float(np.median(np.diff(unique.to_numpy()) / np.timedelta64(1, "D")))


def _coords(mmm: Any) -> dict[str, list[str]]:
    dataset = mmm.xarray_dataset
    return {str(dim): [str(label) for label in dataset[dim].to_numpy()] for dim in ("channel", *mmm.dims)}


def _by_channel(mmm: Any, prior: Any) -> Array:
    """Prior draws per channel, groups joined, (draws, C)."""
    from mmm.model_exchange import prior_draws

    drawn = prior_draws(prior, _coords(mmm), _DRAWS, _SEED)
    blank = xr.DataArray(np.ones(len(mmm.channel_columns)), dims=("channel",))
    return np.asarray((drawn * blank).transpose(..., "channel").to_numpy().reshape(-1, blank.size))


def _half_lives(mmm: Any) -> Array | None:
    """Prior median of each channel's half-life in periods; None where there is none to state."""
    priors = mmm.adstock.function_priors
    turns: Mapping[str, Callable[[Array], Array]] = {
        "GeometricAdstock": lambda alpha: -np.log(2.0) / np.log(alpha),
        "DelayedAdstock": lambda alpha: np.sqrt(-np.log(2.0) / np.log(alpha)),
    }
    if "halflife" in priors:
        return np.asarray(np.median(_by_channel(mmm, priors["halflife"]), axis=0))
    if "alpha" in priors:
        alpha = np.clip(_by_channel(mmm, priors["alpha"]), 1e-6, 1.0 - 1e-6)
        return np.asarray(np.median(turns[_kind(mmm.adstock)](alpha), axis=0))
    if {"lam", "k"} <= set(priors):
        lam, k = _by_channel(mmm, priors["lam"]), _by_channel(mmm, priors["k"])
        n = min(len(lam), len(k))
        return np.asarray(np.median(lam[:n] * np.log(2.0) ** (1.0 / k[:n]), axis=0))
    return None


def _coefficients(mmm: Any, effect: str) -> tuple[Array, Array]:
    """The middle 90 % of each channel's coefficient by its prior, in shares of the mean KPI."""
    drawn = _by_channel(mmm, mmm.saturation.function_priors[effect])
    pooled = getattr(mmm.saturation.function_priors[effect], "parameters", {}).get("mu")
    if getattr(mmm.saturation.function_priors[effect], "transform", None) == "exp" and hasattr(pooled, "dims"):
        drawn = np.exp(_by_channel(mmm, pooled))  # a lognormal hierarchy, whose middle is what our belief is about
    target, exposure = mmm.xarray_dataset["_target"], mmm.xarray_dataset["_channel"]
    unit = float((mmm.scalers["_target"] / target.mean("date")).mean())
    # A straight line and a root have no ceiling: their coefficient is per unit of exposure, which is the mean when on
    # here. The root's exponent is taken at the middle of its prior.
    bend = {"NoSaturation": 1.0, "RootSaturation": 0.5}.get(_kind(mmm.saturation), 0.0)
    usual = (exposure.where(exposure > 0).mean("date") / mmm.scalers["_channel"]).fillna(1.0)
    step = usual.mean([dim for dim in usual.dims if dim != "channel"]).sel(channel=list(mmm.channel_columns)).to_numpy()
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0) * unit * step**bend
    if (low <= 0).any() or (high <= low).any():
        what = f"the prior of {mmm.saturation.prefix}_{effect} allows effects of zero or below, or knows them already"
        raise DataError([EXCHANGE.finding("M090", "MMM", what)])
    return low, high


def _differences(mmm: Any, saturation: str) -> list[tuple[str, str, str]]:
    """What is not the same, or said in other words."""
    told = [
        ("M091", "priors", "effects are lognormal, with the middle 90 % of the MMM's prior"),
        ("M091", "priors", "the season, the controls, the noise and the level have our priors"),
        ("M091", "rows", f"the first {mmm.adstock.l_max} rows only warm up the adstock; the MMM scores them too"),
        ("M092", "units", "the KPI is scaled by its mean and not its maximum; priors on coefficients are carried over"),
        ("M092", "spend", "the channel columns are taken for spend in the project's currency"),
    ]
    if _ADSTOCKS[_kind(mmm.adstock)] != "none":
        told.append(("M091", "priors", "half-lives are lognormal around the median of the MMM's prior"))
    if saturation not in ("none", "root"):
        told.append(("M091", "priors", "half-saturations have our prior, in multiples of the mean exposure"))
    if mmm.dims:
        told.append(("M091", "groups", "effects are pooled over groups (lognormal); the MMM's are pooled as it says"))
    if saturation == "tanh":
        told.append(("M091", "saturation", "half of the ceiling is a parameter of ours, and b * c of the MMM's"))
    return told


__all__ = ["from_pymc_marketing"]
