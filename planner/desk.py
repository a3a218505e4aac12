"""The desk: where questions of the page are answered, one at a time, and answers are kept for a while."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from budget.document import PlanOutput
from budget.document_compare import CompareOutput
from budget.scenarios import Scenario, compare
from budget.sweeps import Sweep, sweep
from planner.asked import Asked
from planner.study import Study

KEPT = 64
"""Answers that are kept; an older one is found again, which takes a solve."""


@dataclass(frozen=True, eq=False)
class Answered:
    """A plan for a question: as a document for tables and words, and as a scenario to compare."""

    asked: Asked
    document: PlanOutput
    scenario: Scenario


class Desk:
    """Answers the questions of all planners on one study.

    Parameters
    ----------
    study : Study
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self._turn = threading.Lock()
        self._answers: OrderedDict[str, Answered] = OrderedDict()

    def answer(self, asked: Asked) -> Answered:
        """The best plan for a question, or the judgement of the plan that it brings.

        Raises
        ------
        OutlayError
            Where the question cannot be answered: rules that contradict each other, a target out of reach.
        """
        with self._turn:
            known = self._answers.pop(asked.key, None) or self._solve(asked)
            self._answers[asked.key] = known
            if len(self._answers) > KEPT:
                self._answers.popitem(last=False)
            return known

    def _solve(self, asked: Asked) -> Answered:
        planner = self.study.planner(asked.section)
        if asked.by_hand is None:
            allocation = planner.optimize(asked.section)
        else:
            brought = pd.DataFrame([vars(cell) for cell in asked.by_hand])
            allocation = planner.evaluate(asked.section, brought, where="the spend set by hand")
        document = PlanOutput.of(allocation, fit=self.study.fit.id, trusted=self.study.trusted)
        return Answered(asked, document, Scenario.of(allocation))

    def sweep(self, asked: Asked, points: int = 11) -> Sweep:
        """The outcome at other totals."""
        with self._turn:
            return sweep(self.study.planner(asked.section), asked.section, points=points)

    def compare(self, answers: Sequence[Answered]) -> CompareOutput:
        """Answers side by side, on the same draws; their names have to differ."""
        found = compare([answered.scenario for answered in answers])
        return CompareOutput.of(found, fit=self.study.fit.id, trusted=self.study.trusted)
