"""What stands around a plan: other totals, other degrees of caution, other beliefs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from outlay.document import Document, Number

if TYPE_CHECKING:
    from budget.frontiers import Frontier


class SweepRow(Document):
    """The best plan at one total."""

    budget: Number
    budget_change: Number = Field(description="Against the budget of the plan; 0.1 is 10 % more.")
    feasible: bool = Field(description="False where the rules cannot hold at this total.")
    outcome_mean: Number
    outcome_hdi_low: Number
    outcome_hdi_high: Number
    roi_mean: Number
    mroi: Number = Field(description="Outcome of one more unit of budget.")
    profit_mean: Number
    profit_hdi_low: Number
    profit_hdi_high: Number
    gap: Number


class StopRow(Document):
    """The total at which one more unit of currency brings the hurdle."""

    budget: Number
    outcome: Number
    mroi: Number
    hurdle: Number
    words: str


class SweepOutput(Document):
    """``outlay plan --sweep``."""

    currency: str
    outcome_unit: str
    hurdle: Number = Field(description="Outcome that one unit of currency must bring; null where none is known.")
    rows: list[SweepRow]
    stop: StopRow | None


class FrontierRow(Document):
    """The best plan for one weight of the worst draws."""

    weight: float = Field(description="0 is the mean, 1 the worst draws alone.")
    expected: Number
    cvar: Number
    sd: Number
    q05: Number
    budget: Number
    gap: Number


class FrontierSpend(Document):
    """Spend on a cell in every plan of the frontier, in the order of its rows."""

    channel: str
    group: str | None
    spend: list[Number]


class FrontierOutput(Document):
    """``outlay plan --frontier``."""

    currency: str
    outcome_unit: str
    level: float = Field(description="Share of the draws that count as the worst.")
    rows: list[FrontierRow]
    spend: list[FrontierSpend]

    @classmethod
    def of(cls, frontier: Frontier) -> FrontierOutput:
        """The frontier as a document."""
        told = frontier.to_json()
        columns = [name for name in frontier.spend.columns if name not in ("channel", "group")]
        spend = [
            {"channel": row["channel"], "group": row["group"], "spend": [row[name] for name in columns]}
            for row in frontier.spend.astype(object).where(frontier.spend.notna(), None).to_dict("records")
        ]
        return cls.model_validate({**told, "spend": spend})


class SensitivityRow(Document):
    """A plan made knowing that one channel's return is another."""

    channel: str
    spend: Number
    spend_if: Number = Field(description="Planned knowing of the change.")
    change_share: Number
    outcome_if_kept: Number
    outcome_if_replanned: Number
    loss_if_kept: Number = Field(description="What not knowing of the change costs, in units of the outcome.")


class SensitivityOutput(Document):
    """``outlay plan --sensitivity``."""

    currency: str
    outcome_unit: str
    change: float = Field(description="Change of a channel's return that was tried; -0.2 is 20 % lower.")
    channels: list[SensitivityRow]
    regret_mean: Number = Field(description="What the plan misses of the best plan for a draw, if it is the truth.")
    regret_hdi_low: Number
    regret_hdi_high: Number
    regret_share: Number = Field(description="Of the plan's expected outcome.")
    draws: int
    words: str
