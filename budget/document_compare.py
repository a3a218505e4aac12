"""``compare``, and ``plan`` with several scenarios: plans side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from outlay.document import Document, Number

if TYPE_CHECKING:
    from budget.scenarios import Comparison, Scenario
from budget.document import PlanOutput


class ScenarioRow(Document):
    """One plan among several."""

    name: str
    run: str | None = Field(description="Null with --dry-run.")
    objective: str
    risk: str = Field(description="How uncertainty counts, in short: mean, CVaR 10%, or a blend.")
    budget: Number
    expected: Number
    expected_hdi_low: Number
    expected_hdi_high: Number
    gain_mean: Number = Field(description="Over its own reference plan.")
    gain_hdi_low: Number
    gain_hdi_high: Number
    roi_mean: Number
    profit_mean: Number = Field(description="Null without a margin.")
    profit_hdi_low: Number
    profit_hdi_high: Number
    cvar: Number = Field(description="Mean outcome of its worst draws, at the scenario's own risk level.")
    risk_level: Number
    q05: Number = Field(description="One draw in twenty is below.")
    sd: Number
    p_better: Number = Field(description="Probability that it beats its reference plan.")
    p_best: Number = Field(
        description="Probability that it is the best of all scenarios; null where that is not known."
    )
    p_goal: Number
    gap: Number
    status: str


class BetterRow(Document):
    """Probability that one plan beats another, draw by draw."""

    scenario: str
    than: str
    probability: Number = Field(description="Null where totals differ and no margin is known.")


class SpendRow(Document):
    """Spend on a cell in every plan."""

    channel: str
    group: str | None
    reference: Number
    scenarios: dict[str, Number] = Field(description="Spend by the scenario's name.")


class CompareOutput(Document):
    """``outlay compare``."""

    fit: str
    trusted: bool
    currency: str
    outcome: str
    outcome_unit: str
    hdi: float
    better_by: str = Field(description="What was compared draw by draw: profit, the outcome, or why neither was.")
    rows: list[ScenarioRow]
    better: list[BetterRow]
    spend: list[SpendRow]
    differs: list[str] = Field(description="What differs in the questions and in the plans.")

    @classmethod
    def of(
        cls, found: Comparison, *, fit: str = "", trusted: bool = True, runs: Sequence[str | None] | None = None
    ) -> CompareOutput:
        """A comparison as a document, with the runs that keep its scenarios (None where none does)."""
        told = found.to_json()
        kept = runs or [None] * len(found.scenarios)
        rows = [
            {**row, "run": run, **_risk(scenario)}
            for row, run, scenario in zip(told["rows"], kept, found.scenarios, strict=True)  # type: ignore[call-overload]
        ]
        about = {"fit": fit, "trusted": trusted, "hdi": found.scenarios[0].number("hdi"), "rows": rows}
        return cls.model_validate({**told, **about})

    def spend_by_channel(self) -> dict[str, list[float]]:
        """Spend by channel over groups: of the reference plan, and then of every plan."""
        spend: dict[str, list[float]] = {}
        for row in self.spend:
            each = [row.reference or 0.0, *(row.scenarios[plan.name] or 0.0 for plan in self.rows)]
            known = spend.setdefault(row.channel, [0.0] * len(each))
            spend[row.channel] = [a + b for a, b in zip(known, each, strict=True)]
        return spend


class ScenariosOutput(Document):
    """``outlay plan --scenario`` with two files or more."""

    plans: list[PlanOutput]
    comparison: CompareOutput


def _risk(scenario: Scenario) -> dict[str, object]:
    """How uncertainty counts in a scenario, in short, and the quantile that is told of all alike."""
    asked, found = scenario.question.get("risk"), scenario.document.get("risk")
    asked = asked if isinstance(asked, dict) else {}
    worst = f"CVaR {100 * float(asked.get('level', 0.1)):g}%"
    weight = f"{100 * float(asked.get('weight', 0.5)):g}%"
    words = {"mean": "mean", "cvar": worst, "blend": f"{weight} {worst}"}
    return {
        "risk": words[str(asked.get("measure", "mean"))],
        "risk_level": scenario.number("risk_level"),
        "q05": found.get("q05") if isinstance(found, dict) else None,
    }
