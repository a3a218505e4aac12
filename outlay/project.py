"""The project file: one TOML file, each section a pydantic model owned by the room it speaks of.

Everything that can be wrong with the file is said in words, with the file and the line: unknown keys with a
did-you-mean, wrong types, values out of range, missing keys, broken TOML. All problems of a file are told at once.
"""

from __future__ import annotations

import difflib
import json
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.json_schema import models_json_schema

from outlay.catalogue import CATALOGUE
from outlay.config_words import Problem, problems_of, shown
from outlay.errors import ConfigError
from outlay.toml_lines import Key, key_lines

DEFAULT_NAME = "outlay.toml"


class Section(BaseModel):
    """A section of the project file: unknown keys are errors, values never change after loading.

    In the file a number is a number and text is text; nothing is converted. Every field carries a description with
    its unit, which is what ``outlay schema`` prints.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ProjectSection(Section):
    """What holds for the whole project: its name, money and reporting level."""

    name: str = Field(min_length=1, description="Name of the project, shown in reports.")
    currency: str = Field(
        default="USD",
        pattern=r"^[A-Z]{3}$",
        description="Currency of all spend and revenue: three capital letters, for example USD or EUR.",
    )
    margin: float | None = Field(
        default=None, gt=0, le=1, description="Profit per unit of revenue (0 to 1): turns revenue into profit."
    )
    hdi: float = Field(
        default=0.9, ge=0.5, le=0.99, description="Probability inside every reported interval (0.5 to 0.99)."
    )
    numbers: Literal["1,234.56", "1.234,56", "1 234,56", "1'234.56"] = Field(
        default="1,234.56", description="How numbers are written on the planner's page and in reports."
    )
    fiscal_year_starts: str | None = Field(
        default=None,
        pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
        description="Month and day near which the fiscal year starts, such as 02-01: its first week is the one whose "
        "first day is nearest. Periods are then told by fiscal year and week (or month).",
    )
    fiscal_year_named: Literal["start", "end"] = Field(
        default="start", description="Whether a fiscal year has the number of the year that it starts or ends in."
    )
    seed: int = Field(default=1, ge=0, le=2**32 - 1, description="Seed of all random numbers, a whole number from 0.")


@dataclass(frozen=True)
class Project:
    """A loaded project file.

    Attributes
    ----------
    path : Path
        The file.
    base : Path
        Its folder; relative paths in the file start here.
    text : str
        The file's text, kept with every run.
    sections : mapping of str to Section
        The sections that the file has, by name.
    """

    path: Path
    base: Path
    text: str
    sections: Mapping[str, Section]
    _lines: Mapping[Key, int] = field(default_factory=dict, repr=False, compare=False)

    def where(self, *key: str | int) -> str:
        """Place of a key for messages, for example ``outlay.toml:12``; the nearest table if the key is absent."""
        return _place(self.path, _line_of(self._lines, key))

    def section[S: Section](self, name: str, model: type[S]) -> S:
        """The section of that name.

        Raises
        ------
        ConfigError
            C007 if the file has no such section.
        """
        found = self.sections.get(name)
        if not isinstance(found, model):
            raise ConfigError(
                f"the project file has no [{name}] section, and this needs one",
                where=str(self.path),
                repair=f"Add [{name}] to the file; `outlay schema` lists its keys.",
                id="C007",
            )
        return found


def default_project_path() -> Path:
    """The project file that commands read when none is named."""
    return Path(DEFAULT_NAME)


def load_project(path: Path, sections: Mapping[str, type[Section]]) -> Project:
    """Read and validate a project file.

    Parameters
    ----------
    path : Path
        The TOML file.
    sections : mapping of str to Section subclass
        Model of each section that the file may hold; ``[project]`` is always among them.

    Raises
    ------
    ConfigError
        C001 to C009, with the file and line of the first problem and a list of the others.
    """
    path = Path(path)
    text = _read_text(path)
    raw, lines = _parse(path, text)
    loaded: dict[str, Section] = {}
    problems = list(_validate(raw, {"project": ProjectSection, **sections}, loaded))
    if problems:
        raise _refusal(path, lines, problems)
    return Project(path=path, base=path.parent, text=text, sections=loaded, _lines=lines)


def schema(sections: Mapping[str, type[Section]]) -> dict[str, Any]:
    """JSON Schema (2020-12) of the whole project file."""
    models: dict[str, type[Section]] = {"project": ProjectSection, **sections}
    refs, definitions = models_json_schema([(model, "validation") for model in models.values()])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Outlay project file",
        "description": "The sections of outlay.toml. Relative paths start at the file's folder.",
        "type": "object",
        "properties": {name: refs[(model, "validation")] for name, model in models.items()},
        "required": ["project"],
        "additionalProperties": False,
        **definitions,
    }


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise _no_file(path) from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise _unreadable(path, f"the project file cannot be read: {reason}") from None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unreadable(path, "the project file is UTF-16 text; TOML is UTF-8")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _unreadable(
            path, f"the project file is not UTF-8 text: byte 0x{data[error.start]:02x} is none of its characters", line
        ) from None


def _unreadable(path: Path, what: str, line: int = 0) -> ConfigError:
    return ConfigError(what, where=_place(path, line), repair=CATALOGUE["C002"].repair, id="C002")


def _no_file(path: Path) -> ConfigError:
    beside = sorted(near.name for near in path.parent.glob("*.toml")) if path.parent.is_dir() else []
    found = f"That folder has {', '.join(beside[:5])}. " if beside else ""
    return ConfigError(
        f"there is no project file at {path.absolute()}",
        where=str(path),
        repair=f"{found}Name the file with --project, or let `outlay init` write one from your table.",
        id="C001",
    )


_SYNTAX_REPAIRS = {
    "invalid value": "Text stands in quotes, numbers and dates (2025-01-06) do not, true and false are lower case.",
    "expected '=' after a key": "A line reads key = value; a section's name stands in [brackets].",
    "unclosed array": "Close the list with ] and put a comma between its entries.",
    "unterminated string": "Close the quotes on the same line.",
    "illegal character": "Close the quotes on the same line, and write a backslash twice or use 'single quotes'.",
    "unescaped '\\'": "Write a backslash twice or use 'single quotes' around the text.",
}
_DUPLICATE = re.compile(r"cannot (overwrite a value|declare|mutate|redefine)|duplicate inline table key", re.IGNORECASE)


def _parse(path: Path, text: str) -> tuple[dict[str, Any], dict[Key, int]]:
    try:
        return tomllib.loads(text), key_lines(text)
    except RecursionError:
        raise ConfigError(
            "lists or tables are nested too deeply", where=str(path), repair="Write it with fewer levels.", id="C003"
        ) from None
    except ValueError as error:  # TOMLDecodeError, or a whole number of thousands of digits
        raise _syntax_error(path, text, str(error)) from None


def _syntax_error(path: Path, text: str, message: str) -> ConfigError:
    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)", message)
    problem = message[: place.start()] if place else message
    line = int(place[1]) if place and place[1] else text.count("\n") + 1 if place else 0
    where = _place(path, line) + (f":{place[2]}" if place and place[2] else "")
    if _DUPLICATE.search(problem):
        words, id = "this key or section was already given above", "C009"
    elif problem.startswith("Exceeds the limit"):
        words, id = "a whole number has thousands of digits", "C003"
    else:
        words, id = f"this is not valid TOML: {problem[:1].lower()}{problem[1:]}", "C003"
    repair = next((advice for start, advice in _SYNTAX_REPAIRS.items() if problem.lower().startswith(start)), "")
    return ConfigError(words, where=where, repair=repair or CATALOGUE[id].repair, id=id)


def _validate(
    raw: Mapping[str, Any], models: Mapping[str, type[Section]], loaded: dict[str, Section]
) -> Iterator[Problem]:
    """Load every section into `loaded` and give what is wrong with the others."""
    for name, value in raw.items():
        model = models.get(name)
        if model is None:
            yield _unknown_section(name, value, models)
        elif not isinstance(value, dict):
            yield Problem("C006", (name,), f"[{name}] must be a table of keys, got {shown(value)}", f"Write [{name}].")
        else:
            try:
                loaded[name] = _load_section(model, value)
            except ValidationError as error:
                yield from problems_of(error, name, value, model.model_json_schema())
    if "project" not in raw:
        yield Problem("C007", (), "the section [project] is missing", 'Add [project] with name = "...".')


def _load_section(model: type[Section], value: Mapping[str, Any]) -> Section:
    # Strict JSON mode is the file's grammar: no number from text, no truth from 1, but a list may fill a tuple
    # and text an enumeration. TOML dates travel as ISO text.
    return model.model_validate_json(json.dumps(value, default=_iso), strict=True)


def _iso(value: object) -> str:
    if isinstance(value, (date, time)):
        return value.isoformat()
    raise TypeError(f"no TOML value: {value!r}")


def _unknown_section(name: str, value: object, models: Mapping[str, type[Section]]) -> Problem:
    if not isinstance(value, (dict, list)):
        return Problem(
            "C004", (name,), f'the key "{name}" stands outside every section', "Move it below the [section] it is of."
        )
    near = difflib.get_close_matches(name.lower(), models, n=1)
    advice = f"Did you mean [{near[0]}]? " if near else ""
    known = ", ".join(f"[{known}]" for known in models)
    return Problem("C004", (name,), f"there is no section [{name}]", f"{advice}The sections are {known}.")


def _refusal(path: Path, lines: Mapping[Key, int], problems: list[Problem]) -> ConfigError:
    """One error for all problems, in the order of the file."""
    placed = sorted(
        ((_line_of(lines, problem.key), problem) for problem in problems), key=lambda pair: pair[0] or math.inf
    )
    line, first = placed[0]
    more = [f"\n  also {problem.id} {_place(path, at)}: {problem.what}. {problem.repair}" for at, problem in placed[1:]]
    return ConfigError(first.what, where=_place(path, line), repair=first.repair + "".join(more), id=first.id)


def _line_of(lines: Mapping[Key, int], key: Key) -> int:
    """Line of a key, or of the nearest table around it; 0 for the file as a whole."""
    for end in range(len(key), 0, -1):
        if key[:end] in lines:
            return lines[key[:end]]
    return 0


def _place(path: Path, line: int) -> str:
    return f"{path}:{line}" if line else str(path)
