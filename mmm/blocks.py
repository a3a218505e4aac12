"""Which channel has which parameters: the model, the kernel and the draws all read it here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmm.config import BENT_SATURATIONS, SHAPED_ADSTOCKS, ChannelSection, MediaSection

Index = NDArray[np.int64]


@dataclass(frozen=True)
class Blocks:
    """Indices of channels, ascending, by the parameter that they have.

    Attributes
    ----------
    active : ndarray of int
        Channels with an effect to estimate.
    decaying : ndarray of int
        With a half-life.
    shaped : ndarray of int
        With a second adstock parameter: delay or Weibull shape.
    bent : ndarray of int
        With a half-saturation.
    sloped : ndarray of int
        With a Hill slope of their own.
    rooted : ndarray of int
        With an exponent of the root.
    pooled : ndarray of int
        Paid channels that share the prior on all paid media.
    organic : ndarray of int
        Channels without spend in the scored rows and without a prior of their own.
    own : ndarray of int
        With a lognormal prior of their own on ROI or share.
    signed : ndarray of int
        With a normal prior of their own on ROI or share.
    direct : ndarray of int
        With a prior of their own on the coefficient.
    """

    active: Index
    decaying: Index
    shaped: Index
    bent: Index
    sloped: Index
    rooted: Index
    pooled: Index
    organic: Index
    own: Index
    signed: Index
    direct: Index


def make_blocks(section: MediaSection, active: np.ndarray, bought: np.ndarray) -> Blocks:
    """Sort the active channels by the parameters that they have.

    Parameters
    ----------
    section : MediaSection
        Families and priors.
    active, bought : ndarray of bool (C,)
        Channels that act in a scored row, and among them those with spend there.
    """
    channels = section.channels

    def where(*tests: NDArray[np.bool_] | list[bool]) -> Index:
        return np.flatnonzero(np.array([active, *tests], bool).all(axis=0))

    belief = [_belief(channel) for channel in channels]
    without = np.array([kind == "" for kind in belief])
    return Blocks(
        active=where(),
        decaying=where([channel.adstock != "none" for channel in channels]),
        shaped=where([channel.adstock in SHAPED_ADSTOCKS for channel in channels]),
        bent=where([channel.saturation in BENT_SATURATIONS for channel in channels]),
        sloped=where([channel.slope == "free" or channel.reaches for channel in channels]),
        rooted=where([channel.saturation == "root" for channel in channels]),
        pooled=where(without, bought),
        organic=where(without, ~bought),
        own=where([kind == "own" for kind in belief]),
        signed=where([kind == "signed" for kind in belief]),
        direct=where([kind == "direct" for kind in belief]),
    )


def _belief(channel: ChannelSection) -> str:
    if channel.prior is None:
        return ""
    if channel.prior.on == "coefficient":
        return "direct"
    return "own" if channel.prior.family == "lognormal" else "signed"
