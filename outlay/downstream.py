"""What becomes of leads: the way from a lead that media brought to money, draw by draw.

The media-mix model counts leads, the conversion model says what a lead of a channel turns into. `attribution` puts the
two together: :class:`outlay.response.ResponseDraws` then answers in money, and carries this beside it, so that `budget`
can count what a plan's leads ask of the sellers of each segment.

Leads that media bring are taken to convert like the observed leads of the same channel. That is an assumption: observed
leads carry the label of their last touch, those of the media-mix model are the ones that would not have come otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from outlay.transforms import Array


@dataclass(frozen=True, eq=False)
class Downstream:
    """What a lead turns into. S draws, G groups, C channels of the response, K segments, B bands, J stages.

    Where an axis has C + 1 places, the last is the baseline: leads that no planned channel brought.

    Attributes
    ----------
    segments : tuple of str
        Names of the segments (K).
    bands : tuple of str
        Names of the score bands, the best first (B); ``("all",)`` where leads have no score.
    stages : tuple of str
        The funnel's stages (J); the first is the lead itself.
    split : ndarray (S, G, C + 1, K, B)
        Part of a channel's leads that is of a segment and band; sums to one over the last two axes.
    reach : ndarray (S, G, C + 1, K, B, J)
        Probability that such a lead reaches each stage; ones for the first.
    value : ndarray (S, K)
        Value of the last stage in currency.
    baseline : ndarray (S, H, G)
        Leads that come without anything that is planned, in every period of the response's future.
    assumptions : tuple of str
        What was assumed, in sentences that are shown beside every plan.
    """

    segments: tuple[str, ...]
    bands: tuple[str, ...]
    stages: tuple[str, ...]
    split: Array
    reach: Array
    value: Array
    baseline: Array
    assumptions: tuple[str, ...] = ()

    @property
    def worth(self) -> Array:
        """Expected money of a worked lead, (S, G, C + 1, K, B)."""
        return np.asarray(self.reach[..., -1] * self.value[:, None, None, :, None])

    @property
    def worth_of_lead(self) -> Array:
        """Expected money of a channel's lead over its segments and bands, (S, G, C + 1)."""
        return np.asarray((self.split * self.worth).sum(axis=(-2, -1)))

    def take(self, draws: NDArray[np.intp] | slice) -> Downstream:
        """The same on some of its draws."""
        return replace(
            self,
            split=self.split[draws],
            reach=self.reach[draws],
            value=self.value[draws],
            baseline=self.baseline[draws],
        )
