"""What is asked of the optimizer: ``[plan]``, the scenario files over it, and the command line over both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError

    from budget.config import PlanSection
    from budget.planner import Planner
    from outlay.errors import ConfigError
    from outlay.project import Project
    from outlay.runs import Run


@dataclass(frozen=True)
class Overrides:
    """Options of the command line that go before the project file and the scenarios; None leaves a key as it is."""

    budget: float | None = None
    periods: int | None = None
    start: date | None = None
    objective: str | None = None
    target: float | None = None
    timing: str | None = None

    def over(self, section: PlanSection) -> PlanSection:
        """The section with what is stated here; a fixed total replaces a range, and an objective its rival's target.

        Raises
        ------
        ConfigError
            X007, where an option does not fit the rest.
        """
        from pydantic import ValidationError

        from budget.config import PlanSection

        given = {key: value for key, value in vars(self).items() if value is not None}
        if not given:
            return section
        values = {key: value for key, value in _values(section).items() if key not in _replaced(given)}
        try:
            return PlanSection.model_validate(values | given)
        except ValidationError as problem:
            raise _misfit(problem, given) from problem


@dataclass(frozen=True, eq=False)
class Question:
    """One question, with the file of the scenario, or the workbook, that it comes from.

    ``places`` leads from a rule as refusals name it to the cells of a workbook.
    """

    section: PlanSection
    file: Path | None = None
    book: Path | None = None
    places: Mapping[str, str] = field(default_factory=dict)

    def where(self, place: str) -> str:
        """Where a refusal is, with the file, and by cells where the rule comes from some."""
        for rule, cells in sorted(self.places.items(), reverse=True):  # 12 before 1
            place = place.replace(rule, cells)
        file = self.file or self.book
        return ", ".join(str(part) for part in (file, place) if part)


def section_of(path: Path, overrides: Overrides | None = None) -> tuple[PlanSection, Project | None]:
    """The ``[plan]`` section with the command line's options over it; defaults where there is no project file."""
    from budget.config import PlanSection
    from cli.config import load, plan_section

    loaded = load(path) if path.exists() else None
    section = (plan_section(loaded) if loaded else None) or PlanSection()
    return (overrides or Overrides()).over(section), loaded


def questions_of(
    path: Path, scenarios: Sequence[Path], overrides: Overrides
) -> tuple[tuple[Question, ...], Project | None]:
    """One question per scenario file, or the project file's own where none is named."""
    from budget.scenarios import read_scenario

    base, loaded = section_of(path)
    if not scenarios:
        return (Question(overrides.over(base)),), loaded
    read = [(read_scenario(file, base), file) for file in scenarios]
    _named_once([(str(section.name), file) for section, file in read])
    return tuple(Question(overrides.over(section), file) for section, file in read), loaded


def question_of_book(path: Path, book: Path, overrides: Overrides) -> tuple[Question, Project | None]:
    """The question that a planner wrote into a workbook; without a name in it, the file's name is the scenario's.

    Raises
    ------
    ConfigError
        X061 and X062, the latter with sheet and cell.
    """
    from cli.terminal import say
    from cli.workbook.read import edited_of

    base, loaded = section_of(path)
    found = edited_of(book, base, name=str(book))
    cells = ", ".join(dict.fromkeys(found.places.values()))
    say(f"Edited in {book.name}: {cells}." if found.changed else f"No cell of {book.name} was edited: asked as before.")
    section = overrides.over(found.section)
    if section.name is None:
        section = section.model_copy(update={"name": book.stem})
    return Question(section, book=book, places=found.places), loaded


class Planners:
    """The planners on one fit: in its KPI, and in the money that leads turn into, whichever a question asks for.

    Parameters
    ----------
    fit : Run
    loaded : Project or None
        The project file, for the margin and the seed.
    base : Path
        Its folder, where runs are kept too.
    force : bool
        Whether a conversion model that did not pass the trust gate is used all the same.
    """

    def __init__(self, fit: Run, loaded: Project | None, base: Path, *, force: bool = False) -> None:
        self.fit, self.loaded, self.base, self.force = fit, loaded, base, force
        self._known: dict[str, tuple[Planner, list[Run]]] = {}

    def of(self, section: PlanSection) -> Planner:
        """The planner that a question is asked of."""
        return self._made(section.value_from)[0]

    def parents(self, section: PlanSection) -> list[Run]:
        """The runs that its answer is made from."""
        return self._made(section.value_from)[1]

    def _made(self, value_from: str) -> tuple[Planner, list[Run]]:
        if value_from not in self._known:
            planner = planner_of(self.fit, self.loaded, self.base)
            if value_from == "kpi":
                self._known[value_from] = planner, [self.fit]
            else:
                self._known[value_from] = self._valued(planner)
        return self._known[value_from]

    def _valued(self, planner: Planner) -> tuple[Planner, list[Run]]:
        from attribution.conversion_run import latest_conversion
        from attribution.refine import refine
        from cli.config import project_section

        run, conversion = latest_conversion(self.base / "runs", force=self.force)
        seed = 1 if self.loaded is None else project_section(self.loaded).seed
        refined = refine(planner.response, conversion, seed)
        return planner.on(refined.response, refined.findings), [self.fit, run]


def planner_of(fit: Run, loaded: Project | None, base: Path) -> Planner:
    """The planner on a fit's KPI: its draws, its interval, and the project's margin."""
    from budget.planner import Planner
    from cli.config import project_section
    from cli.fits import mapping
    from outlay.response import load_response

    roi = fit.table("roi")
    unpaid = ~roi["paid"].astype(bool) & (roi["kind"] != "lever" if "kind" in roi else True)
    return Planner(
        load_response(fit.file("response.nc")),
        base=base,
        hdi=float(mapping(fit, "model.json")["hdi"]),
        organic=tuple(str(name) for name in roi.loc[unpaid, "channel"].unique()),
        margin=None if loaded is None else project_section(loaded).margin,
    )


def refused(what: str, where: str) -> ConfigError:
    """Options that do not go together."""
    from cli.catalogue import CATALOGUE
    from outlay.errors import ConfigError

    return ConfigError(what, where=where, repair=CATALOGUE["X007"].repair, id="X007")


def _values(section: PlanSection) -> dict[str, Any]:
    """What a section states, without its defaults."""
    return section.model_dump(exclude_unset=True)


def _replaced(given: dict[str, Any]) -> set[str]:
    """Keys of the section that the options speak of under another name."""
    gone: set[str] = set()
    if "budget" in given:
        gone |= {"budget_min", "budget_max"}
    if "objective" in given:
        gone |= {"target", "target_counts"}
        if given["objective"] in ("target_kpi", "target_mroi"):
            gone.add("budget")
    return gone


def _misfit(problem: ValidationError, given: dict[str, Any]) -> ConfigError:
    first = problem.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    where = f"--{place}" if place in given else " ".join(f"--{name}" for name in given)
    return refused(str(first["msg"]).removeprefix("Value error, "), where)


def _named_once(read: list[tuple[str, Path]]) -> None:
    """Runs, tables and the comparison speak of scenarios by name."""
    names = [name for name, _ in read]
    for name, file in read:
        if names.count(name) > 1:
            raise refused(f"two scenarios are called {name}", str(file))
