"""What is asked of a scorecard: which parts are shown, and how far down."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from attribution.catalogue import CATALOGUE
from attribution.scorecard_days import LeadDays
from attribution.scorecard_parts import VIEWS
from outlay.errors import ConfigError

By = Literal["segment", "region", "both"]


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes
    ----------
    month : str or None
        ``"2026-10"``; the latest whole month where none is named.
    by : {"segment", "region", "both"} or None
        What the rows are; None for what is drilled into, else segments.
    segment, region : str or None
        Only this segment, or region.
    measure : str or None
        Only this measure.
    """

    month: str | None = None
    by: By | None = None
    segment: str | None = None
    region: str | None = None
    measure: str | None = None

    @property
    def fixed(self) -> dict[str, str]:
        """The levels that are drilled into, by role."""
        named = {"segment": self.segment, "region": self.region}
        return {role: level for role, level in named.items() if level is not None}

    def view(self, roles: Sequence[str]) -> tuple[str, ...]:
        """Roles that tell the rows apart: a level that is drilled into is shown in its parts, where it has any."""
        if self.by is not None:
            axes = ["segment", "region"] if self.by == "both" else [self.by]
        else:
            axes = list(self.fixed) or [role for role in ("segment", "region") if role in roles][:1]
        view: list[str] = []
        for role in ("segment", "region"):
            if role in axes or role in self.fixed:
                view.append(role)
            if role in axes and role in self.fixed and f"sub_{role}" in roles:
                view.append(f"sub_{role}")
        return tuple(view)

    def check(self, days: LeadDays) -> None:
        """Refuse what the leads do not have.

        Raises
        ------
        ConfigError
            G017, with the nearest name.
        """
        for role in ("segment", "region"):
            if role not in days.roles and (role in self.fixed or self.by in (role, "both")):
                raise _refusal(f"leads have no {role}", f"--{role}, --by", f"Name the column of {role} in [leads].")
        known: Mapping[str, Sequence[str]] = {role: days.levels(role) for role in self.fixed}
        for role, level in self.fixed.items():
            _known(level, known[role], role)
        if self.fixed and days.within(self.fixed).frame.empty:
            where = " and ".join(f"{role} {level}" for role, level in self.fixed.items())
            raise _refusal(f"no lead is in {where}", "--segment, --region", CATALOGUE["G017"].repair)
        if self.measure is not None:
            _known(self.measure, days.measures, "measure")

    def detail(self, days: LeadDays) -> tuple[str, ...] | None:
        """The view that is asked for, where no scorecard holds it anyway."""
        view = self.view(days.roles)
        return view if view not in VIEWS else None


def _known(level: str, known: Sequence[str], role: str) -> None:
    if level in known:
        return
    near = difflib.get_close_matches(level.lower(), [each.lower() for each in known], n=1)
    meant = next((each for each in known if near and each.lower() == near[0]), None)
    guess = f'Did you mean "{meant}"? ' if meant is not None else ""
    what = f'leads have no {role} "{level}"; they have {", ".join(known[:10])}{" and more" if len(known) > 10 else ""}'
    raise _refusal(what, f"--{role}", f"{guess}{CATALOGUE['G017'].repair}")


def _refusal(what: str, where: str, repair: str) -> ConfigError:
    return ConfigError(what, where=where, repair=repair, id="G017")
