"""What became of the project file between two fits: keys that came, went, or say something else."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from outlay.config_words import shown

if TYPE_CHECKING:
    from outlay.runs import Run

BELIEFS = ("media", "lift_tests")
"""Sections that say what is believed and measured; the others do not move a return."""

_NOT_BELIEFS = ("media.sampling", "media.source", "media.csv")
_ABSENT = ""


@dataclass(frozen=True)
class Setting:
    """One key that differs.

    Attributes
    ----------
    key : str
        With dots: ``media.prior.paid_share``, ``media.channels.tv.exposure``.
    before, after : str
        The values as the file has them; empty where there was none, or is none.
    belief : bool
        Whether it can move a return.
    """

    key: str
    before: str
    after: str
    belief: bool


def settings_moved(before: Run, after: Run) -> tuple[Setting, ...]:
    """Compare the project files that two runs keep, those that can move a return first."""
    old, new = flat(_file(before)), flat(_file(after))
    keys = [*new, *(key for key in old if key not in new)]
    moved = [
        Setting(key, old.get(key, _ABSENT), new.get(key, _ABSENT), is_belief(key))
        for key in keys
        if old.get(key) != new.get(key)
    ]
    return tuple(sorted(moved, key=lambda each: not each.belief))


def is_belief(key: str) -> bool:
    """Whether a key can move a return."""
    return key.split(".")[0] in BELIEFS and not any(key == name or key.startswith(f"{name}.") for name in _NOT_BELIEFS)


def versions_moved(before: Run, after: Run) -> tuple[tuple[str, str, str], ...]:
    """Libraries whose version differs: name, before, after."""
    old, new = (run.manifest.get("versions", {}) for run in (before, after))
    names = [*new, *(name for name in old if name not in new)]
    return tuple(
        (str(name), str(old.get(name, "")), str(new.get(name, ""))) for name in names if old.get(name) != new.get(name)
    )


def flat(table: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """Keys with dots and their values as the file has them; tables in a list go by their names."""
    return dict(_pairs(table, above))


def _pairs(table: Mapping[str, Any], above: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{above}.{name}" if above else name
        if isinstance(value, Mapping):
            yield from _pairs(value, key)
        elif isinstance(value, list) and value and all(isinstance(entry, Mapping) for entry in value):
            for i, entry in enumerate(value, 1):
                yield from _pairs(
                    {each: x for each, x in entry.items() if each != "name"}, f"{key}.{entry.get('name', i)}"
                )
        elif isinstance(value, list):
            yield key, ", ".join(str(entry) for entry in value) or "[]"
        else:
            yield key, str(value) if isinstance(value, str) else shown(value)


def _file(run: Run) -> dict[str, Any]:
    if "config.lock.toml" not in run.manifest["files"]:
        return {}
    return tomllib.loads(run.file("config.lock.toml").read_text(encoding="utf-8"))
