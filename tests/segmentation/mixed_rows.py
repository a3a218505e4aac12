"""Planted clusters in mixed features, and Huang's cost written a second time."""

import numpy as np

from segmentation.mixed import Mixed


def mixed(numbers, codes, levels, weight=None, number_weights=None, category_weights=None) -> Mixed:
    numbers, codes = np.ascontiguousarray(numbers, np.float32), np.ascontiguousarray(codes, np.int32)
    p, q = numbers.shape[1], codes.shape[1]
    return Mixed(
        numbers,
        codes,
        tuple(tuple(f"level {v}" for v in range(size)) for size in levels),
        np.ones(len(numbers)) if weight is None else np.asarray(weight, float),
        tuple(f"number {j}" for j in range(p)),
        tuple(f"category {j}" for j in range(q)),
        np.ones(p) if number_weights is None else np.asarray(number_weights, float),
        np.ones(q) if category_weights is None else np.asarray(category_weights, float),
    )


def planted(n=600, k=3, seed=0, apart=2.5, numbers=3, categories=4, right=0.8):
    """Rows and their true clusters: means `apart` spreads apart, and each cluster's own level in `right` of its rows.

    `k` clusters are told apart by `numbers` means drawn on a grid and by a level of their own in every category.
    """
    rng = np.random.default_rng(seed)
    truth = np.sort(rng.integers(0, k, n))
    means = np.stack([np.roll(np.arange(k), j) for j in range(numbers)], 1) * apart
    values = means[truth] + rng.normal(size=(n, numbers))
    values = (values - values.mean(0)) / values.std(0)
    noise = rng.integers(0, k, (n, categories))
    codes = np.where(rng.random((n, categories)) < right, truth[:, None], noise)
    return mixed(values, codes, [k] * categories), truth


def brute_distances(rows: Mixed, means, modes, gamma) -> np.ndarray:
    """Huang's distance of every row to every centre, (N, K), one cell at a time; missing cells cost nothing."""
    out = np.zeros((rows.n, len(means)))
    for i in range(rows.n):
        for c in range(len(means)):
            for j, x in enumerate(rows.numbers[i].astype(float)):
                if not (np.isnan(x) or np.isnan(means[c][j])):
                    out[i, c] += rows.number_weights[j] * (x - means[c][j]) ** 2
            for j, code in enumerate(rows.codes[i]):
                if code >= 0 and modes[c][j] >= 0 and code != modes[c][j]:
                    out[i, c] += gamma * rows.category_weights[j]
    return out


def with_holes(rows: Mixed, share: float, seed: int) -> Mixed:
    """The same rows with some cells missing."""
    rng = np.random.default_rng(seed)
    numbers, codes = rows.numbers.copy(), rows.codes.copy()
    numbers[rng.random(numbers.shape) < share] = np.nan
    codes[rng.random(codes.shape) < share] = -1
    return mixed(numbers, codes, [len(v) for v in rows.levels], rows.weight, rows.number_weights, rows.category_weights)
