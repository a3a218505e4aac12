"""Programs that some tests need: where they are, and what is said where they are not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")


def lacking(why: str) -> NoReturn:
    """Skip a test that cannot run here; on a machine of CI, where nothing may be left out, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


def chromium() -> str:
    """Where a browser is."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), os.environ.get("OUTLAY_CHROMIUM"))
    return found or lacking("no Chromium is installed: `apt install chromium`, or set OUTLAY_CHROMIUM to one")


def program(name: str, package: str) -> str:
    """Where a program is that a package of Debian brings; those of PostgreSQL are not on its path."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(versions[-1]) if versions else None)
    return found or lacking(f"{name} is not installed: `apt install {package}` brings it")
