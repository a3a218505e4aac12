"""Rows of a run's tables as typed documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from outlay.document import Document
from outlay.errors import RunError

if TYPE_CHECKING:
    import pandas as pd

D = TypeVar("D", bound=Document)


def documents[D: Document](frame: pd.DataFrame, kind: type[D]) -> list[D]:
    """The rows of a table as documents of one kind; columns that the document does not name are left out.

    Raises
    ------
    RunError
        Where a column is missing or holds something else than the document says.
    """
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
