"""Every id that a user can meet, gathered from the rooms."""

from __future__ import annotations

from outlay.findings import Entry

ROOMS = {
    "outlay": "reading tables, the project file, runs, trust",
    "mmm": "media data and model",
    "segmentation": "customers, segments, lifetime value",
    "attribution": "leads, conversion, scores, journeys, goals",
    "budget": "plan",
}


def all_entries() -> dict[str, Entry]:
    """Entries of all rooms, sorted by id."""
    from attribution.catalogue import CATALOGUE as ATTRIBUTION
    from budget.catalogue import CATALOGUE as BUDGET
    from cli.catalogue import CATALOGUE as CLI
    from mmm.catalogue import CATALOGUE as MMM
    from outlay.catalogue import CATALOGUE as OUTLAY
    from segmentation.catalogue import CATALOGUE as SEGMENTATION

    entries = {
        id: entry for room in (OUTLAY, MMM, SEGMENTATION, ATTRIBUTION, BUDGET, CLI) for id, entry in room.items()
    }
    return dict(sorted(entries.items()))
