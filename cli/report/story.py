"""A section of the report: what one run has to tell, in paragraphs, charts and tables."""

from __future__ import annotations

from dataclasses import dataclass, field

from cli.report.page import Chart, Table


@dataclass(frozen=True)
class Exhibit:
    """A chart or a table with its title, its legend and what has to be said about it.

    Attributes
    ----------
    title : str
    chart : Chart or None
    table : Table or None
    key : tuple of (str, str)
        Legend of the chart: name and colour.
    note : str
        A sentence below.
    """

    title: str
    chart: Chart | None = None
    table: Table | None = None
    key: tuple[tuple[str, str], ...] = ()
    note: str = ""


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
    """

    id: str
    nav: str
    title: str
    text: tuple[str, ...]
    exhibits: tuple[Exhibit, ...]
    assumptions: tuple[str, ...] = field(default=())
    run: str = ""
