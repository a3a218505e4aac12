"""The compiler of the conversion kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from outlay import vector_math
from outlay.compiled import KernelCache

CACHE = KernelCache("conversion-kernel", (*Path(__file__).parent.glob("kernel*.py"), Path(vector_math.__file__)))
"""Where the kernel is kept, by the hash of all its files."""

njit = CACHE.njit
exp_into = njit(vector_math.exp_into)
log_into = njit(vector_math.log_into)
Buffer = Any  # a float64 (or int64) array inside compiled code
