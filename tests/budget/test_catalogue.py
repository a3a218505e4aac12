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
    """From P070 on ids are by subject: rules, and questions; there what refuses is an error and what is told is not."""
    for id, entry in CATALOGUE.items():
        number = int(id[1:])
        assert entry.meaning.endswith("."), id
        assert entry.repair.endswith("."), id
        if number < 70:
            assert entry.severity == ("error" if number < 30 else "warning" if number < 50 else "note"), id


def test_what_refuses_is_an_error_and_what_is_told_is_not():
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        for id in re.findall(r'\bid="(P\d{3})"', text):
            assert CATALOGUE[id].severity == "error", id
        for id in re.findall(r'\.finding\(\s*"(P\d{3})"', text):
            assert CATALOGUE[id].severity != "error", id
