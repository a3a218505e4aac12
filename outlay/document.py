"""The base of every document that a command prints with ``--json``."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from outlay.findings import Finding


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


Number = Annotated[float | None, BeforeValidator(_finite)]
"""A number, or null where it does not exist (an organic channel's ROI) or is not finite."""


class Document(BaseModel):
    """Base of all documents."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def document(self) -> dict[str, Any]:
        """The document as plain JSON values."""
        return self.model_dump(mode="json")


class FindingRow(Document):
    """One finding of a check."""

    id: str
    severity: Literal["error", "warning", "note"]
    where: str
    what: str
    repair: str

    @classmethod
    def of(cls, finding: Finding) -> FindingRow:
        """The finding as a row."""
        return cls(**finding.as_dict())
