"""How a report looks: its words on top, logo, colours, sections and paper, read from the project file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from cli.report.config import ReportSection, SectionName
from outlay import style
from outlay.fiscal import Fiscal

if TYPE_CHECKING:
    from outlay.project import Project

DEFAULT_NUMBERS = "1,234.56"
READABLE = 4.5
"""Contrast that text needs (WCAG 2, level AA)."""

_DAYS = {"day": 1, "week": 7, "month": 31}
_MARGIN_MM = (13.0, 16.0, 14.0)  # top, bottom, left and right
_PAPER_MM = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}
_PX_PER_MM = 96 / 25.4


@dataclass(frozen=True)
class Look:
    """What the project file says about its report.

    Attributes
    ----------
    section : ReportSection
    logo : str
        Data URI; empty where there is none.
    numbers : str
        How numbers are written, as ``[project] numbers`` says it.
    fiscal : Fiscal or None
        The company's calendar.
    """

    section: ReportSection = field(default_factory=ReportSection)
    logo: str = ""
    numbers: str = DEFAULT_NUMBERS
    fiscal: Fiscal | None = None

    def fiscal_window(self, start: str, period: str, periods: int) -> str:
        """A window in the company's calendar, ``FY25 W14 to FY25 W26``; empty where there is none.

        Parameters
        ----------
        start : str
            First day of the first period, ``2025-05-05``.
        period : str
            ``day``, ``week`` or ``month``.
        periods : int
        """
        if self.fiscal is None or period not in _DAYS:
            return ""
        first = date.fromisoformat(start)
        months = first.year * 12 + first.month - 1 + periods - 1
        last = first + timedelta(days=_DAYS[period] * (periods - 1))
        # of a month that starts on the 31st, the next ones are told by their 28th: the label is the same
        last = date(months // 12, months % 12 + 1, min(first.day, 28)) if period == "month" else last
        ends = [self.fiscal.label(day, period) for day in (first, last)]
        return ends[0] if ends[0] == ends[1] else " to ".join(ends)

    @property
    def sections(self) -> tuple[SectionName, ...]:
        """Sections in their order."""
        return self.section.sections

    @property
    def page_px(self) -> tuple[int, int]:
        """Width and height of the printed part of a page, in CSS pixels."""
        width, height = _PAPER_MM[self.section.paper]
        top, bottom, side = _MARGIN_MM
        # a hair less than the sheet has: printers round, and what is cut off is a border
        return int((width - 2 * side) * _PX_PER_MM) - 2, int((height - top - bottom) * _PX_PER_MM)

    @property
    def css(self) -> str:
        """Paper and colours as CSS; everything in it is checked by the section's patterns."""
        top, bottom, side = _MARGIN_MM
        edge = "font-family: sans-serif; font-size: 8pt; color: #52606d;"
        page = (
            f"@page {{ size: {self.section.paper}; margin: {top:g}mm {side:g}mm {bottom:g}mm; "
            f"@bottom-left {{ {edge} }} @bottom-right {{ {edge} }} }}\n"
        )
        return page + (_accents(self.section) if self.section.accent or self.section.accent_dark else "")


def look_of(project: Project | None) -> Look:
    """The look that a project file asks for.

    Raises
    ------
    ConfigError
        X041, where the logo may not be used.
    """
    from cli.config import project_section
    from cli.report.logo import logo_uri

    if project is None:
        return Look()
    section = report_section(project)
    logo = logo_uri(project.base / section.logo, project.where("report", "logo")) if section.logo else ""
    shown = project_section(project)
    return Look(section, logo, shown.numbers, Fiscal.of(shown))


def report_section(project: Project | None) -> ReportSection:
    """``[report]``, or what it says where there is none."""
    if project is None or "report" not in project.sections:
        return ReportSection()
    return project.section("report", ReportSection)


def _accents(section: ReportSection) -> str:
    light = section.accent or style.PAID_COLOUR.lower()
    dark = section.accent_dark or light
    on_light = readable(light, "#ffffff", towards="#000000")
    on_dark = readable(dark, "#14181d", towards="#ffffff")
    return (
        f":root {{ --accent: {on_light}; --rule: {light}; }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ --accent: {on_dark}; --rule: {dark}; }} }}\n"
        f"@media print {{ :root {{ --accent: {on_light}; --rule: {light}; }} }}\n"
    )


def readable(colour: str, ground: str, *, towards: str) -> str:
    """A colour moved towards another one until text in it can be read on a ground."""
    start, end = _channels(colour), _channels(towards)
    for step in range(21):
        mixed = tuple(round(a + (b - a) * step / 20) for a, b in zip(start, end, strict=True))
        told = "#{:02x}{:02x}{:02x}".format(*mixed)
        if contrast(told, ground) >= READABLE:
            return told
    return towards


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(value) for value in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
