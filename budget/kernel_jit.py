"""The compiler of the planner's kernels."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from typing import Any

from outlay.compiled import KernelCache

CACHE = KernelCache("plan-kernel", tuple(Path(__file__).parent.glob("kernel*.py")))
"""Where the kernels are kept, by the hash of all their files."""

njit = CACHE.njit
Buffer = Any  # an array inside compiled code

Buffer = Any
"""An array inside compiled code."""
