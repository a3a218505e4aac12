"""Where the rows of a CSV file begin, and how many values each has.

One pass over the bytes finds every row, its line and its width, and refuses what would make them uncertain: a quote
that opens inside a value or never closes. A file that passes means the same to every CSV parser.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_CHUNK = 1 << 24
_NEWLINE, _QUOTE = ord("\n"), ord('"')


@dataclass(frozen=True)
class Layout:
    """The rows of a file, blank lines left out, the header first.

    Attributes
    ----------
    lines : ndarray (N,)
        Line on which each row begins, from 1.
    widths : ndarray (N,)
        Values in each row.
    header_end : int
        Offset of the newline behind the header.
    stray : int or None
        Line of the first quote that is out of place, None in a sound file.
    """

    lines: NDArray[np.int64]
    widths: NDArray[np.int64]
    header_end: int
    stray: int | None


def layout(data: bytes, separator: str) -> Layout:
    """Scan a CSV text.

    Parameters
    ----------
    data : bytes
        UTF-8 text without byte order mark whose lines end in a newline alone.
    separator : str
        One ASCII character.
    """
    text = np.frombuffer(data, np.uint8)
    ends, separators, newlines, quotes = _row_ends(text, ord(separator))
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    lines = 1 + np.concatenate(([0], newlines[:-1])) if len(ends) else ends
    widths = np.diff(separators, prepend=0) + 1
    filled = ends > starts
    return Layout(
        lines=lines[filled],
        widths=widths[filled],
        header_end=int(ends[filled][0]) if filled.any() else len(data),
        stray=_stray_line(data, text, ord(separator), quotes),
    )


def _row_ends(text: NDArray[np.uint8], separator: int) -> tuple[NDArray[np.int64], ...]:
    """Offset of each row's end, with the separators and newlines up to there; and the offsets of all quotes."""
    ends, separators, newlines, quotes = [], [], [], []
    quotes_before = separators_before = newlines_before = 0
    for start in range(0, len(text), _CHUNK):
        chunk = text[start : start + _CHUNK]
        quote = np.flatnonzero(chunk == _QUOTE)
        newline = np.flatnonzero(chunk == _NEWLINE)
        comma = np.flatnonzero(chunk == separator)
        if quotes_before % 2 or len(quote):
            comma = comma[_outside(comma, quote, quotes_before)]
        outside = _outside(newline, quote, quotes_before)
        ends.append(newline[outside] + start)
        separators.append(separators_before + np.searchsorted(comma, newline[outside]))
        newlines.append(newlines_before + 1 + np.flatnonzero(outside))
        quotes.append(quote + start)
        quotes_before += len(quote)
        separators_before += len(comma)
        newlines_before += len(newline)
    if len(text) and text[-1] != _NEWLINE:
        ends.append(np.array([len(text)]))
        separators.append(np.array([separators_before]))
        newlines.append(np.array([newlines_before + 1]))
    return tuple(
        np.concatenate([np.empty(0, np.int64), *parts]).astype(np.int64, copy=False)
        for parts in (ends, separators, newlines, quotes)
    )


def _outside(at: NDArray[np.int64], quotes: NDArray[np.int64], before: int) -> NDArray[np.bool_]:
    """Which offsets lie outside quotes: those with an even number of quotes before them."""
    if not len(quotes):
        return np.full(len(at), before % 2 == 0)
    return np.asarray((before + np.searchsorted(quotes, at)) % 2 == 0)


def _stray_line(data: bytes, text: NDArray[np.uint8], separator: int, quotes: NDArray[np.int64]) -> int | None:
    """Line of the first quote out of place: one that opens inside a value, closes before its end, or never closes.

    A doubled quote counts as a closing and an opening one, each beside the other.
    """
    if not len(quotes):
        return None
    borders = np.array([separator, _NEWLINE, _QUOTE], np.uint8)
    opening, closing = quotes[0::2], quotes[1::2]
    before = text[np.maximum(opening - 1, 0)]
    bad_opening = opening[~np.isin(before, borders) & (opening > 0)]
    behind = text[np.minimum(closing + 1, len(text) - 1)]
    bad_closing = closing[~np.isin(behind, borders) & (closing + 1 < len(text))]
    unclosed = quotes[-1:] if len(quotes) % 2 else quotes[:0]
    stray = np.concatenate([bad_opening, bad_closing, unclosed])
    return data.count(b"\n", 0, int(stray.min())) + 1 if len(stray) else None
