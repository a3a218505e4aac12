"""Saturated, carried-over media as a PyMC graph, from PyMC-Marketing's transformations: half of the model's definition.

Every channel has an adstock by half-life (and delay or Weibull shape) and a saturation by half-saturation (and slope or
exponent). Channels are computed family by family and put back into their order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytensor.xtensor as ptx
from numpy.typing import NDArray
from pymc_extras.prior import Prior
from pymc_marketing.mmm.transformers import (
    delayed_adstock,
    geometric_adstock,
    hill_function,
    michaelis_menten,
    root_saturation,
    tanh_saturation,
    weibull_adstock,
)

from mmm.design import Design
from mmm.priors import ROOT, Priors
from outlay.transforms import LOG3, Array

Tensor = Any
Index = NDArray[np.int64]
_DIMS = ("date", "group", "channel")
_LOG2 = float(np.log(2.0))


def saturated_media(design: Design, shape: ShapeParameters) -> Tensor:
    """Saturated adstocked media of the scored rows, (F, G, active channels)."""
    active = design.blocks.active
    return respond(design, shape, active, design.x[:, :, active], design.panel.contacts[:, :, active])[design.fit]


def respond(design: Design, shape: ShapeParameters, channels: Index, x: Array, contacts: Array) -> Tensor:
    """Saturated, carried-over media of some exposure series, (T, G, N).

    Parameters
    ----------
    design : Design
        Families and the length of carry-over.
    shape : ShapeParameters
        Parameters of adstock and saturation.
    channels : ndarray of int (N,)
        The channel of each series.
    x, contacts : ndarray (T, G, N)
        Scaled exposure and, for reach and frequency, contacts of those reached; nothing ran before.
    """
    families = [_family(design, int(c)) for c in channels]
    order: list[int] = []
    parts: list[Tensor] = []
    for key in sorted(set(families)):
        members = [n for n, family in enumerate(families) if family == key]
        parts.append(_family_media(design, shape, channels[members], key, (x[..., members], contacts[..., members])))
        order += members
    if len(parts) == 1:
        return parts[0]
    return pt.concatenate(parts, axis=-1)[..., np.argsort(order)]


def _family(design: Design, c: int) -> tuple[str, str, bool, bool]:
    """Adstock, saturation, whether saturation comes first, and whether the channel has reach and frequency."""
    channel = design.section.channels[c]
    return channel.adstock, channel.saturation, channel.saturation_first or channel.reaches, channel.reaches


class ShapeParameters:
    """The shape parameters, each spread over all channels so that a family can take its members."""

    def __init__(self, design: Design, priors: Priors) -> None:
        blocks, n = design.blocks, design.panel.n_channels
        fixed = [channel.slope if isinstance(channel.slope, float) else 1.0 for channel in design.section.channels]
        self.half_life = _lognormal("half_life", "decaying", blocks.decaying, priors.half_life_log, np.ones(n))
        self.shape = _lognormal("adstock_shape", "shaped", blocks.shaped, priors.shape_log, np.ones(n))
        self.half_saturation = _lognormal(
            "half_saturation", "bent", blocks.bent, priors.half_saturation_log, np.ones(n)
        )
        exponent = _lognormal("slope", "sloped", blocks.sloped, priors.slope_log, np.array(fixed))
        if blocks.rooted.size:
            alpha, beta = ROOT
            root = Prior("Beta", alpha=alpha, beta=beta, dims="rooted").create_variable("root")
            exponent = pt.as_tensor(exponent)[blocks.rooted].set(root)
        self.exponent = exponent


def _lognormal(name: str, dim: str, members: Index, numbers: tuple[Any, Any], rest: Any) -> Tensor:
    if not members.size:
        return rest
    mean, sd = numbers
    own = pm.LogNormal(name, mean[members], sd[members], dims=dim)
    return pt.as_tensor(rest)[members].set(own)


def _family_media(
    design: Design,
    shape: ShapeParameters,
    members: Index,
    key: tuple[str, str, bool, bool],
    series: tuple[Array, Array],
) -> Tensor:
    """Media of series of one family, (T, G, members)."""
    adstock, saturation, first, reaches = key
    x = _labelled(series[0])
    k, s = (_by_channel(value, members) for value in (shape.half_saturation, shape.exponent))
    if first:
        bent = _SATURATIONS[saturation](_labelled(series[1]) if reaches else x, k, s)
        media = _carry(adstock, x * bent if reaches else bent, shape, members, design.l_max)
    else:
        media = _SATURATIONS[saturation](_carry(adstock, x, shape, members, design.l_max), k, s)
    return media.transpose(*_DIMS).values


def _carry(family: str, x: Tensor, shape: ShapeParameters, members: Index, l_max: int) -> Tensor:
    half_life, second = (_by_channel(value, members) for value in (shape.half_life, shape.shape))
    if l_max == 1 or family == "none":
        return x
    return _ADSTOCKS[family](x, half_life, second, l_max)


def _labelled(x: Any) -> Tensor:
    return ptx.as_xtensor(x, dims=_DIMS)


def _by_channel(value: Any, members: Index) -> Tensor:
    return ptx.as_xtensor(pt.as_tensor(value)[members], dims=_DIMS[2:])


def _geometric(x: Tensor, half_life: Tensor, _: Tensor, l_max: int) -> Tensor:
    return geometric_adstock(x, alpha=2.0 ** (-1.0 / half_life), l_max=l_max, normalize=True, dim="date")


def _delayed(x: Tensor, half_life: Tensor, delay: Tensor, l_max: int) -> Tensor:
    alpha = 2.0 ** (-1.0 / half_life**2)
    return delayed_adstock(x, alpha=alpha, theta=delay, l_max=l_max, normalize=True, dim="date")


def _weibull(kind: str) -> Callable[[Tensor, Tensor, Tensor, int], Tensor]:
    def carry(x: Tensor, half_life: Tensor, k: Tensor, l_max: int) -> Tensor:
        scale = half_life / _LOG2 ** (1.0 / k)
        return weibull_adstock(x, lam=scale, k=k, l_max=l_max, type=kind, normalize=True, dim="date")

    return carry


_ADSTOCKS: Mapping[str, Callable[[Tensor, Tensor, Tensor, int], Tensor]] = MappingProxyType(
    {"geometric": _geometric, "delayed": _delayed, "weibull": _weibull("PDF"), "weibull_cdf": _weibull("CDF")}
)


def _hill(x: Tensor, k: Tensor, s: Tensor) -> Tensor:
    return hill_function(x, slope=s, kappa=k)


def _michaelis_menten(x: Tensor, k: Tensor, _: Tensor) -> Tensor:
    return michaelis_menten(x, alpha=1.0, lam=k)


def _tanh(x: Tensor, k: Tensor, _: Tensor) -> Tensor:
    """Tanh and logistic are one curve where both are written by their half-saturation."""
    return tanh_saturation(x, b=1.0, c=2.0 * k / LOG3)


def _root(x: Tensor, _: Tensor, s: Tensor) -> Tensor:
    return root_saturation(x, alpha=s)


def _straight(x: Tensor, _: Tensor, __: Tensor) -> Tensor:
    return x


_SATURATIONS: Mapping[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = MappingProxyType(
    {
        "hill": _hill,
        "michaelis_menten": _michaelis_menten,
        "logistic": _tanh,
        "tanh": _tanh,
        "root": _root,
        "none": _straight,
    }
)
