"""How long each kind of media is believed to act, before data: presets by media type, with their source.

The ranges are Robyn's rule of thumb for the geometric decay of weekly data (Meta's Robyn 3.12, ``demo/demo.R`` and the
help of ``hyper_names``: TV 0.3 to 0.8; out of home, print and radio 0.1 to 0.4; digital 0 to 0.3). A weekly decay d is
a half-life of ``7 ln 2 / -ln d`` days. Here the ends hold 90 % of a lognormal belief instead of all of it, so that data
can leave it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from mmm.calendar import LATER_SHARE_HALF_LIVES
from mmm.config import ChannelSection, MediaSection

Z90 = 1.6448536269514722
"""A normal lies within this many sds of its mean with probability 90 %."""

HALF_LIFE_SD = 1.0
"""Log sd of a half-life that no preset speaks of: 90 % between a fifth and five times the middle."""

DELAY_DAYS = 7.0
DELAY_SD = 0.7
"""Middle and log sd of the days until a delayed effect peaks: 90 % between two and 22 days."""


@dataclass(frozen=True)
class HalfLife:
    """A lognormal belief about a half-life.

    Attributes
    ----------
    days : float
        The middle, in days.
    log_sd : float
        Standard deviation of its logarithm.
    """

    days: float
    log_sd: float

    def quantile(self, z: float) -> float:
        """The half-life that lies ``z`` standard deviations from the middle, in days."""
        return float(self.days * np.exp(z * self.log_sd))


def _from_weekly_decay(low: float, high: float) -> HalfLife:
    ends = [7.0 * np.log(2.0) / -np.log(decay) for decay in (low, high)]
    return HalfLife(float(np.sqrt(ends[0] * ends[1])), float(np.log(ends[1] / ends[0]) / (2 * Z90)))


_TELEVISION, _OFFLINE, _DIGITAL = (
    _from_weekly_decay(low, high)
    # A decay of zero has no logarithm; one that leaves a hundredth after a week is as good as none.
    for low, high in ((0.3, 0.8), (0.1, 0.4), (0.01, 0.3))
)

MEDIA_TYPES: Mapping[str, HalfLife] = MappingProxyType(
    {
        "tv": _TELEVISION,
        "video": _TELEVISION,
        "radio": _OFFLINE,
        "print": _OFFLINE,
        "ooh": _OFFLINE,
        "search": _DIGITAL,
        "social": _DIGITAL,
        "display": _DIGITAL,
        "shopping": _DIGITAL,
        "affiliate": _DIGITAL,
        "email": _DIGITAL,
    }
)
"""Half-life by media type; Robyn names television, offline and digital, and the types here are sorted under those."""


def half_life_belief(channel: ChannelSection, section: MediaSection) -> HalfLife:
    """What is believed about a channel's half-life: as it states, by its media type, or as ``[media.prior]`` says."""
    preset = MEDIA_TYPES.get(channel.media_type or "")
    log_sd = preset.log_sd if preset is not None else HALF_LIFE_SD
    if channel.half_life_days is not None:
        return HalfLife(channel.half_life_days, log_sd)
    return preset if preset is not None else HalfLife(section.prior.half_life_days, HALF_LIFE_SD)


def slowest_days(section: MediaSection) -> float:
    """The longest half-life that any channel is believed to have, in days: the 95 % quantile of its belief.

    A delayed effect counts as the half-life that carries over until its peak has come and been halved, if that is more.
    """
    return max((_slowest(channel, section) for channel in section.channels if channel.adstock != "none"), default=0.0)


def _slowest(channel: ChannelSection, section: MediaSection) -> float:
    life = half_life_belief(channel, section).quantile(Z90)
    if channel.adstock != "delayed":
        return life
    latest = HalfLife(DELAY_DAYS, DELAY_SD).quantile(Z90)
    return max(life, (latest + life) / LATER_SHARE_HALF_LIVES)
