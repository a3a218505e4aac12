"""Segmentation: who the customers are, how many kinds there are, what each kind is worth, and how they move.

Customers or their purchases become features; k-prototypes or a mixture puts them together; profiles, names and drivers
say what a segment is; lifetime value says what it is worth; labels become a column of leads and panels.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segmentation.config import CustomersSection

__all__ = ["CustomersSection"]

_HOMES = {"CustomersSection": "segmentation.config"}
"""Where the names live. They are imported when asked for: a section of the project file needs no table engine."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
