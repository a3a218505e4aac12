"""The findings that the media room can make: D1xx about the panel, M0xx about the model."""

from __future__ import annotations

from mmm import (
    _entries_answers,
    _entries_exchange,
    _entries_lift,
    _entries_media,
    _entries_model,
    _entries_priors,
    _entries_rows,
    _entries_validation,
)
from outlay.findings import Catalogue

CATALOGUE = Catalogue(
    {
        **_entries_rows.ENTRIES,
        **_entries_media.ENTRIES,
        **_entries_model.ENTRIES,
        **_entries_answers.ENTRIES,
        **_entries_lift.ENTRIES,
        **_entries_priors.ENTRIES,
        **_entries_validation.ENTRIES,
        **_entries_exchange.ENTRIES,
    }
)
