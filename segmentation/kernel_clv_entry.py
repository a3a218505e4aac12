"""The kernel's densities as the sampler takes them: C functions with an address."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from segmentation.kernel_clv import evaluate
from segmentation.kernel_clv_jit import CACHE

RECOVERABLE = 4
"""What the sampler takes as a point that it may not go to."""


@cache
def entries() -> tuple[Any, Any]:
    """The C functions of the log density, and of the identity that stands for naming the draws. Compiled, or loaded."""
    import numba as nb

    double = nb.types.CPointer(nb.types.double)
    size = nb.types.uint64

    @CACHE.cfunc(nb.types.int64(size, double, double, double, nb.types.voidptr))
    def density(dim: Any, at: Any, gradient_at: Any, value_at: Any, user: Any) -> int:
        theta, gradient = nb.carray(at, (int(dim),)), nb.carray(gradient_at, (int(dim),))
        head = nb.carray(user, (1,), np.float64)
        value = evaluate(theta, gradient, nb.carray(user, (int(head[0]),), np.float64))
        nb.carray(value_at, (1,))[0] = value
        if not math.isfinite(value):
            return RECOVERABLE
        for i in range(theta.shape[0]):
            if not math.isfinite(gradient[i]):
                return RECOVERABLE - 1
        return 0

    @CACHE.cfunc(nb.types.int64(size, size, double, double, nb.types.voidptr))
    def identity(dim: Any, expanded: Any, at: Any, out_at: Any, user: Any) -> int:
        theta, out = nb.carray(at, (int(dim),)), nb.carray(out_at, (int(expanded),))
        for i in range(out.shape[0]):
            out[i] = theta[i]
        return 0

    return density, identity
