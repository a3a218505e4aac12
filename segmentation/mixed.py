"""Features as clustering sees them: scaled numbers and codes of categories, with holes where a cell is empty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outlay.transforms import Array


@dataclass(frozen=True, eq=False)
class Mixed:
    """N customers, P numbers, Q categories. Made by :class:`segmentation.prepare.Preparation`.

    Attributes
    ----------
    numbers : ndarray of float32 (N, P), C-contiguous
        Winsorised, on a log scale where that was chosen, centred, and scaled to unit spread; NaN where missing.
    codes : ndarray of int32 (N, Q), C-contiguous
        Level of each category; -1 where it is missing or was never seen when the levels were learnt.
    levels : tuple of tuple of str (Q)
        Names of the levels.
    weight : ndarray (N,)
        How many customers a row stands for.
    numeric, categorical : tuple of str
        Names of the features.
    number_weights : ndarray (P,)
        How much a squared difference in a number counts.
    category_weights : ndarray (Q,)
        How much a mismatch counts, before gamma.
    """

    numbers: NDArray[np.float32]
    codes: NDArray[np.int32]
    levels: tuple[tuple[str, ...], ...]
    weight: Array
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    number_weights: Array
    category_weights: Array

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.weight)

    def take(self, rows: NDArray[np.intp]) -> Mixed:
        """Some of the rows."""
        return Mixed(
            np.ascontiguousarray(self.numbers[rows]),
            np.ascontiguousarray(self.codes[rows]),
            self.levels,
            self.weight[rows],
            self.numeric,
            self.categorical,
            self.number_weights,
            self.category_weights,
        )
