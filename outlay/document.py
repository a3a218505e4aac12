"""Documents: what a command prints with ``--json``, and the rows of a run's tables with their types."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from outlay.findings import Finding

if TYPE_CHECKING:
    import pandas as pd


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


class TrustCheck(Document):
    """One rule of the trust gate."""

    id: str
    name: str
    value: Number = Field(description="The worst value seen.")
    limit: float
    passed: bool
    quantity: str = Field(description="The worst quantity, in the user's words.")
    cause: str = Field(description="Why that may be; empty where it passed.")


def documents[D: Document](frame: pd.DataFrame, kind: type[D]) -> list[D]:
    """The rows of a table as documents of one kind; columns that the document does not name are left out.

    Raises
    ------
    RunError
        Where a column is missing or holds something else than the document says.
    """
    from outlay.errors import RunError
    from outlay.exports import records

    known = [name for name in kind.model_fields if name in frame.columns]
    try:
        return [kind(**row) for row in records(frame[known])]
    except ValidationError as problem:
        first = problem.errors()[0]
        column = ".".join(str(part) for part in first["loc"])
        raise RunError(
            f"a table of this run does not fit this version: column {column!r}: {first['msg'].lower()}",
            repair="Fit again with this version.",
            id="R004",
        ) from problem
