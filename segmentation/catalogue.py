"""The findings that this room can make: K00x to K02x tables of customers, K03x and K04x clusters, K05x and K06x what
segments mean, K07x and K08x what customers are worth, K09x and K10x how they move.
"""

from __future__ import annotations

from outlay.findings import Catalogue
from segmentation import (
    _entries_clusters,
    _entries_customers,
    _entries_meaning,
    _entries_movement,
    _entries_worth,
)

CATALOGUE = Catalogue(
    {
        **_entries_customers.ENTRIES,
        **_entries_clusters.ENTRIES,
        **_entries_meaning.ENTRIES,
        **_entries_worth.ENTRIES,
        **_entries_movement.ENTRIES,
    }
)
