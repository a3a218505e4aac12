"""A refusal as sentences of the page."""

from __future__ import annotations

import re

from outlay.errors import OutlayError


def refused(problem: OutlayError, *, where: bool = False) -> str:
    """What is wrong and what to do, as whole sentences.

    Parameters
    ----------
    problem : OutlayError
    where : bool
        Whether the place is told: that of a cell of a planner's own workbook helps him, that of a file on the server
        is none of his business.
    """
    place = f"{problem.where}: " if where and problem.where else ""
    return " ".join(part for part in (sentence(f"{place}{problem.what}"), sentence(problem.repair)) if part)


def sentence(text: str) -> str:
    """The text with a capital at its beginning, unless a name stands there, and a full stop at its end."""
    text = stopped(text)
    return text if _NAMES.match(text) else f"{text[:1].upper()}{text[1:]}"


_NAMES = re.compile(r"\S+(?: (?:\+|in) \S+)*(?<=:)")
"""Names at the beginning of a text: of a channel, of channels that count together, of a group's, or of a cell."""


def stopped(text: str) -> str:
    """The text with a full stop at its end."""
    text = text.strip()
    return text if text.endswith((".", "!", "?", ":")) or not text else f"{text}."
