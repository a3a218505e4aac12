"""The findings that this room can make: L0xx leads, V0xx conversion, S0xx scores, J0xx journeys, G0xx goals."""

from __future__ import annotations

from attribution import (
    _entries_conversion,
    _entries_goals,
    _entries_journeys,
    _entries_leads,
    _entries_refine,
    _entries_scores,
)
from outlay.findings import Catalogue

CATALOGUE = Catalogue(
    {
        **_entries_leads.ENTRIES,
        **_entries_conversion.ENTRIES,
        **_entries_refine.ENTRIES,
        **_entries_scores.ENTRIES,
        **_entries_journeys.ENTRIES,
        **_entries_goals.ENTRIES,
    }
)
