"""Mixed features as one matrix of numbers, for methods that take nothing else.

A number is multiplied by the root of its weight. A category becomes a column for each level, whose entries are such
that customers who differ in it are gamma times its weight apart in squared distance, as for k-prototypes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from outlay.transforms import Array
from segmentation.mixed import Mixed
from segmentation.prototypes import gamma_of
from segmentation.prototypes_columns import Columns


@dataclass(frozen=True, eq=False)
class Encoding:
    """How rows become a matrix. P numbers, L levels of Q categories.

    Attributes
    ----------
    number_scale : ndarray (P,)
    level_scale : ndarray (Q,)
    fill : ndarray (P + L,)
        What stands in for missing cells, before scaling: means of numbers, shares of levels.
    offsets : ndarray of int64 (Q + 1,)
        Where the levels of each category begin, among the levels.
    """

    number_scale: Array
    level_scale: Array
    fill: Array
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Mixed, given_gamma: float | None) -> tuple[Self, str]:
        """Learn it from rows; with the reason of gamma."""
        columns = Columns.of(rows)
        gamma = gamma_of(columns, given_gamma)
        shares = [
            part / part.sum() if part.sum() > 0 else part
            for part in (columns.moments[1][low:high] for low, high in pairwise(columns.offsets))
        ]
        fill = np.concatenate([columns.mean, *shares])
        levels = np.sqrt(0.5 * gamma.value * rows.category_weights)
        return cls(np.sqrt(rows.number_weights), levels, fill, columns.offsets), gamma.reason

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.fill)

    def matrix(self, rows: Mixed) -> NDArray[np.float32]:
        """Rows as float32 (N, P + L)."""
        p = len(self.number_scale)
        out = np.zeros((rows.n, self.width), np.float32)
        holes = np.isnan(rows.numbers)
        out[:, :p] = np.where(holes, self.fill[:p], rows.numbers) * self.number_scale
        every = np.arange(rows.n)
        for j, (low, high) in enumerate(pairwise(self.offsets)):
            code = rows.codes[:, j]
            known = code >= 0
            out[every[known], p + low + code[known]] = self.level_scale[j]
            out[~known, p + low : p + high] = self.fill[p + low : p + high] * self.level_scale[j]
        return out

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "number_scale": self.number_scale.tolist(),
            "level_scale": self.level_scale.tolist(),
            "fill": self.fill.tolist(),
            "offsets": self.offsets.tolist(),
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """From what :meth:`as_dict` gave."""
        return cls(
            np.array(kept["number_scale"], float),
            np.array(kept["level_scale"], float),
            np.array(kept["fill"], float),
            np.array(kept["offsets"], np.int64),
        )
