"""The compiler of the kernels of clustering."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from outlay import vector_math
from outlay.kernel_cache import KernelCache

_HERE = Path(__file__).parent
_SOURCES = ("kernel_jit", "kernel_mixture", "kernel_prototypes", "kernel_silhouette")

CACHE = KernelCache("clusters-kernel", (*(_HERE / f"{name}.py" for name in _SOURCES), Path(vector_math.__file__)))
"""Where the kernels are kept, by the hash of all their files."""

njit = CACHE.njit
exp_into = njit(vector_math.exp_into)
Buffer = Any  # an array inside compiled code
"""Of one type for each argument, so that every kernel is compiled once: float32 (P, N) numbers, int16 (Q, N) codes."""
