"""The efficient frontier: the best mean for every degree of caution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from budget.config import PlanSection, RiskSection
from budget.planner import Planner


@dataclass(frozen=True, eq=False)
class Frontier:
    """Plans from the best mean to the best worst draws.

    Attributes
    ----------
    outcome_unit, currency : str
    level : float
        Share of the draws that count as the worst.
    table : DataFrame
        weight (of the worst draws, 0 to 1), expected, cvar (mean of the worst draws: of the outcome, or of the gain
        where its risk counts), sd, q05, budget, gap. All on draws that the optimizer did not see.
    spend : DataFrame
        Channel, group, and one column of spend per weight.
    """

    outcome_unit: str
    currency: str
    level: float
    table: pd.DataFrame
    spend: pd.DataFrame

    def to_json(self) -> dict[str, object]:
        """JSON-ready."""
        return {
            "outcome_unit": self.outcome_unit,
            "currency": self.currency,
            "level": self.level,
            "rows": [{str(k): v for k, v in row.items()} for row in self.table.to_dict("records")],
            "spend": [
                {str(k): None if v is None or v != v else v for k, v in row.items()}
                for row in self.spend.astype(object).to_dict("records")
            ],
        }

    def _repr_html_(self) -> str:
        """The frontier as a notebook shows it."""
        from budget.document_around import FrontierOutput
        from budget.shown import frontier_table
        from outlay.html_table import html_table

        return html_table(frontier_table(FrontierOutput.of(self)))


def frontier(planner: Planner, section: PlanSection, points: int = 6) -> Frontier:
    """Plan for weights of the worst draws from 0 to 1, evenly spaced; the level is the section's.

    Quantiles and the mean less a multiple of the sd are told beside and not optimised: they are not concave in general,
    so no certificate would hold for them. Every point's CVaR and blend are certified.
    """
    rows, spends = [], []
    for weight in np.linspace(0.0, 1.0, points):
        found = planner.optimize(section.model_copy(update={"risk": _risk(section.risk, float(weight))}))
        risk = found.risk
        rows.append(
            {
                "weight": float(weight),
                "expected": found.expected.mean,
                "cvar": risk["gain_cvar" if section.risk.of == "gain" else "cvar"],
                "sd": risk["sd"],
                "q05": risk["q05"],
                "budget": found.budget,
                "gap": found.gap,
            }
        )
        whole = found.table[found.table["period"].isna()]
        spends.append(whole.set_index(["channel", "group"])["spend"].rename(f"{weight:.3g}"))
    response = planner.response
    spend = pd.concat(spends, axis=1).reset_index()
    return Frontier(response.outcome_unit, response.currency, section.risk.level, pd.DataFrame(rows), spend)


def _risk(risk: RiskSection, weight: float) -> RiskSection:
    if weight == 0.0:
        return risk.model_copy(update={"measure": "mean", "weight": 0.5})
    return risk.model_copy(update={"measure": "blend", "weight": weight})
