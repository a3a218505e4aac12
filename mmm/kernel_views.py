"""The buffer of :meth:`mmm.kernel_data.KernelData.pack` as compiled code sees it: named views, nothing copied."""

from __future__ import annotations

from typing import NamedTuple

from mmm.kernel_jit import Buffer, njit

ADSTOCK, SATURATION, ORDER, EXPONENT, AT_HALF_LIFE, AT_SHAPE, AT_HALF_SATURATION, AT_EXPONENT = range(8)
AT_SHARE, SHARE, LOG_SPEND = range(8, 11)
"""Rows of the channels' table, in the order of the fields of :class:`mmm.kernel_data.KernelData`."""

AT_SPREAD, AT_EFFECT = 0, 1
"""Rows of the table of panel dimensions."""

LIFT_TEST, LIFT_GROUP, LIFT_CHANNEL, LIFT_SIGN = range(4)
"""Rows of the table of lift tests' series."""

_HEAD = 22  # the buffer's size, twelve sizes and nine single numbers


class Sizes(NamedTuple):
    """Sizes, and places of single parameters."""

    dim: int
    n_channels: int
    n_groups: int
    n: int
    n_pooled: int
    lags: int
    total_mean: float
    total_sd: float
    split_sd: float
    at_spread_linear: int
    at_sigma: int
    at_lever: int
    hierarchy: int
    level_variance: float


class Levels(NamedTuple):
    """Effects of groups."""

    index: Buffer
    places: Buffer
    centring: Buffer


class Linear(NamedTuple):
    """The linear block."""

    lam: Buffer
    q: Buffer
    u: Buffer


class Lifts(NamedTuple):
    """Lift tests and their series."""

    observed: Buffer
    se: Buffer
    rows: Buffer
    x: Buffer
    contacts: Buffer
    weight: Buffer


class Views(NamedTuple):
    """The data of one model; compiled functions are given the parts that they read, and not all of it."""

    sizes: Sizes
    coordinates: Buffer
    channels: Buffer
    levels: Levels
    weight: Buffer
    y: Buffer
    linear: Linear
    levers: Buffer
    x: Buffer
    contacts: Buffer
    lifts: Lifts


@njit
def views(b: Buffer) -> Views:
    """Take the buffer apart."""
    dim, n_channels, n_groups, n = int(b[1]), int(b[2]), int(b[3]), int(b[4])
    n_levels, n_terms, n_levers, n_contacts = int(b[5]), int(b[6]), int(b[7]), int(b[8])
    lags = int(b[13])
    places = (int(b[17]), int(b[18]), int(b[19]), int(b[20]))
    sizes = Sizes(dim, n_channels, n_groups, n, int(b[9]), lags, b[14], b[15], b[16], *places, b[21])
    rows = n + lags - 1
    at = _HEAD
    coordinates = b[at : at + 3 * dim].reshape(3, dim)
    at += 3 * dim
    channels = b[at : at + 11 * n_channels].reshape(11, n_channels)
    at += 11 * n_channels
    index = b[at : at + n_levels * n_groups].reshape(n_levels, n_groups)
    at += n_levels * n_groups
    starts = b[at : at + 2 * n_levels].reshape(2, n_levels)
    at += 2 * n_levels
    centring = b[at : at + n_levels * n_channels].reshape(n_levels, n_channels)
    at += n_levels * n_channels
    weight = b[at : at + n_groups]
    at += n_groups
    y = b[at : at + n_groups * n].reshape(n_groups, n)
    at += n_groups * n
    lam = b[at : at + n_groups * n_terms].reshape(n_groups, n_terms)
    at += n_groups * n_terms
    q = b[at : at + n_groups * n_terms * n].reshape(n_groups, n_terms, n)
    at += n_groups * n_terms * n
    u = b[at : at + n_groups * n_terms * n_terms].reshape(n_groups, n_terms, n_terms)
    at += n_groups * n_terms * n_terms
    levers = b[at : at + n_groups * n_levers * n].reshape(n_groups, n_levers, n)
    at += n_groups * n_levers * n
    x = b[at : at + n_channels * n_groups * rows].reshape(n_channels, n_groups * rows)
    at += n_channels * n_groups * rows
    contacts = b[at : at + n_contacts * n_groups * rows].reshape(n_contacts, n_groups * rows)
    at += n_contacts * n_groups * rows
    lifts = _lifts(b, at, (int(b[10]), int(b[11]), int(b[12]), lags))
    levels, linear = Levels(index, starts, centring), Linear(lam, q, u)
    return Views(sizes, coordinates, channels, levels, weight, y, linear, levers, x, contacts, lifts)


@njit
def _lifts(b: Buffer, at: int, sizes: tuple[int, int, int, int]) -> Lifts:
    n_rows, width, n_tests, lags = sizes
    observed, se = b[at : at + n_tests], b[at + n_tests : at + 2 * n_tests]
    at += 2 * n_tests
    rows = b[at : at + 4 * n_rows].reshape(4, n_rows)
    at += 4 * n_rows
    x = b[at : at + n_rows * width].reshape(n_rows, width)
    at += n_rows * width
    contacts = b[at : at + n_rows * width].reshape(n_rows, width)
    at += n_rows * width
    counted = width - lags + 1 if n_rows > 0 else 0
    return Lifts(observed, se, rows, x, contacts, b[at : at + n_rows * counted].reshape(n_rows, counted))
