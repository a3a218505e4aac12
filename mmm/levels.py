"""The dimensions of a panel: one column of groups, or two that are nested or crossed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmm.wording import count, listed
from outlay.response import NATIONAL

JOINT = " / "
"""Between the names of two columns in the name of a group: north / s1."""

Form = Literal["none", "single", "nested", "crossed"]


@dataclass(frozen=True, eq=False)
class Level:
    """One dimension over which the effects of a panel vary.

    Attributes
    ----------
    name : str
        Its column, or both columns where it is made of their pairs.
    labels : tuple of str
        Its values, in natural order.
    index : ndarray of int (G,)
        Which of them each group has.
    """

    name: str
    labels: tuple[str, ...]
    index: NDArray[np.int64]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Level) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[str, tuple[str, ...], bytes]:
        return self.name, self.labels, self.index.astype(np.int64).tobytes()


@dataclass(frozen=True)
class Grouping:
    """The groups of a panel: which combinations of the group columns occur.

    Attributes
    ----------
    columns : tuple of str
        The group columns: none, one or two.
    keys : tuple of tuple of str
        One value per column for each group, in natural order.
    """

    columns: tuple[str, ...] = ()
    keys: tuple[tuple[str, ...], ...] = ((),)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups."""
        if not self.columns:
            return (NATIONAL,)
        names = tuple(JOINT.join(key) for key in self.keys)
        # The joint may stand in a name too; then quotes tell "a / b" / "c" from "a" / "b / c".
        return names if len(set(names)) == len(names) else tuple(JOINT.join(map(quoted, key)) for key in self.keys)

    @cached_property
    def form(self) -> Form:
        """How the columns belong together.

        Two columns are nested where each value of one comes with one value only of the other. Where a column says
        nothing that the other does not (one value throughout, or one for each group), they are a single dimension.
        """
        if len(self.columns) < 2:
            return "single" if self.columns else "none"
        sizes = sorted(len(self._labels(side)) for side in (0, 1))
        if sizes[1] < len(self.keys):
            return "crossed"
        return "nested" if 1 < sizes[0] < len(self.keys) else "single"

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The dimensions: none without groups, the groups themselves, or two."""
        if not self.columns:
            return ()
        everyone = np.arange(len(self.keys))
        if self.form == "single":
            return (Level(JOINT.join(self.columns), self.groups, everyone),)
        if self.form == "crossed":
            return self._level(0), self._level(1)
        return self._level(self._outer), Level(self.columns[1 - self._outer], self.groups, everyone)

    @property
    def _outer(self) -> int:
        """Of two nested columns, the one with fewer values."""
        return 0 if len(self._labels(0)) < len(self._labels(1)) else 1

    def _labels(self, side: int) -> tuple[str, ...]:
        return tuple(sorted({key[side] for key in self.keys}, key=natural))

    def _level(self, side: int) -> Level:
        labels = self._labels(side)
        rank = {label: place for place, label in enumerate(labels)}
        return Level(self.columns[side], labels, np.array([rank[key[side]] for key in self.keys], np.int64))

    def words(self) -> tuple[str, str]:
        """What two columns were taken for, and what to do where that is wrong."""
        first, second = self.columns
        groups = count(len(self.keys), "group")
        if self.form == "single":
            what = f"one dimension of {groups}: {first} or {second} has a single value, or one for each of the other"
            return what, "Nothing to do; naming the more detailed column alone as group gives the same model."
        if self.form == "nested":
            outer, inner = self.columns[self._outer], self.columns[1 - self._outer]
            n_outer = len(self._labels(self._outer))
            what = f"nested: each {inner} belongs to one {outer} ({groups} in {n_outer:,} of {outer})"
            return what, f"Nothing to do if that is so. If not, check the {outer} of each {inner}."
        sizes = [len(self._labels(side)) for side in (0, 1)]
        missing = sizes[0] * sizes[1] - len(self.keys)
        what = f"crossed: {sizes[0]:,} of {first} by {sizes[1]:,} of {second}, {groups}"
        if missing:
            what += f"; {missing:,} of the {sizes[0] * sizes[1]:,} combinations do not occur and are no groups"
        repeated = [label for label in self._labels(1) if sum(key[1] == label for key in self.keys) > 1]
        repair = (
            f"Nothing to do if {listed(repeated, 3)} mean the same {second} under every {first}. If they are different "
            "ones that share a name, make the names unique (north-1, south-1), and the columns are nested."
        )
        return what, repair


def quoted(name: str) -> str:
    """The name in quotes."""
    return f'"{name}"'


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key that puts Geo2 before Geo10."""
    parts: list[tuple[int, int, str]] = []
    digits = ""
    for char in name + "\0":
        if char.isdecimal():
            digits += char
            continue
        if digits:
            parts.append((0, int(digits), digits))
            digits = ""
        parts.append((1, 0, char))
    return tuple(parts)
