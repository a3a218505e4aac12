"""Numbers as the project writes them, where a browser writes or reads them."""

from __future__ import annotations

import re
from typing import Any

from outlay.style import MARKS


def field_marks(numbers: str) -> dict[str, Any]:
    """The marks as arguments of a field for numbers."""
    thousands, decimal = MARKS[numbers]
    return {"thousandSeparator": thousands, "decimalSeparator": decimal, "allowedDecimalSeparators": [decimal]}


def formatter(numbers: str, spec: str, value: str = "params.value") -> dict[str, str]:
    """A function of the grid that writes a value by a d3 format, empty where there is none."""
    thousands, decimal = (repr(mark) for mark in MARKS[numbers])
    locale = f"d3.formatLocale({{decimal: {decimal}, thousands: {thousands}, grouping: [3], currency: ['', '']}})"
    return {"function": f"{value} == null ? '' : {locale}.format('{spec}')({value})"}


def hidden(yes: bool) -> dict[str, str]:
    """Style of something that is there only at times."""
    return {"display": "none"} if yes else {}


class NotANumberError(ValueError):
    """Why a typed number cannot be read."""


_STEPS = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9}


def parse(text: str, numbers: str) -> float:
    """A typed number in the project's own writing: ``1.2M``, ``-30 %``, ``1,234.56``.

    Raises
    ------
    NotANumberError
        Where it is none, or where it could mean two.
    """
    thousands, decimal = (re.escape(" " if mark.isspace() else mark) for mark in MARKS[numbers])
    plain = re.sub(r"\s", " ", text).strip().replace("\u2212", "-")
    form = (
        rf"(?P<sign>[+-]?) ?(?:[A-Z]{{3}} |[$€£] ?)?(?P<whole>\d{{1,3}}(?:{thousands}\d{{3}})+|\d*)"
        rf"(?:{decimal}(?P<part>\d+))? ?(?P<step>[kKmMbB]?)(?: ?(?:%|[A-Z]{{3}}))?"
    )
    found = re.fullmatch(form, plain)
    if found is None or not (found["whole"] or found["part"]):
        raise NotANumberError(f"{text!r} is no number; write it like {numbers}, 1{MARKS[numbers][1]}2M or 30 %")
    whole = re.sub(r"\D", "", found["whole"]) or "0"
    value = float(f"{whole}.{found['part'] or '0'}") * _STEPS[found["step"].lower()]
    return -value if found["sign"] == "-" else value
