"""Links that reopen a scenario: its id and its version in the address of the plan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

PLAN = "/plan"
_ID = re.compile(r"[0-9a-f]{12}", re.ASCII)
_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True)
class Link:
    """Which scenario, and which of its versions; None is the newest."""

    id: str
    number: int | None = None

    @property
    def address(self) -> str:
        """Path and query."""
        version = {} if self.number is None else {"version": str(self.number)}
        return f"{PLAN}?{urlencode({'scenario': self.id, **version})}"


def meant(search: str | None) -> bool:
    """Whether an address says that it is of a scenario, even where :func:`link_of` finds none in it."""
    return "scenario=" in (search or "")


def link_of(search: str | None) -> Link | None:
    """The link in the query of an address; None where there is none, or where it is not one of ours."""
    if not search:
        return None
    try:
        said = parse_qs(search.removeprefix("?"), max_num_fields=10)
    except ValueError:  # more fields than any address of ours has
        return None
    id, number = said.get("scenario", [""])[-1], said.get("version", [None])[-1]
    if not _ID.fullmatch(id) or (number is not None and not _NUMBER.fullmatch(number)):
        return None
    return Link(id, None if number is None else int(number))
