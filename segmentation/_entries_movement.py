"""Findings on movement."""

from __future__ import annotations

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {}
