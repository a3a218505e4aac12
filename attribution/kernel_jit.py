"""The compiler of the conversion kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from outlay import vector_math
from outlay.kernel_cache import KernelCache

_HERE = Path(__file__).parent
_SOURCES = ("kernel_cells", "kernel_data", "kernel_density", "kernel_jit", "kernel_rates", "parametrise")

CACHE = KernelCache("conversion-kernel", (*(_HERE / f"{name}.py" for name in _SOURCES), Path(vector_math.__file__)))
"""Where the kernel is kept, by the hash of all its files."""

njit = CACHE.njit
exp_into = njit(vector_math.exp_into)
log_into = njit(vector_math.log_into)
Buffer = Any  # a float64 (or int64) array inside compiled code
