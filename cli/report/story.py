"""A section of the report: what one run has to tell, in paragraphs, charts and tables."""

from __future__ import annotations

from dataclasses import dataclass, field

from cli.report.parts import Chart, Table, chart_of
from outlay.findings import Finding

__all__ = ["Chart", "Exhibit", "Story", "Table", "chart_of"]


@dataclass(frozen=True)
class Exhibit:
    """A chart or a table with its title, its legend and what has to be said about it.

    Attributes
    ----------
    title : str
    chart : Chart or None
    table : Table or None
        Below the chart.
    key : tuple of (str, str) or (str, str, str)
        Legend of the chart: name, colour, and the mark where it is not a square: ``"dot"``, ``"line"``, ``"dashed"``,
        ``"diamond"`` or ``"hollow"``.
    note : str
        A sentence below.
    grid : tuple of (str, Chart)
        Small multiples in place of one chart: a title and a chart each.
    narrow : bool
        Whether the table keeps the width of its content.
    """

    title: str
    chart: Chart | None = None
    table: Table | None = None
    key: tuple[tuple[str, ...], ...] = ()
    note: str = ""
    grid: tuple[tuple[str, Chart], ...] = ()
    narrow: bool = False


@dataclass(frozen=True)
class Story:
    """A section of the report.

    Attributes
    ----------
    id : str
        Its anchor on the page.
    nav : str
        Its name in the page's navigation.
    title : str
    text : tuple of str
        Paragraphs before the exhibits.
    exhibits : tuple of Exhibit
    assumptions : tuple of str
        Sentences for the list of assumptions.
    run : str
        The run that it was made from.
    learned, advice, certainty : tuple of str
        Sentences for the summary on top: what we learned, what to do, how sure we are. One or two each, with numbers.
    findings : tuple of Finding
        What the run's checks saw; the page lists them with those of the fit.
    tiles : tuple of (str, str, str)
        Headline numbers: label, value, and its interval or what it is beside. One or two at most.
    """

    id: str
    nav: str
    title: str
    text: tuple[str, ...]
    exhibits: tuple[Exhibit, ...]
    assumptions: tuple[str, ...] = field(default=())
    run: str = ""
    learned: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    certainty: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    tiles: tuple[tuple[str, str, str], ...] = ()
