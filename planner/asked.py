"""What a planner asks: a question, and the spend that was set by hand where it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from budget.config import PlanSection
from outlay.errors import ConfigError
from outlay.exports import to_json


@dataclass(frozen=True)
class Cell:
    """Spend of a channel, and of one of its groups, over the whole window."""

    channel: str
    group: str | None
    spend: float


@dataclass(frozen=True)
class Asked:
    """A question of the page.

    Attributes
    ----------
    section : PlanSection
        The window, what is looked for, and the rules.
    by_hand : tuple of Cell, or None
        A plan that the planner set and that is to be judged; None where the best one is looked for.
    """

    section: PlanSection
    by_hand: tuple[Cell, ...] | None = None

    def document(self) -> dict[str, Any]:
        """The question as plain JSON values: only what was stated, so that defaults stay defaults."""
        section = self.section.model_dump(mode="json", exclude_unset=True)
        by_hand = None if self.by_hand is None else [vars(cell) for cell in self.by_hand]
        return {"section": section, "by_hand": by_hand}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Asked:
        """The question of a document; a browser may send anything.

        Raises
        ------
        pydantic.ValidationError, TypeError, KeyError
            Where it is not one.
        """
        cells = document["by_hand"]
        by_hand = None if cells is None else tuple(Cell(**cell) for cell in cells)
        # JSON has no tuples and no dates: pydantic reads them from its own kind of JSON
        return cls(PlanSection.model_validate_json(to_json(document["section"])), by_hand)

    @property
    def key(self) -> str:
        """The question as text: two that are the same have the same."""
        return to_json(self.document(), indent=None)


NAMED = ("last", "last_year")
"""Reference plans that are no table."""


def refuse_tables(section: PlanSection, base: PlanSection) -> None:
    """Refuse a question that names a table which the project file does not name.

    A reference plan may be a path or the address of a server. Whoever writes the project file may read those; whoever
    reaches the page may not have this machine open one for him.

    Raises
    ------
    ConfigError
        X083.
    """
    if section.reference not in (*NAMED, base.reference):
        raise ConfigError(
            "the reference plan is a table that the project file does not name",
            where="reference",
            repair='Compare with "last" or "last_year", or name the table in [plan] reference of the project file.',
            id="X083",
        )
