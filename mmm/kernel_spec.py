"""From design and priors to what the kernel reads, and where each named parameter lies among its coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mmm.blocks import Index
from mmm.design import LEVEL_SD, Design
from mmm.kernel_data import (
    BETA,
    COEFFICIENT,
    ELSEWHERE,
    HALF_NORMAL,
    NORMAL,
    POOLED,
    POSITIVE,
    SIGNED,
    Ints,
    KernelData,
)
from mmm.labels import level_dim, suffix
from mmm.priors import BASELINE_SPREAD_SD, GROUP_SPREAD_SD, ROOT, Priors
from outlay.transforms import Array

_ADSTOCKS = {"none": 0, "geometric": 1, "delayed": 2, "weibull": 3, "weibull_cdf": 4}
_SATURATIONS = {"none": 0, "michaelis_menten": 1, "hill": 2, "logistic": 3, "tanh": 3, "root": 4}


PAID = "paid_odds"
"""The coordinates of pooled channels: log odds of their shares, which make the total and its split."""


CENTRED = 1e-8
"""How far a mean may be from zero, on the model's scale, where KPI and levers have a size of about one."""


def expressible(design: Design) -> str | None:
    """Why the kernel cannot express a design, in words; None where it can."""
    if design.section.likelihood == "student_t":
        return "under a Student-t likelihood the baseline cannot be integrated out"
    if design.tests and design.log:
        return "lift tests under a log likelihood depend on the KPI that is explained"
    return None


@dataclass(frozen=True)
class Block:
    """One named parameter among the coordinates.

    Attributes
    ----------
    name : str
        Its name in the model.
    at, size : int
        Where it begins, and how many coordinates it has.
    form : str
        ``plain``, ``log`` or ``logit``: what the coordinates are of it, or for shares the names of the model's
        parameters that :mod:`mmm.kernel_draws` makes of them.
    shape : tuple of int
        Its shape.
    dims : tuple of str
        Names of its dimensions.
    """

    name: str
    at: int
    size: int
    form: str
    shape: tuple[int, ...]
    dims: tuple[str, ...]


class _Coordinates:
    """Hands out places and collects their priors."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.priors: list[tuple[int, float, float]] = []

    def add(
        self, name: str, form: str, dims: tuple[str, ...], shape: tuple[int, ...], prior: tuple[int, Any, Any]
    ) -> int:
        """Where the new block begins; -1 where it is empty."""
        size = int(np.prod(shape))
        if size <= 0:
            return -1
        at = len(self.priors)
        kind, first, second = prior
        for a, b in zip(np.broadcast_to(first, size), np.broadcast_to(second, size), strict=True):
            self.priors.append((kind, float(a), float(b)))
        self.blocks.append(Block(name, at, size, form, shape, dims))
        return at

    def places(self, n: int, members: Index, at: int) -> Ints:
        """Place per channel, -1 for channels that are not members."""
        out = np.full(n, -1)
        out[members] = at + np.arange(members.size)
        return out


@dataclass(frozen=True)
class Spec:
    """A design as the kernel takes it.

    Attributes
    ----------
    data : KernelData
        The arrays.
    blocks : tuple of Block
        The named parameters, in the order of the coordinates.
    """

    data: KernelData
    blocks: tuple[Block, ...]


def make_spec(design: Design, priors: Priors) -> Spec:
    """Write a design for the kernel. Channels without an effect are left out.

    Raises
    ------
    ValueError
        Where the KPI or the levers of a design are not centred: the level that the kernel integrates out would then
        not be the mean that its prior speaks of.
    """
    _refuse_uncentred(design)
    places = _Coordinates()
    n = design.panel.n_channels
    fields = _shape_places(design, priors, places) | _share_places(design, priors, places)
    by_level = _level_places(design, places)
    at_sigma = places.add("sigma", "log", ("group",), (design.panel.n_groups,), (HALF_NORMAL, 0.0, priors.noise_sd))
    has_spread = design.pooled and len(design.free_terms) > 0
    at_tau = -1
    if has_spread:
        at_tau = places.add("baseline_spread", "log", (), (), (HALF_NORMAL, 0.0, BASELINE_SPREAD_SD))
    levers = int((design.signed != 0).sum())
    at_lever = places.add("lever_effect", "log", ("signed_lever",), (levers,), (HALF_NORMAL, 0.0, 1.0))
    active = design.blocks.active
    by_channel = {name: value[active] for name, value in fields.items() if np.shape(value) == (n,)}
    single = {name: value for name, value in fields.items() if name not in by_channel}
    prior = np.array(places.priors, float).reshape(-1, 3)
    data = KernelData(
        lags=design.l_max,
        at_spread_linear=at_tau,
        at_sigma=at_sigma,
        at_lever=at_lever,
        level_variance=LEVEL_SD**2,
        prior=prior[:, 0].astype(int),
        prior_mean=prior[:, 1],
        prior_sd=prior[:, 2],
        weight=design.weight,
        **by_channel,
        **single,
        **by_level,
        **_arrays(design),
        **_lift_arrays(design),
    )
    return Spec(data, tuple(places.blocks))


def _refuse_uncentred(design: Design) -> None:
    for name, middle in (("KPI", design.y.mean(0) - design.y_mean), ("lever", design.signed_columns.mean(0))):
        off = float(np.abs(middle).max(initial=0.0))
        if off > CENTRED:
            raise ValueError(f"the kernel needs centred columns, and the mean of a {name} is {off:.2g} off")


def _shape_places(design: Design, priors: Priors, places: _Coordinates) -> dict[str, Any]:
    """Families and the places of the parameters of carry-over and curve, per channel (C,)."""
    blocks, channels, n = design.blocks, design.section.channels, design.panel.n_channels

    def lognormal(name: str, dim: str, members: Index, numbers: tuple[Array, Array]) -> Ints:
        mean, sd = numbers
        at = places.add(name, "log", (dim,), (members.size,), (NORMAL, mean[members], sd[members]))
        return places.places(n, members, at)

    half_life = lognormal("half_life", "decaying", blocks.decaying, priors.half_life_log)
    shape = lognormal("adstock_shape", "shaped", blocks.shaped, priors.shape_log)
    half_saturation = lognormal("half_saturation", "bent", blocks.bent, priors.half_saturation_log)
    exponent = lognormal("slope", "sloped", blocks.sloped, priors.slope_log)
    at_root = places.add("root", "logit", ("rooted",), (blocks.rooted.size,), (BETA, *ROOT))
    exponent[blocks.rooted] = at_root + np.arange(blocks.rooted.size)
    fixed = np.array([channel.slope if isinstance(channel.slope, float) else 1.0 for channel in channels])
    saturation = np.array([_SATURATIONS[channel.saturation] for channel in channels])
    simple = (saturation == _SATURATIONS["hill"]) & (exponent < 0) & (fixed == 1.0)
    adstock = np.array([_ADSTOCKS[channel.adstock] for channel in channels])
    return {
        "adstock": np.where(design.l_max > 1, adstock, _ADSTOCKS["none"]),
        "saturation": np.where(simple, _SATURATIONS["michaelis_menten"], saturation),
        "order": np.array([2 if channel.reaches else int(channel.saturation_first) for channel in channels]),
        "exponent": fixed,
        "at_half_life": half_life,
        "at_shape": shape,
        "at_half_saturation": half_saturation,
        "at_exponent": exponent,
    }


def _share_places(design: Design, priors: Priors, places: _Coordinates) -> dict[str, Any]:
    """What each channel's prior is about, and where its coordinate lies."""
    blocks, n = design.blocks, design.panel.n_channels
    mean, sd = priors.own
    at, kind, log_spend = np.full(n, -1), np.full(n, POSITIVE), np.zeros(n)
    log_spend[blocks.pooled] = np.log(design.spend_share[blocks.pooled])
    organic = (ELSEWHERE, *priors.organic_log_share)
    around = (ELSEWHERE, priors.paid_share_logit[0] + log_spend[blocks.pooled], 1.0)
    for name, dim, members, form, share, prior in (
        (PAID, "paid", blocks.pooled, "plain", POOLED, around),
        ("organic_share", "organic", blocks.organic, "log", POSITIVE, organic),
        ("own_share", "own", blocks.own, "log", POSITIVE, (ELSEWHERE, mean[blocks.own], sd[blocks.own])),
        ("signed_share", "signed", blocks.signed, "plain", SIGNED, (ELSEWHERE, mean[blocks.signed], sd[blocks.signed])),
        (
            "own_coefficient",
            "direct",
            blocks.direct,
            "log",
            COEFFICIENT,
            (ELSEWHERE, mean[blocks.direct], sd[blocks.direct]),
        ),
    ):
        start = places.add(name, form, (dim,), (members.size,), prior)
        at[members], kind[members] = start + np.arange(members.size), share
    total_mean, total_sd = priors.paid_share_logit
    beliefs = {"total_mean": total_mean, "total_sd": total_sd, "split_sd": priors.split_sd}
    return {**beliefs, "at_share": at, "share": kind, "log_spend": log_spend}


def _level_places(design: Design, places: _Coordinates) -> dict[str, Any]:
    """Effects of groups over the panel's dimensions."""
    c, levels = design.blocks.active.size, design.levels
    at_spread, at_effect = [], []
    for i, level in enumerate(levels):
        end = suffix(design, i)
        prior = (HALF_NORMAL, 0.0, GROUP_SPREAD_SD)
        at_spread.append(places.add(f"group_spread{end}", "log", ("channel",), (c,), prior))
        dims, shape = (level_dim(design, i), "channel"), (len(level.labels), c)
        at_effect.append(places.add(f"group_effect{end}", "plain", dims, shape, (ELSEWHERE, 0.0, 1.0)))
    hierarchy = {"lognormal": 1, "normal": 2}[design.section.hierarchy]
    index = [level.index for level in levels]
    return {
        "hierarchy": hierarchy,
        "level_index": np.array(index, int).reshape(len(levels), design.panel.n_groups),
        "at_spread": np.array(at_spread, int),
        "at_effect": np.array(at_effect, int),
        "centring": np.zeros((len(levels), c)),
    }


def _arrays(design: Design) -> dict[str, Any]:
    """The data, group by group, each series contiguous."""
    active, lags = design.blocks.active, design.l_max
    u, lam, q = _singular(design.z.transpose(1, 0, 2))
    contacts = np.zeros((0, 0, 0))
    if any(design.section.channels[c].reaches for c in active):
        contacts = _series(design.panel.contacts[:, :, active], design.fit, lags)
    return {
        "y": np.ascontiguousarray((design.y - design.y_mean).T),
        "lam": lam,
        "q": q,
        "u": u,
        "levers": np.ascontiguousarray(design.signed_columns.transpose(1, 2, 0)),
        "x": _series(design.x[:, :, active], design.fit, lags),
        "contacts": contacts,
    }


def _lift_arrays(design: Design) -> dict[str, Any]:
    """Series of the lift tests, those as they were first and then those without the tests' change."""
    lifts, lead = design.lifts, design.l_max - 1
    if lifts is None:
        none, empty = np.zeros(0, int), np.zeros((0, 0))
        places = dict.fromkeys(("lift_test", "lift_group", "lift_channel", "lift_sign"), none)
        series = dict.fromkeys(("lift_x", "lift_contacts", "lift_weight"), empty)
        return {"lift_observed": np.zeros(0), "lift_se": np.zeros(0), **places, **series}
    n = len(lifts.cell)
    return {
        "lift_observed": lifts.observed,
        "lift_se": lifts.se,
        "lift_test": np.tile(lifts.test[lifts.cell], 2),
        "lift_group": np.tile(lifts.group, 2),
        "lift_channel": np.tile(np.searchsorted(design.blocks.active, lifts.channel), 2),
        "lift_sign": np.repeat([1, -1], n),
        "lift_x": np.concatenate([lifts.given, lifts.without]),
        "lift_contacts": np.tile(lifts.contacts, (2, 1)),
        "lift_weight": np.tile(lifts.weight[lifts.cell][:, lead:], (2, 1)),
    }


def _series(x: Array, fit: slice, lags: int) -> Array:
    """Rows from L - 1 before the first scored one, (C, G, R); zeros where there are none."""
    first = fit.start - (lags - 1)
    rows = x[max(first, 0) : fit.stop]
    padded = np.concatenate([np.zeros((max(-first, 0), *x.shape[1:])), rows])
    return np.ascontiguousarray(padded.transpose(2, 1, 0))


def _singular(z: Array) -> tuple[Array, Array, Array]:
    """Per group, of (G, F, K): right singular vectors as rows, squared singular values, left vectors as rows.

    Directions without data (fewer rows than columns, or columns that repeat each other) have value zero and a left
    vector of zeros: the prior alone knows them.
    """
    n_groups, n, k = z.shape
    padded = np.concatenate([z, np.zeros((n_groups, max(k - n, 0), k))], axis=1)
    left, values, right = np.linalg.svd(padded, full_matrices=False)
    largest = values.max(axis=1, keepdims=True, initial=0.0)
    some = values > largest * max(n, k) * np.finfo(float).eps
    values = np.where(some, values, 0.0)
    left = np.where(some[:, None, :], left[:, :n], 0.0)
    return np.ascontiguousarray(right), values**2, np.ascontiguousarray(left.transpose(0, 2, 1))
