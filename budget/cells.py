"""The cells of a plan (channel x group) as one flat axis, and the names by which a planner calls them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget.catalogue import CATALOGUE
from outlay import style
from outlay.errors import ConfigError
from outlay.response import ResponseDraws
from outlay.transforms import Array

Index = NDArray[np.intp]


def cents(amount: Array | float) -> NDArray[np.int64]:
    """Amounts of money in whole cents."""
    return np.rint(np.asarray(amount, float) * 100.0).astype(np.int64)


def money(amount: float, currency: str) -> str:
    """An amount as a planner writes it: no cents where there are none."""
    text = format(amount, ",.2f").removesuffix(".00")
    return f"{style.written(text)} {currency}"


@dataclass(frozen=True)
class Cells:
    """Flat axis of K cells, all groups of the first channel first.

    Attributes
    ----------
    channels, groups : tuple of str
        Names.
    is_panel : bool
        False for a model without groups; its only group is never shown.
    organic : tuple of str
        Channels without spend, which cannot be planned.
    unplanned : tuple of str
        Paid channels that the model could not estimate, which cannot be planned either.
    """

    channels: tuple[str, ...]
    groups: tuple[str, ...]
    is_panel: bool
    organic: tuple[str, ...] = ()
    unplanned: tuple[str, ...] = ()

    @classmethod
    def of(cls, response: ResponseDraws, organic: Sequence[str] = ()) -> Cells:
        """The cells of a response."""
        unplanned = tuple(name for name, _ in response.unplanned)
        return cls(response.channels, response.groups, response.is_panel, tuple(organic), unplanned)

    def __len__(self) -> int:
        return len(self.channels) * len(self.groups)

    def flat(self, array: Array) -> Array:
        """``(..., G, C)`` as ``(..., K)``."""
        return np.ascontiguousarray(np.swapaxes(array, -1, -2)).reshape(*array.shape[:-2], len(self))

    def channel_of(self, cell: int) -> int:
        """Position of the cell's channel."""
        return cell // len(self.groups)

    def group_of(self, cell: int) -> int:
        """Position of the cell's group."""
        return cell % len(self.groups)

    def group_name(self, cell: int) -> str | None:
        """The cell's group; None in a model without groups."""
        return self.groups[self.group_of(cell)] if self.is_panel else None

    def label(self, cell: int) -> str:
        """The cell in words: ``tv`` or ``tv in north``."""
        return self.scope(self.channels[self.channel_of(cell)], self.group_name(cell))

    def scope(self, channel: str, group: str | None) -> str:
        """A channel, or a channel in a group, in words."""
        return channel if group is None else f"{channel} in {group}"

    def select(self, channel: str, group: str | None, where: str) -> Index:
        """Positions of a channel's cells, or of its one cell in a group.

        Raises
        ------
        ConfigError
            Where the name is not known, with the nearest one.
        """
        first = self._position(channel, self.channels, "channel", where) * len(self.groups)
        if group is None:
            return np.arange(first, first + len(self.groups), dtype=np.intp)
        if not self.is_panel:
            raise ConfigError(
                f'names the group "{group}", and the model has no groups',
                where=where,
                repair="Take group out of the rule.",
                id="P001",
            )
        return np.array([first + self._position(group, self.groups, "group", where)], dtype=np.intp)

    def _position(self, name: str, names: tuple[str, ...], kind: str, where: str) -> int:
        if name in names:
            return names.index(name)
        if kind == "channel" and name in self.unplanned:
            raise ConfigError(
                f'the model could not estimate what money in "{name}" brings, so no plan can hold it',
                where=where,
                repair=CATALOGUE["P016"].repair,
                id="P016",
            )
        if kind == "channel" and name in self.organic:
            raise ConfigError(
                f'"{name}" is an organic channel: it has no spend, so there is nothing to plan',
                where=where,
                repair="Take it out of the rule, or give it a spend column in [[media.channels]] and fit again.",
                id="P002",
            )
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        repair = f'Did you mean "{near[0]}"?' if near else f"The model's {kind}s are: {', '.join(names)}."
        raise ConfigError(f'the fitted model has no {kind} "{name}"', where=where, repair=repair, id="P001")
