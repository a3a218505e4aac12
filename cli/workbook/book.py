"""A workbook in the house format: one look for all sheets, real numbers with formats, text that stays text."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal

from outlay import style

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

Kind = Literal[
    "text", "words", "money", "outcome", "units", "ratio", "rate", "plain", "share", "chance", "count", "date"
]
"""What a cell holds: words (wrapped or not), money, the sheet's outcome, a count of units, a return, units per money, a
number, shares, a day."""

Paper = Literal["A4", "Letter"]
"""What the sheets are printed on."""

Role = Literal["body", "soft", "total", "input", "head"]
"""What a cell is for: a value, a value that is derived, a total, an input of the planner, the head of a column."""

Value = str | float | int | bool | date | None

HEAD, INPUT, BAD, INPUT_INK = "#1B4F72", "#FFF6D6", "#8A1C1C", "#0000A8"
PAPERS: Mapping[Paper, int] = {"A4": 9, "Letter": 1}
_FORMULA_SIGNS = ("=", "+", "-", "@")
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_LONGEST = 32_000
"""Characters of a cell; a spreadsheet takes 32,767."""


@dataclass(frozen=True)
class About:
    """What stands on every sheet.

    Attributes
    ----------
    fit : str
        The run that the numbers come from.
    plan : str
        The plan, or plans; empty where there is none.
    currency, unit : str
        Of spend, and of the fit's outcome.
    plan_unit : str
        Of what the plans count: that of the fit, or of what leads turn into.
    hdi : float
        Level of the intervals.
    trusted : bool
        Whether the fit passed the trust gate.
    made : datetime
    paper : {"A4", "Letter"}
    """

    fit: str
    plan: str
    currency: str
    unit: str
    plan_unit: str
    hdi: float
    trusted: bool
    made: datetime
    paper: Paper = "A4"

    def mark(self, unit: str) -> str:
        """Run, date, unit of a sheet's outcome and level, in a line."""
        first, *more = self.plan.split(", ")
        plan = f" | plan {first}{f' and {len(more)} more' if more else ''}" if first else ""
        return (
            f"Fit {self.fit}{plan} | written {self.made:%Y-%m-%d %H:%M} UTC | spend in {self.currency}, "
            f"outcome in {unit} | intervals: {self.level} HDI"
        )

    @property
    def level(self) -> str:
        """Level of the intervals, ``"90%"``."""
        return f"{100 * self.hdi:g}%"


def now() -> datetime:
    """The moment of writing, without parts of a second."""
    return datetime.now(UTC).replace(microsecond=0, tzinfo=None)


class Book:
    """A workbook that is being written, in memory.

    Parameters
    ----------
    about : About
    title : str
        Of the file's properties.
    """

    def __init__(self, about: About, title: str) -> None:
        import xlsxwriter

        self.about = about
        self._bytes = io.BytesIO()
        self.file: Workbook = xlsxwriter.Workbook(
            self._bytes,
            # nothing that a name holds may become a formula or a link
            {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
        )
        self.file.set_properties({"title": plain(title), "author": "Outlay", "created": about.made})
        self.file.set_calc_mode("auto")
        self._formats: dict[tuple[object, ...], Format] = {}

    def format(self, kind: Kind, role: Role = "body", **more: object) -> Format:
        """The format of a cell by what it holds and what it is for."""
        key = (kind, role, *sorted(more.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format({**_kinds(self.about.currency)[kind], **_ROLES[role], **more})
        return self._formats[key]

    def look(self, **properties: object) -> Format:
        """A format of its own, for titles and lines of text."""
        key = ("look", *sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format({"font_name": "Calibri", **properties})
        return self._formats[key]

    def content(self) -> bytes:
        """The finished file."""
        self.file.close()
        return self._bytes.getvalue()


def _kinds(currency: str) -> Mapping[str, dict[str, Any]]:
    texts: dict[str, Any] = {"align": "left"}
    return {
        "text": texts,
        "words": {**texts, "text_wrap": True},
        "money": {"num_format": money_format(currency)},
        "units": {"num_format": "#,##0.0"},
        "ratio": {"num_format": "#,##0.00"},
        "rate": {"num_format": "#,##0.0000"},
        "plain": {"num_format": "0.00"},
        "share": {"num_format": "0.0%"},
        "chance": {"num_format": "0%"},
        "count": {"num_format": "#,##0"},
        "date": {"num_format": "yyyy-mm-dd", "align": "left"},
    }


_BASE: dict[str, Any] = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
_ROLES: Mapping[str, dict[str, Any]] = {
    "body": _BASE,
    "soft": {**_BASE, "font_color": style.MUTED},
    "total": {**_BASE, "bold": True, "top": 1, "top_color": HEAD},
    "input": {**_BASE, "bg_color": INPUT, "font_color": INPUT_INK, "border": 1, "border_color": "#D8C98A", "locked": 0},
    "head": {
        **_BASE,
        "bold": True,
        "bg_color": HEAD,
        "font_color": "#FFFFFF",
        "text_wrap": True,
        "valign": "vcenter",
        "num_format": "General",
    },
}


def money_format(currency: str) -> str:
    """How a spreadsheet shows an amount of a currency."""
    symbol = _SYMBOLS.get(currency, f"{currency} ")
    return f'"{symbol}"#,##0;-"{symbol}"#,##0'


def in_unit(name: str, unit: str) -> str:
    """A head with its unit, which a KPI that is counted has in its name."""
    return name if name.endswith(unit) else f"{name} ({unit})"


def plain(text: str) -> str:
    """Text that a file can hold: halves of characters, which no encoding knows, become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def begins_like_formula(text: str) -> bool:
    """Whether a spreadsheet would take a text for a formula as soon as somebody edits it."""
    return text.lstrip().startswith(_FORMULA_SIGNS)


def finite(value: float | None) -> float | None:
    """The number, or None where there is none."""
    return value if value is not None and math.isfinite(value) else None


def shortened(text: str) -> tuple[str, ...]:
    """A long text in pieces that a cell can hold."""
    return tuple(text[i : i + _LONGEST] for i in range(0, len(text), _LONGEST)) or ("",)
