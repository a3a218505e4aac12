"""What a planner asks: a question, and the spend that was set by hand where it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from budget.config import PlanSection
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
