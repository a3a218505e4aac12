"""The compiler of the kernels of lifetime value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from outlay import vector_math
from outlay.kernel_cache import KernelCache

_HERE = Path(__file__).parent
_SOURCES = ("kernel_clv", "kernel_clv_entry", "kernel_clv_future", "kernel_clv_jit", "kernel_clv_math", "clv_pack")

CACHE = KernelCache("clv-kernel", (*(_HERE / f"{name}.py" for name in _SOURCES), Path(vector_math.__file__)))
"""Where the kernels are kept, by the hash of all their files."""

njit = CACHE.njit
exp_into = njit(vector_math.exp_into)
log_into = njit(vector_math.log_into)
Model = int | None
"""Of purchases: None for BG/NBD. The compiler leaves out what the type says is never asked for; a number would not."""
Buffer = Any  # a float64 (or int64) array inside compiled code
