"""Sentences that a run keeps, with their numbers as the project writes them now."""

from __future__ import annotations

import re

from outlay import style

_NUMBER = re.compile(
    r"(?<![\w.,])"  # no part of a name, a version or a longer number
    r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+)"
    r"(?=[kMBT%]?(?!\w|[.,]\d))"
)


def stored(text: str) -> str:
    """A sentence whose numbers stand as ``1,234.56``, written as :func:`outlay.style.numbers_as` says.

    Runs keep their sentences as they were made, in one form. Dates, versions, ids and file names stay.
    """
    return _NUMBER.sub(lambda found: style.written(found[0]), text)
