"""The first page: what we learned, what to do, how sure we are, in as many sentences as a page holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from cli.report import compare_page, words

if TYPE_CHECKING:
    from cli.report.compare import Earlier
    from cli.report.data import ReportData
    from cli.report.story import Story

MOST = 8
"""Sentences of a box; every story has at least one all the same."""


@dataclass(frozen=True)
class Box:
    """One of the three boxes.

    Attributes
    ----------
    title : str
    lines : tuple of str
        What the first page says.
    beside : mapping of str to tuple of str
        Sentences that found no room there, by the story whose section says them.
    """

    title: str
    lines: tuple[str, ...]
    beside: Mapping[str, tuple[str, ...]]


def boxes(data: ReportData | None, told: Sequence[Story], earlier: Earlier | None) -> tuple[Box, ...]:
    """What we learned, what to do, how sure we are; a box with nothing in it is not shown."""
    of_fit: tuple[list[str], list[str], list[str]] = ([], [], [])
    if data is not None:
        since = [] if earlier is None else compare_page.learned(data, earlier)
        of_fit = ([*words.learned(data), *since], words.advice(data), words.certainty(data))
    found = (
        _box("What we learned", of_fit[0], {story.id: story.learned for story in told}),
        _box("What to do", of_fit[1], {story.id: story.advice for story in told}),
        _box("How sure we are", of_fit[2], {story.id: story.certainty for story in told}),
    )
    return tuple(box for box in found if box.lines)


def beside(found: Sequence[Box]) -> dict[str, list[str]]:
    """Sentences that found no room on the first page, by story."""
    names = dict.fromkeys(name for box in found for name in box.beside)
    return {name: [line for box in found for line in box.beside.get(name, ())] for name in names}


def _box(title: str, of_fit: Sequence[str], of_stories: Mapping[str, tuple[str, ...]]) -> Box:
    """The fit's sentences, the first of every story, and further ones while there is room."""
    room = max(MOST - len(of_fit), sum(bool(lines) for lines in of_stories.values()))
    kept = dict.fromkeys(of_stories, 0)
    for turn in zip_longest(*([name] * len(lines) for name, lines in of_stories.items())):
        for name in turn:
            if name is not None and room > 0:
                kept[name] += 1
                room -= 1
    lines = (*of_fit, *(line for name, each in of_stories.items() for line in each[: kept[name]]))
    return Box(title, lines, {name: each[kept[name] :] for name, each in of_stories.items() if each[kept[name] :]})
