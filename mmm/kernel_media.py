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


class Media(NamedTuple):
    """Curves (4, C), adstock weights with derivatives (C, 3, L), responses with derivatives (3, G, C, F), their means
    (G, C), and typical media (C,), which a share is over.
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
    """Every response and its mean. ``sizes``: lags, scored rows, rows of scratch. ``typical`` is left to the caller."""
    lags, n, n_scratch = sizes
    n_groups, n_channels, rows = x.shape
    curves, weights = np.empty((4, n_channels)), np.empty((n_channels, 3, lags))
    curves_at(theta, channels, lags, curves, weights)
    response, mean = np.empty((3, n_groups, n_channels, n)), np.empty((n_groups, n_channels))
    scratch = np.empty((n_scratch, rows))
    for g in range(n_groups):
        for c in range(n_channels):
            how = (int(channels[SATURATION, c]), int(channels[ORDER, c]), curves[HALF_SATURATION, c], curves[POWER, c])
            out = (response[0, g, c], response[1, g, c], response[2, g, c])
            seen = contacts[g, c] if contacts.shape[0] > 0 else x[g, c]
            forward(x[g, c], seen, weights[c, 0], how, out, scratch)
            total = 0.0
            for t in range(n):
                total += out[0][t]
            mean[g, c] = total / n
    return Media(curves, weights, response, mean, np.ones(n_channels))


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
    n_groups, n_channels, rows = x.shape
    n = by_r.shape[1]
    curves, weights, response = media.curves, media.weights, media.response
    g_response, scratch = np.empty(n), np.empty((n_scratch, rows))
    for g in range(n_groups):
        for c in range(n_channels):
            how = (int(channels[SATURATION, c]), int(channels[ORDER, c]), curves[HALF_SATURATION, c], curves[POWER, c])
            out = (response[0, g, c], response[1, g, c], response[2, g, c])
            seen = contacts[g, c] if contacts.shape[0] > 0 else x[g, c]
            pull, off = -effect[g, c], shift[g, c]
            for t in range(n):
                g_response[t] = pull * by_r[g, t] - off
            backward(g_response, (x[g, c], seen, weights[c, 0]), how, out, (by_weight[c], by_shape[c]), scratch)
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
