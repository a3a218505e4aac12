"""``compare``, and ``plan`` with several scenarios: plans side by side."""

from __future__ import annotations

from pydantic import Field

from cli.outputs.document import Document, Number
from cli.outputs.plan import PlanOutput


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


class ScenariosOutput(Document):
    """``outlay plan --scenario`` with two files or more."""

    plans: list[PlanOutput]
    comparison: CompareOutput
