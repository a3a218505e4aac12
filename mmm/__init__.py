"""The media-mix model: panel -> model -> posterior -> contributions, ROI, response draws."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mmm.config import MediaSection
    from mmm.media import FittedMedia, MediaMixModel
    from mmm.panel import MediaPanel

__all__ = ["FittedMedia", "MediaMixModel", "MediaPanel", "MediaSection"]

_HOME = {
    "FittedMedia": "mmm.media",
    "MediaMixModel": "mmm.media",
    "MediaPanel": "mmm.panel",
    "MediaSection": "mmm.config",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that importing one room's config stays cheap."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
