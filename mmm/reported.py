"""Every scalar that the tables report, for the trust gate, with the likely cause should its chains disagree."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from mmm.draws import MediaDraws
from mmm.paths import MARGIN
from mmm.returns import Returns
from outlay.transforms import Array

_TRADES = "The channel trades its effect with another channel or with the baseline that moves like it."

CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "half-life": "The data hardly tell a fast from a slow effect; state [media.prior] half_life_days or merge.",
        "adstock shape": "The data hardly tell when the effect peaks; a geometric adstock has one number less.",
        "slope": "A free slope is barely identified; fix it at 1, or bring a test or more groups.",
        "exponent": "The spend seen hardly bends the channel's curve; a Hill curve may be easier to learn.",
        "half-saturation": "The spend seen hardly bends the channel's curve, so its saturation is nearly free.",
        "contribution": _TRADES,
        "carried-over contribution": "The data hardly tell a fast from a slow effect of the channel.",
        "ROI": _TRADES,
        "marginal ROI": _TRADES,
        "baseline": "The baseline trades with media that are always on.",
        "effect of": "Two columns of the baseline may say the same thing.",
        "noise": "The model may be missing something large; look for outliers.",
    }
)
"""Likely cause by the beginning of a quantity's name."""


def reported_quantities(draws: MediaDraws, returns: Returns, chains: int) -> dict[str, Array]:
    """Scalars by the name that a user knows them by, each (chains, draws)."""
    flat = _media(draws, returns) | _baseline(draws)
    return {name: values.reshape(chains, -1) for name, values in flat.items()}


def _media(draws: MediaDraws, returns: Returns) -> dict[str, Array]:
    panel, blocks = draws.design.panel, draws.design.blocks
    scopes = [("", slice(None))]
    if panel.is_panel:
        scopes += [(f" in {name}", slice(g, g + 1)) for g, name in enumerate(panel.groups)]
    flat: dict[str, Array] = {}
    for c in np.flatnonzero(draws.design.active):
        name = panel.channels[c]
        for word, members, values in (
            ("half-life", blocks.decaying, draws.half_life),
            ("adstock shape", blocks.shaped, draws.adstock_shape),
            ("half-saturation", blocks.bent, draws.half_saturation),
            ("slope", blocks.sloped, draws.exponent),
            ("exponent", blocks.rooted, draws.exponent),
        ):
            if c in members:
                flat[f"{word} of {name}"] = values[:, c]
        for where, groups in scopes:
            flat[f"contribution of {name}{where}"] = returns.contribution[:, groups, c].sum(1)
            flat[f"carried-over contribution of {name}{where}"] = returns.carried[:, groups, c].sum(1)
            spend = returns.spend[groups, c].sum()
            if spend > 0:
                flat[f"ROI of {name}{where}"] = returns.incremental[:, groups, c].sum(1) / spend
                flat[f"marginal ROI of {name}{where}"] = returns.extra[:, groups, c].sum(1) / (MARGIN * spend)
    for where, groups in scopes:
        flat |= _all_paid(panel.paid & draws.design.active, returns, where, groups)
        flat |= _levers(panel.lever_names, returns, where, groups)
    return flat


def _all_paid(paid: np.ndarray, returns: Returns, where: str, groups: slice) -> dict[str, Array]:
    """The row of all paid media: a sum may mix badly where each channel mixes well, and the reverse."""
    spend, every = returns.spend[groups][:, paid].sum(), returns.together
    if spend <= 0:
        return {}
    return {
        f"contribution of all paid media{where}": every.contribution[:, groups].sum(1),
        f"carried-over contribution of all paid media{where}": every.carried[:, groups].sum(1),
        f"ROI of all paid media{where}": every.incremental[:, groups].sum(1) / spend,
        f"marginal ROI of all paid media{where}": every.extra[:, groups].sum(1) / (MARGIN * spend),
    }


def _levers(names: tuple[str, ...], returns: Returns, where: str, groups: slice) -> dict[str, Array]:
    """The rows of levers. The ROI of one is its contribution over a fixed cost, so its chains agree where those do."""
    flat: dict[str, Array] = {}
    for v, name in enumerate(names):
        flat[f"contribution of {name}{where}"] = returns.levers.contribution[:, groups, v].sum(1)
        cost = returns.levers.cost[groups, v].sum()
        if cost > 0:
            flat[f"ROI of {name}{where}"] = returns.levers.contribution[:, groups, v].sum(1) / cost
            flat[f"marginal ROI of {name}{where}"] = returns.levers.extra[:, groups, v].sum(1) / (MARGIN * cost)
    return flat


def _baseline(draws: MediaDraws) -> dict[str, Array]:
    design = draws.design
    flat: dict[str, Array] = {}
    for g, group in enumerate(design.panel.groups):
        where = f" in {group}" if design.panel.is_panel else ""
        flat[f"baseline{where}"] = draws.intercept[:, g]
        flat[f"noise{where}"] = draws.sigma[:, g]
        for k, term in enumerate(design.terms):
            flat[f"effect of {term.name}{where}"] = draws.terms[:, g, k]
    if draws.degrees is not None:
        flat["degrees of freedom of the noise"] = draws.degrees
    return flat
