"""Lift tests in the kernel: a normal likelihood on differences of responses, and its gradients.

Every series of a test is one row, once as it was and once without the test's change, with a sign. It begins L - 1
periods before the test, as all series of the kernel do, and runs through the same functions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mmm.kernel_jit import Buffer, dot, njit
from mmm.kernel_media import HALF_SATURATION, POWER, Media
from mmm.kernel_series import SCRATCH, backward, forward
from mmm.kernel_views import LIFT_CHANNEL, LIFT_GROUP, LIFT_SIGN, LIFT_TEST, ORDER, SATURATION, Lifts


class LiftPulls(NamedTuple):
    """Log likelihood of the tests; gradients by effect (G, C), adstock weights (C, L) and shape of curves (C, 2)."""

    value: float
    effect: Buffer
    weight: Buffer
    shape: Buffer


@njit
def lift_block(channels: Buffer, media: Media, effect: Buffer, lifts: Lifts) -> LiftPulls:
    """The tests' part of the log density, up to a constant."""
    n_rows, width = lifts.x.shape
    lags = media.weights.shape[2]
    counted = width - lags + 1
    responses, scratch = np.zeros((n_rows, 3, max(counted, 0))), np.empty((SCRATCH, width))
    predicted, moved = np.zeros(lifts.observed.shape[0]), np.empty(n_rows)
    for r in range(n_rows):
        g, c, test = int(lifts.rows[LIFT_GROUP, r]), int(lifts.rows[LIFT_CHANNEL, r]), int(lifts.rows[LIFT_TEST, r])
        out = (responses[r, 0], responses[r, 1], responses[r, 2])
        forward(lifts.x[r], lifts.contacts[r], media.weights[c, 0], _how(channels, media, c), out, scratch)
        moved[r] = lifts.rows[LIFT_SIGN, r] * dot(lifts.weight[r], out[0])
        predicted[test] += effect[g, c] * moved[r]
    value = 0.0
    pull = np.empty(lifts.observed.shape[0])
    for j in range(pull.shape[0]):
        off = (lifts.observed[j] - predicted[j]) / lifts.se[j]
        value -= 0.5 * off * off
        pull[j] = off / lifts.se[j]
    pulls = LiftPulls(value, np.zeros_like(effect), np.zeros((effect.shape[1], lags)), np.zeros((effect.shape[1], 2)))
    _lift_back(channels, media, effect, lifts, (responses, moved, pull, scratch), pulls)
    return pulls


@njit
def _how(channels: Buffer, media: Media, c: int) -> tuple[int, int, float, float]:
    saturation, order = int(channels[SATURATION, c]), int(channels[ORDER, c])
    return saturation, order, media.curves[HALF_SATURATION, c], media.curves[POWER, c]


@njit
def _lift_back(
    channels: Buffer,
    media: Media,
    effect: Buffer,
    lifts: Lifts,
    kept: tuple[Buffer, Buffer, Buffer, Buffer],
    pulls: LiftPulls,
) -> None:
    responses, moved, pull, scratch = kept
    by_response = np.empty(responses.shape[2])
    for r in range(lifts.x.shape[0]):
        g, c, test = int(lifts.rows[LIFT_GROUP, r]), int(lifts.rows[LIFT_CHANNEL, r]), int(lifts.rows[LIFT_TEST, r])
        pulls.effect[g, c] += pull[test] * moved[r]
        size = pull[test] * effect[g, c] * lifts.rows[LIFT_SIGN, r]
        for t in range(by_response.shape[0]):
            by_response[t] = size * lifts.weight[r, t]
        source = (lifts.x[r], lifts.contacts[r], media.weights[c, 0])
        out = (responses[r, 0], responses[r, 1], responses[r, 2])
        into = (pulls.weight[c], pulls.shape[c])
        backward(by_response, source, _how(channels, media, c), out, into, scratch)
