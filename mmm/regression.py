"""Least squares as checks need it: what some columns leave of others, and an F test of what is new."""

from __future__ import annotations

import numpy as np
from scipy.special import fdtrc

from outlay.transforms import Array


def what_is_left(values: Array, known: Array) -> Array:
    """What a regression on known columns leaves of a series, (T,), or of some columns, (T, K)."""
    return np.asarray(values - known @ np.linalg.lstsq(known, values, rcond=None)[0])


def f_test(target: Array, columns: Array, known: Array) -> float:
    """p-value of some columns beside the known ones; one where there are too few rows to tell."""
    rest = what_is_left(target, known)
    new = what_is_left(columns, known)
    size = np.sqrt(np.square(new).sum(0))
    new = new[:, size > 1e-6 * np.sqrt(np.square(columns).sum(0))]
    if not new.shape[1]:
        return 1.0
    basis, values, _ = np.linalg.svd(new / np.sqrt(np.square(new).sum(0)), full_matrices=False)
    basis = basis[:, values > 1e-6 * values[0]]
    q = basis.shape[1]
    free = len(target) - int(np.linalg.matrix_rank(known)) - q
    if free < 10:
        return 1.0
    won = float(np.square(basis.T @ rest).sum())
    lost = float(rest @ rest) - won
    return float(fdtrc(q, free, won / q / (lost / free))) if lost > 0 else 0.0
