"""The compiler of the planner's kernels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from outlay import vector_math
from outlay.kernel_cache import KernelCache

CACHE = KernelCache("plan-kernel", (*Path(__file__).parent.glob("kernel*.py"), Path(vector_math.__file__)))
"""Where the kernels are kept, by the hash of all their files."""

njit = CACHE.njit
exp_into = njit(vector_math.exp_into)
log_into = njit(vector_math.log_into)
Buffer = Any  # an array inside compiled code
