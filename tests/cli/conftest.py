"""A project folder with one fake fit run, and a way to run the command line in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # fakes.py is the tests' own module

from fakes import write_fit  # noqa: E402

ROOT = HERE.parents[1]
Outlay = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with a trusted fit; tests only read it."""
    folder = tmp_path_factory.mktemp("projekt mit Ümlaut")
    write_fit(folder / "runs")
    return folder


@pytest.fixture
def outlay(tmp_path: Path) -> Outlay:
    """Run ``outlay`` as a user does, in a process of its own."""

    def run(*words: str, cwd: Path = tmp_path, **env: str) -> subprocess.CompletedProcess[str]:
        home = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "100", **env}
        command = [sys.executable, "-m", "cli.app", *words]
        return subprocess.run(command, cwd=cwd, env=home, capture_output=True, text=True, timeout=120, check=False)

    return run
