"""What charts and tables of a fit are made from: its tables with their types, units and names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mmm.document import CurveRow, RoiRow
from outlay.document import documents

if TYPE_CHECKING:
    import pandas as pd

    from mmm.media import FittedMedia

_ORDER = {"paid": 0, "organic": 1, "lever": 2}


@dataclass(frozen=True, eq=False)
class Told:
    """A fit as charts and tables need it, in memory or from the tables of a run.

    Attributes
    ----------
    currency, unit, outcome, period, level : str
        Currency of spend; unit and name of the outcome; what a period is called; level of the intervals, ``"90%"``.
    money : bool
        Whether the outcome is money.
    roi, curves : tuple
        Returns, and points of response curves.
    contributions, series : DataFrame
        By date: parts of the outcome, and the fit against the outcome.
    """

    currency: str
    unit: str
    outcome: str
    period: str
    level: str
    money: bool
    roi: tuple[RoiRow, ...]
    curves: tuple[CurveRow, ...]
    contributions: pd.DataFrame
    series: pd.DataFrame

    @classmethod
    def of(cls, fitted: FittedMedia) -> Told:
        """A fit in memory."""
        return cls.of_tables(fitted.facts(), fitted.tables())

    @classmethod
    def of_tables(cls, facts: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Told:
        """The facts (``model.json``) and tables that a run keeps.

        Raises
        ------
        RunError
            R004, where a table is of another version.
        """
        return cls(
            currency=str(facts["currency"]),
            unit=str(facts["outcome_unit"]),
            outcome=outcome_name(facts),
            period=str(facts.get("period", "period")),
            level=f"{100 * float(facts['hdi']):g}%",
            money=bool(facts["money"]),
            roi=tuple(documents(tables["roi"], RoiRow)),
            curves=tuple(documents(tables["curves"], CurveRow)),
            contributions=tables["contributions"],
            series=tables["fit"],
        )

    def total_rows(self) -> list[RoiRow]:
        """Channels and levers over all groups: paid, organic, levers, and the largest contribution first."""
        total = [row for row in self.roi if row.group is None]
        return sorted(total, key=lambda row: (_ORDER[row.kind], -(row.contribution_mean or 0.0)))


def outcome_name(facts: Mapping[str, Any]) -> str:
    """Name of the outcome: the KPI, or its value where units have one."""
    kpi = str(facts["kpi"])
    return f"value of {kpi}" if facts["money"] and facts.get("kpi_type") == "units" else kpi


def told_of(fit: Told | FittedMedia) -> Told:
    """What is told of a fit, whichever form it comes in."""
    return fit if isinstance(fit, Told) else Told.of(fit)
