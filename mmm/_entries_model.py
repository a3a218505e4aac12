"""Entries of the findings about the media-mix model and its posterior."""

from __future__ import annotations

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {}
