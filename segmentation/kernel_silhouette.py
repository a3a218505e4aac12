"""Silhouettes as loops: one customer against all others at a time, so that no matrix of distances is kept."""

from __future__ import annotations

import numpy as np

from segmentation.kernel_jit import Buffer, njit
from segmentation.kernel_prototypes import of_tile


@njit
def silhouettes(
    numbers: Buffer,
    codes: Buffer,
    first: int,
    last: int,
    number_cost: Buffer,
    mismatch_cost: Buffer,
    row_weight: Buffer,
    labels: Buffer,
    sizes: Buffer,
    out: Buffer,
) -> None:
    """Silhouette of rows ``first`` to ``last`` (Rousseeuw 1987) in Huang's distance; 0 for a cluster of one customer.

    A row of weight w is w customers, so that w - 1 of its own cluster are at no distance; ``sizes`` (K,) are weights.
    """
    n, k = labels.shape[0], sizes.shape[0]
    distance = np.empty((1, n))
    at, mode = np.empty((1, numbers.shape[0])), np.empty((1, codes.shape[0]), np.int16)
    total = np.empty(k)
    for i in range(first, last):
        for j in range(numbers.shape[0]):
            at[0, j] = numbers[j, i]
        for j in range(codes.shape[0]):
            mode[0, j] = codes[j, i]
        of_tile(numbers, codes, 0, n, at, mode, number_cost, mismatch_cost, distance)
        total[:] = 0.0
        for other in range(n):
            total[labels[other]] += row_weight[other] * distance[0, other]
        own = labels[i]
        others = sizes[own] - min(row_weight[i], 1.0)
        if others <= 1e-9 * sizes[own]:
            out[i] = 0.0
            continue
        inside, outside = total[own] / others, np.inf
        for c in range(k):
            if c != own and sizes[c] > 0:
                outside = min(outside, total[c] / sizes[c])
        most = max(inside, outside)
        out[i] = (outside - inside) / most if most > 0 else 0.0
