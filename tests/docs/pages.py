"""What the pages of the guide hold: links, code blocks, commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").glob("*/*.md")])

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"^    (.*)$", re.MULTILINE)
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def name(page: Path) -> str:
    """The page as a test's id shows it."""
    return page.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Block:
    """A fenced block: where it is, its language and its text."""

    page: Path
    language: str
    text: str

    def __str__(self) -> str:
        return f"{name(self.page)}:{self.text.strip().splitlines()[0][:40]}"


def blocks(language: str) -> list[Block]:
    """All fenced blocks of a language, page by page."""
    return [
        Block(page, found, text)
        for page in PAGES
        for found, text in _FENCE.findall(page.read_text(encoding="utf-8"))
        if found == language
    ]


def links(page: Path) -> list[str]:
    """Targets of the page's links and pictures."""
    return _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """Anchors of the page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def shell_lines(page: Path) -> Iterator[str]:
    """Lines that a reader would type: of shell blocks, indented blocks and inline code, comments taken off."""
    text = page.read_text(encoding="utf-8")
    typed = [
        line for language, body in _FENCE.findall(text) if language in ("bash", "sh") for line in body.splitlines()
    ]
    outside = _FENCE.sub("", text)
    for line in (*typed, *_INDENTED.findall(outside), *_INLINE.findall(outside)):
        for part in line.partition(" #")[0].split("&&"):
            yield part.partition("|")[0].strip()
