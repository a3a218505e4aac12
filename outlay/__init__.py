"""Outlay: what marketing returned, who responds to it, and where the next dollar should go.

This package is the foundation that the rooms (``mmm``, ``budget``, ``cli`` ...) stand on: tables in, findings, the
project file, sampling and trust, response draws, runs and exports. Each lives in a module of its own; importing
``outlay`` itself loads only the error tree, so that a command line starts at once.
"""

from outlay.errors import (
    ConfigError,
    DataError,
    MissingDependencyError,
    OutlayError,
    PlanError,
    RunError,
    TrustError,
)

__version__ = "0.1.0"

__all__ = [
    "ConfigError",
    "DataError",
    "MissingDependencyError",
    "OutlayError",
    "PlanError",
    "RunError",
    "TrustError",
    "__version__",
]
