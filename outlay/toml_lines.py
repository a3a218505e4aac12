"""Where each key of a TOML document stands.

``tomllib`` gives values without positions. :func:`key_lines` walks a document that ``tomllib`` has already accepted
and notes the line of every key, header and array element, so that a refusal can name the line it speaks of.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

Key = tuple[str | int, ...]
"""Path to a value: table keys as text, positions in arrays as numbers from 0."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")
# A multi-line string may end in up to two quotes of its own before the closing three.
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)


def key_lines(text: str) -> dict[Key, int]:
    """Line (from 1) of every key, table header and array element of a well-formed TOML document.

    Parameters
    ----------
    text : str
        A document that ``tomllib.loads`` accepts.

    Returns
    -------
    dict
        Path to line. A table that no header names stands where it is first mentioned.
    """
    return _Scanner(text).scan()


class _Scanner:
    """One walk over the document; ``at`` is the offset of the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Key, int] = {}
        self.array_tables: dict[Key, int] = {}
        self.line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def scan(self) -> dict[Key, int]:
        table: Key = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self.text.startswith("[[", self.at):
                table = self._header(opening=2)
            elif self.text.startswith("[", self.at):
                table = self._header(opening=1)
            else:
                self._pair(table)
            self._skip(_BLANK)
        return self.lines

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match.group()

    def _line(self) -> int:
        return bisect_right(self.line_starts, self.at)

    def _header(self, opening: int) -> Key:
        line = self._line()
        self.at += opening
        parts = self._key()
        self.at += opening
        path: Key = ()
        for part in parts[:-1]:
            path = self._latest((*path, part))
            self.lines.setdefault(path, line)
        path = (*path, parts[-1])
        if opening == 1:
            self.lines[path] = line
            return path
        position = self.array_tables.get(path, 0)
        self.array_tables[path] = position + 1
        self.lines.setdefault(path, line)
        self.lines[(*path, position)] = line
        return (*path, position)

    def _latest(self, path: Key) -> Key:
        """A header below an array of tables speaks of its latest element."""
        count = self.array_tables.get(path)
        return path if count is None else (*path, count - 1)

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip(_SPACE)
            if self.text[self.at] in "\"'":
                # tomllib knows the escapes; the quoted key is a string like any other.
                parts.append(str(tomllib.loads(f"key = {self._skip(_STRING)}")["key"]))
            else:
                parts.append(self._skip(_BARE_KEY))
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def _pair(self, table: Key) -> None:
        line = self._line()
        path = table
        for part in self._key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: Key) -> None:
        first = self.text[self.at : self.at + 1]
        if first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        elif first in {'"', "'"}:
            self._skip(_STRING)
        else:
            self._skip(_SCALAR)

    def _array(self, path: Key) -> None:
        position = 0
        self.at += 1
        self._skip(_BLANK)
        while not self.text.startswith("]", self.at):
            self.lines[(*path, position)] = self._line()
            self._value((*path, position))
            position += 1
            self._next_item()
        self.at += 1

    def _inline_table(self, path: Key) -> None:
        self.at += 1
        self._skip(_BLANK)
        while not self.text.startswith("}", self.at):
            self._pair(path)
            self._next_item()
        self.at += 1

    def _next_item(self) -> None:
        self._skip(_BLANK)
        if self.text.startswith(",", self.at):
            self.at += 1
        self._skip(_BLANK)
