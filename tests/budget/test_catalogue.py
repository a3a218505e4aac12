"""Every id that the optimizer can say is explained, and every explanation can be met."""

from __future__ import annotations

import re
from pathlib import Path

from budget.catalogue import CATALOGUE

SOURCES = [path for path in (Path(__file__).parents[2] / "budget").glob("*.py") if path.name != "catalogue.py"]


def test_ids_in_the_code_are_those_of_the_catalogue():
    used = {id for path in SOURCES for id in re.findall(r'"(P\d{3})"', path.read_text(encoding="utf-8"))}
    assert used == set(CATALOGUE)


def test_severity_goes_with_the_range_of_the_id():
    for id, entry in CATALOGUE.items():
        number = int(id[1:])
        assert entry.severity == ("error" if number < 30 else "warning" if number < 50 else "note"), id
        assert entry.meaning.endswith("."), id
        assert entry.repair.endswith("."), id
