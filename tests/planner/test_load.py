"""Twenty planners at once for five minutes: no error, solves that end in time, memory that stays."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_twenty_planners_at_once(tmp_path: Path):
    script, told = ROOT / "benchmarks/planner/load.py", tmp_path / "load.json"
    done = subprocess.run([sys.executable, str(script), "--to", str(told)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(told.read_text(encoding="utf-8"))
    assert found["errors"] == []
    assert found["saved"] > 20
    assert found["kinds"]["solve"]["n"] > 500  # 20 planners, a solve in every third thing, three seconds between two
