"""The desk: where the questions of all planners are answered, in the order in which they come, and answers are kept."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from budget.allocation import Allocation
from budget.config import PlanSection
from budget.document import PlanOutput
from budget.document_compare import CompareOutput
from budget.kept import Kept
from budget.planner import Planner
from budget.scenarios import Scenario, compare
from budget.sweeps import Sweep, sweep
from outlay.style import numbers_as
from planner.asked import NAMED, Asked, Cell, refuse_tables
from planner.forecast import Forecast, forecast_of
from planner.judged import WHERE, Judged, judge
from planner.study import Study

KEPT = 64
"""Answers that are kept; an older one is found again, which takes a solve."""

KEPT_SWEEPS = 16
"""The same of sweeps, which take dozens of solves."""


@dataclass(frozen=True, eq=False)
class Answered:
    """A plan for a question: as a document for tables and words, as a scenario to compare, and as it is."""

    asked: Asked
    document: PlanOutput
    scenario: Scenario
    allocation: Allocation


def _ran_out(answered: Answered) -> bool:
    proof = answered.document.certificate
    return proof is not None and proof.status == "time"


class Desk:
    """Answers the questions of all planners on one study; several threads may ask at once.

    Solves take turns. What needs none (spend set by hand, a forecast, an answer that is known) waits for nobody.

    Parameters
    ----------
    study : Study
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self._opening = threading.Lock()
        self._answers: Kept[str, Answered] = Kept(KEPT)
        self._sweeps: Kept[tuple[str, int], Sweep] = Kept(KEPT_SWEEPS)

    def planner(self, section: PlanSection) -> Planner:
        """The planner that a question is asked of; made once, whoever asks first.

        Raises
        ------
        ConfigError
            X083, where the question would have this machine open a table.
        """
        refuse_tables(section, self.study.base)
        with self._opening:
            return self.study.planner(section)

    def answer(self, asked: Asked) -> Answered:
        """The best plan for a question, or the judgement of the plan that it brings.

        Raises
        ------
        OutlayError
            Where the question cannot be answered: rules that contradict each other, a target out of reach.
        """
        return self._answers.get(self._key(asked), lambda: self._solve(asked))

    def afresh(self, asked: Asked) -> Answered:
        """The answer; one that ran out of time is looked for again, since the machine may have been busy."""
        self._answers.drop(self._key(asked), _ran_out)
        return self.answer(asked)

    def knows(self, asked: Asked) -> bool:
        """Whether the answer is kept, so that it costs no solve."""
        return self._key(asked) in self._answers

    def _key(self, asked: Asked) -> str:
        """What an answer is kept by: the question, and the state of the file that it compares with."""
        refuse_tables(asked.section, self.study.base)
        if asked.section.reference in NAMED:
            return asked.key
        try:
            state = (self.study.folder / asked.section.reference).stat()
        except OSError:  # no file but a table elsewhere, or gone: reading it says which
            return asked.key
        return f"{asked.key} {state.st_mtime_ns} {state.st_size}"

    def _solve(self, asked: Asked) -> Answered:
        section = self._timed(asked.section)
        planner = self.planner(section)
        with numbers_as(self.study.project.numbers):  # an answer is kept with its sentences, for whoever asks next
            if asked.by_hand is None:
                allocation = planner.optimize(section)
            else:
                brought = pd.DataFrame([vars(cell) for cell in asked.by_hand])
                allocation = planner.evaluate(section, brought, where=WHERE)
            document = PlanOutput.of(allocation, fit=self.study.fit.id, trusted=self.study.trusted)
        return Answered(asked, document, Scenario.of(allocation), allocation)

    def _timed(self, section: PlanSection) -> PlanSection:
        """The question within the time of the project: others wait for their turn, and a browser may ask for hours."""
        limit = self.study.base.time_limit
        return section if section.time_limit <= limit else section.model_copy(update={"time_limit": limit})

    def by_hand(self, asked: Asked, cells: Sequence[Cell]) -> Asked:
        """The question whether these amounts are a good plan, beside the reference plan at the question's own total.

        A question that states no budget is given that of its reference plan. Without one, money that a hand adds would
        be added to the reference plan too, and what it brings would not be seen.
        """
        section = asked.section
        if not section.free_total and section.budget is None:
            total = self.planner(section).reference_budget(section)
            section = section.model_copy(update={"budget": total})
        return Asked(section, tuple(cells))

    def judge(self, asked: Asked) -> Judged:
        """What spend set by hand would do, within milliseconds and without the best plan beside it.

        Raises
        ------
        OutlayError
            Where the amounts cannot be used.
        ValueError
            Where the question brings no spend.
        """
        if asked.by_hand is None:
            raise ValueError("the question brings no spend that was set by hand")
        with numbers_as(self.study.project.numbers):
            return judge(self.planner(asked.section), asked.section, asked.by_hand)

    def forecast(self, asked: Asked) -> Forecast | None:
        """All outcome of the window under the answer's plan, baseline included; None where the fit holds no baseline.

        Raises
        ------
        OutlayError
            As :meth:`answer`.
        """
        allocation = self.answer(asked).allocation
        planner, flighting = self.planner(asked.section), allocation.flighting
        problem = planner.problem(allocation.section)
        shape = problem.reference.spend.shape
        spend, reference = (np.asarray(flighting[name], float).reshape(shape) for name in ("spend", "reference_spend"))
        return forecast_of(problem, spend, reference, planner.hdi)

    def sweep(self, asked: Asked, points: int = 11) -> Sweep:
        """The outcome at other totals.

        Raises
        ------
        OutlayError
            Where no total can keep the rules.
        """
        plain = Asked(asked.section)

        def find() -> Sweep:
            with numbers_as(self.study.project.numbers):
                section = self._timed(plain.section)
                return sweep(self.planner(section), section, points=points)

        return self._sweeps.get((self._key(plain), points), find)

    def compare(self, answers: Sequence[Answered]) -> CompareOutput:
        """Answers side by side, on the same draws; their names have to differ."""
        with numbers_as(self.study.project.numbers):
            found = compare([answered.scenario for answered in answers])
            return CompareOutput.of(found, fit=self.study.fit.id, trusted=self.study.trusted)
