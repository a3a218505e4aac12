"""Media of every cell at one point, and the gradient back to the shape of every channel's response."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mmm.kernel_adstock import adstock, adstock_back
from mmm.kernel_jit import Buffer, njit
from mmm.kernel_series import ROOT, backward, close, forward
from mmm.kernel_views import (
    ADSTOCK,
    AT_EXPONENT,
    AT_HALF_LIFE,
    AT_HALF_SATURATION,
    AT_SHAPE,
    EXPONENT,
    ORDER,
    SATURATION,
)

HALF_LIFE, SHAPE, HALF_SATURATION, POWER = 0, 1, 2, 3
"""Rows of the table of curves."""


TILE = 2048
"""Values that go through carry-over and curve at once where groups are shorter; half as many were a tenth slower."""


class Media(NamedTuple):
    """Curves (4, C), adstock weights with derivatives (C, 3, L), responses with derivatives (3, C, G * R), their means
    (G, C), and typical media (C,), which a share is over. Of a group's R rows of responses the first F are scored.
    """

    curves: Buffer
    weights: Buffer
    response: Buffer
    mean: Buffer
    typical: Buffer


@njit
def curves_at(theta: Buffer, channels: Buffer, lags: int, out: Buffer, weights: Buffer) -> None:
    """Parameters and adstock weights of every channel."""
    for c in range(channels.shape[1]):
        for row, at in ((HALF_LIFE, AT_HALF_LIFE), (SHAPE, AT_SHAPE), (HALF_SATURATION, AT_HALF_SATURATION)):
            place = int(channels[at, c])
            out[row, c] = math.exp(theta[place]) if place >= 0 else 1.0
        place = int(channels[AT_EXPONENT, c])
        out[POWER, c] = channels[EXPONENT, c]
        if place >= 0:
            root = int(channels[SATURATION, c]) == ROOT
            out[POWER, c] = 1.0 / (1.0 + math.exp(-theta[place])) if root else math.exp(theta[place])
        adstock(int(channels[ADSTOCK, c]), out[HALF_LIFE, c], out[SHAPE, c], weights[c])


@njit
def media_at(theta: Buffer, channels: Buffer, sizes: tuple[int, int, int], x: Buffer, contacts: Buffer) -> Media:
    """Every response and its mean. ``sizes``: lags, scored rows, rows of scratch. ``typical`` is left to the caller.

    Groups that fit in one tile go through as one series. What the lead-in of a group sees of the group before it lies
    in the L - 1 rows after that group's last scored one, which nobody reads; the last ones of a tile are zero.
    """
    lags, n, n_scratch = sizes
    n_channels, length = x.shape
    rows = n + lags - 1
    n_groups = length // rows
    curves, weights = np.empty((4, n_channels)), np.empty((n_channels, 3, lags))
    curves_at(theta, channels, lags, curves, weights)
    response, mean = np.empty((3, n_channels, length)), np.empty((n_groups, n_channels))
    step = min(tile(rows), length)
    scratch = np.empty((n_scratch, step))
    for c in range(n_channels):
        how = (int(channels[SATURATION, c]), int(channels[ORDER, c]), curves[HALF_SATURATION, c], curves[POWER, c])
        for at in range(0, length, step):
            end = min(at + step, length)
            last = end - (lags - 1)
            out = (response[0, c, at:last], response[1, c, at:last], response[2, c, at:last])
            seen = contacts[c, at:end] if contacts.shape[0] > 0 else x[c, at:end]
            forward(x[c, at:end], seen, weights[c, 0], how, out, scratch)
            response[0, c, last:end] = 0.0
        for g in range(n_groups):
            total, row = 0.0, response[0, c, g * rows : g * rows + n]
            for t in range(n):
                total += row[t]
            mean[g, c] = total / n
    return Media(curves, weights, response, mean, np.ones(n_channels))


@njit
def tile(rows: int) -> int:
    """Length of the whole groups that go through as one series: as many as the nearest cache holds beside scratch."""
    return rows * max(TILE // rows, 1)


@njit
def typical_media(mean: Buffer, weight: Buffer, out: Buffer) -> None:
    """What a share is over: the mean response over groups, by their part of the KPI."""
    for c in range(out.shape[0]):
        out[c] = 0.0
        for g in range(weight.shape[0]):
            out[c] += weight[g] * mean[g, c]


@njit
def media_back(
    channels: Buffer,
    media: Media,
    sources: tuple[Buffer, Buffer],
    pulls: tuple[Buffer, Buffer, Buffer, Buffer, Buffer],
    n_scratch: int,
    gradient: Buffer,
) -> None:
    """Adds the gradients by the coordinates of every curve.

    ``sources``: exposure and contacts. ``pulls``: effects (G, C); what is taken off every row's gradient because
    typical media depend on the curve (G, C); the gradient by the residuals (G, F); and gradients by adstock weights
    (C, L) and by the shape of curves (C, 2) from elsewhere, to which those of the media are added.
    """
    x, contacts = sources
    effect, shift, by_r, by_weight, by_shape = pulls
    n_channels, length = x.shape
    n_groups, n = by_r.shape
    rows, lags = length // n_groups, media.weights.shape[2]
    curves, weights, response = media.curves, media.weights, media.response
    step = min(tile(rows), length)
    g_response, scratch = np.zeros(step), np.empty((n_scratch, step))
    for c in range(n_channels):
        how = (int(channels[SATURATION, c]), int(channels[ORDER, c]), curves[HALF_SATURATION, c], curves[POWER, c])
        into = (by_weight[c], by_shape[c])
        for at in range(0, length, step):
            end = min(at + step, length)
            last = end - (lags - 1)
            out = (response[0, c, at:last], response[1, c, at:last], response[2, c, at:last])
            for g in range(at // rows, end // rows):
                pull, off, place = -effect[g, c], shift[g, c], g * rows - at
                row = g_response[place : place + n]
                for t in range(n):
                    row[t] = pull * by_r[g, t] - off
            seen = contacts[c, at:end] if contacts.shape[0] > 0 else x[c, at:end]
            backward(g_response[: last - at], (x[c, at:end], seen, weights[c, 0]), how, out, into, scratch)
    for c in range(n_channels):
        close(weights[c, 0], int(channels[ORDER, c]), by_weight[c], by_shape[c])
        curve_back(channels[:, c], curves[:, c], weights[c], (by_weight[c], by_shape[c]), gradient)


@njit
def curve_back(channel: Buffer, curve: Buffer, weights: Buffer, pulls: tuple[Buffer, Buffer], gradient: Buffer) -> None:
    """Adds a channel's gradients by weights, log half-saturation and exponent to those by its coordinates."""
    by_weight, by_shape = pulls
    by_life, by_second = adstock_back(int(channel[ADSTOCK]), weights, by_weight, curve[HALF_LIFE], curve[SHAPE])
    if channel[AT_HALF_LIFE] >= 0:
        gradient[int(channel[AT_HALF_LIFE])] += by_life
    if channel[AT_SHAPE] >= 0:
        gradient[int(channel[AT_SHAPE])] += by_second
    if channel[AT_HALF_SATURATION] >= 0:
        gradient[int(channel[AT_HALF_SATURATION])] += by_shape[0]
    if channel[AT_EXPONENT] >= 0:
        s = curve[POWER]
        gradient[int(channel[AT_EXPONENT])] += by_shape[1] * (s * (1.0 - s) if channel[SATURATION] == ROOT else s)
