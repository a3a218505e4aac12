"""Pydantic's complaints about a section, in the words of the person who wrote the file.

What a key may hold is read from the section's JSON Schema, so that a refusal says exactly what ``outlay schema`` says.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from outlay.toml_lines import Key

type Fragment = Mapping[str, Any]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the file: id, the key it is about, the problem and the repair."""

    id: str
    key: Key
    what: str
    repair: str


def problems_of(error: ValidationError, section: str, value: Mapping[str, Any], schema: Fragment) -> list[Problem]:
    """Translate a validation error of ``[section]``.

    Parameters
    ----------
    error : ValidationError
        What pydantic said.
    section : str
        Name of the section.
    value : mapping
        The section as TOML gave it.
    schema : mapping
        JSON Schema of the section's model.

    Returns
    -------
    list of Problem
        One per key; keys start with the section's name.
    """
    by_key: dict[Key, Problem] = {}
    for detail in error.errors(include_url=False, include_context=True):
        problem = _Complaint(detail, section, value, schema).problem()
        by_key.setdefault(problem.key, problem)
    # A choice between text and a table complains about both; the complaint from inside the table says more.
    outer = {key[:end] for key in by_key for end in range(1, len(key))}
    return [problem for key, problem in by_key.items() if key not in outer]


def shown(value: object) -> str:
    """A TOML value as the user wrote it, shortened."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (date, time)):
        return value.isoformat()
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


class _Complaint:
    """One entry of pydantic's list, placed in the file."""

    def __init__(self, detail: ErrorDetails, section: str, value: Mapping[str, Any], schema: Fragment) -> None:
        self.detail = detail
        self.kind = detail["type"]
        self.section = section
        self.root = schema
        absent = self.kind == "missing"
        self.path, self.value = _walk(value, detail["loc"][:-1] if absent else detail["loc"])
        self.fragments = list(_fragments(schema, schema, self.path))

    def problem(self) -> Problem:
        if self.kind == "extra_forbidden":
            return self._unknown_key()
        if self.kind == "missing":
            return self._missing_key()
        key = (self.section, *self.path)
        name = f'"{self.path[-1]}" ' if self.path and isinstance(self.path[-1], str) else f"{self._place()} "
        if self.kind in {"value_error", "assertion_error"}:
            message = self.detail["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
            name = name if self.path else ""
            return Problem("C006", key, f"{name.strip()}{': ' if name else ''}{message}", self._description())
        if self.kind == "json_invalid":
            return Problem("C006", key, f"{self._place()} is nested too deeply", "Write it with fewer levels.")
        return Problem("C006", key, f"{name}must {self._rule()}", self._description())

    def _unknown_key(self) -> Problem:
        *parent, name = self.path
        fragments = _fragments(self.root, self.root, tuple(parent))
        known = sorted({key for fragment in fragments for key in fragment.get("properties", {})})
        near = difflib.get_close_matches(str(name).lower(), known, n=1)
        advice = f'Did you mean "{near[0]}"? ' if near else ""
        what = f'{self._place(tuple(parent))} has no key "{name}"'
        return Problem("C005", (self.section, *self.path), what, f"{advice}Its keys are {', '.join(known)}.")

    def _missing_key(self) -> Problem:
        name = str(self.detail["loc"][-1])
        absent = list(_fragments(self.root, self.root, (*self.path, name)))
        words = next((fragment["description"] for fragment in absent if "description" in fragment), "")
        expected = _expected(self.root, absent)
        what = f'{self._place()} lacks the key "{name}"'
        return Problem("C007", (self.section, *self.path), what, f"Add {name} = ... ({expected}). {words}".strip())

    def _rule(self) -> str:
        context = self.detail.get("ctx", {})
        if self.kind in {"too_short", "string_too_short"}:
            noun = "character" if self.kind.startswith("string") else "entry"
            return f"have at least {_count(context['min_length'], noun)}"
        if self.kind in {"too_long", "string_too_long"}:
            noun = "character" if self.kind.startswith("string") else "entry"
            return f"have at most {_count(context['max_length'], noun)}"
        if self.kind == "string_pattern_mismatch":
            return f"have another form than {shown(self.value)}"
        near = self._near_choice()
        return f"be {_expected(self.root, self.fragments)}, got {shown(self.value)}{near}"

    def _near_choice(self) -> str:
        choices = [choice for fragment in self.fragments for choice in _choices(self.root, fragment)]
        near = difflib.get_close_matches(self.value.lower(), choices, n=1) if isinstance(self.value, str) else []
        return f' (did you mean "{near[0]}"?)' if near else ""

    def _description(self) -> str:
        """What the key means: the nearest description around the value."""
        for end in range(len(self.path), 0, -1):
            for fragment in _fragments(self.root, self.root, self.path[:end]):
                if "description" in fragment and "properties" not in fragment:
                    return str(fragment["description"])
        return "`outlay schema` lists what each key may hold."

    def _place(self, path: Key | None = None) -> str:
        """A table as its header reads, an entry of a list by its number from 1."""
        place = self.section
        for part in self.path if path is None else path:
            place += f".{part}" if isinstance(part, str) else f", entry {part + 1}"
        head, comma, rest = place.partition(", ")
        if not comma:
            return f"[{head}]"
        inside = path is not None or isinstance(self.value, Mapping)
        return f"[[{head}]]{comma}{rest}" if inside else f'"{head}"{comma}{rest}'


def _walk(value: object, location: tuple[int | str, ...]) -> tuple[Key, Any]:
    """Follow pydantic's location through the file's values; names of union members are not in the file."""
    path: list[int | str] = []
    for part in location:
        inner = _inside(value)
        if part in inner:
            value = inner[part]
            path.append(part)
    return tuple(path), value


def _inside(value: object) -> Mapping[Any, Any]:
    """The values in a table by key, in a list by position; nothing in anything else."""
    if isinstance(value, Mapping):
        return value
    return dict(enumerate(value)) if isinstance(value, list) else {}


def _resolve(root: Fragment, fragment: Fragment) -> Iterator[Fragment]:
    """The fragment's alternatives, references followed and null left out."""
    if "$ref" in fragment:
        name = str(fragment["$ref"]).rsplit("/", 1)[-1]
        rest = {key: value for key, value in fragment.items() if key != "$ref"}
        yield from _resolve(root, {**root["$defs"][name], **rest})
    elif "anyOf" in fragment or "oneOf" in fragment:
        outer = {key: fragment[key] for key in ("description",) if key in fragment}
        for option in fragment.get("anyOf", fragment.get("oneOf", ())):
            yield from _resolve(root, {**option, **outer})
    elif fragment.get("type") != "null":
        yield fragment


def _fragments(root: Fragment, fragment: Fragment, path: Key) -> Iterator[Fragment]:
    """The schema fragments that speak of the value at `path`."""
    for option in _resolve(root, fragment):
        if not path:
            yield option
            continue
        head, rest = path[0], path[1:]
        if isinstance(head, int):
            inner = option.get("items")
        else:
            inner = option.get("properties", {}).get(head, option.get("additionalProperties"))
        if isinstance(inner, Mapping):
            yield from _fragments(root, inner, rest)


def _choices(root: Fragment, fragment: Fragment) -> list[str]:
    return [str(choice) for choice in fragment.get("enum", [fragment["const"]] if "const" in fragment else [])]


def _expected(root: Fragment, fragments: list[Fragment]) -> str:
    """What the fragments allow, in words."""
    words = dict.fromkeys(_one_expected(root, fragment) for fragment in fragments)
    return " or ".join(words) if words else "something else"


def _one_expected(root: Fragment, fragment: Fragment) -> str:
    choices = _choices(root, fragment)
    if choices:
        return " or ".join(json.dumps(choice) for choice in choices)
    kind = fragment.get("type")
    if kind == "string":
        dated = fragment.get("format") in {"date", "date-time"}
        return "a date such as 2025-01-06" if dated else "text in quotes"
    if kind in {"number", "integer"}:
        return ("a number" if kind == "number" else "a whole number") + _bounds(fragment)
    if kind == "array":
        inner = fragment.get("items", {})
        return f"a list of {_plural(_expected(root, list(_resolve(root, inner))))}" if inner else "a list"
    return {"boolean": "true or false", "object": "a table of keys"}.get(str(kind), "something else")


def _bounds(fragment: Fragment) -> str:
    low, high = fragment.get("minimum"), fragment.get("maximum")
    above, below = fragment.get("exclusiveMinimum"), fragment.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f" between {low} and {high}"
    parts = [
        f"{word} {bound}"
        for word, bound in (("above", above), ("at least", low), ("below", below), ("at most", high))
        if bound is not None
    ]
    return f" {' and '.join(parts)}" if parts else ""


def _plural(words: str) -> str:
    return {"text in quotes": "texts in quotes", "a number": "numbers", "a table of keys": "tables"}.get(words, words)


def _count(number: int, noun: str) -> str:
    plural = {"entry": "entries"}.get(noun, f"{noun}s")
    return f"{number} {noun if number == 1 else plural}"
