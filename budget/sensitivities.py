"""How the plan leans on what is believed: each channel's return lower, and the regret if one draw were the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from budget.config import PlanSection
from budget.intervals import Interval, interval
from budget.planner import Planner
from outlay.response import ResponseDraws
from outlay.style import Written


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What a plan owes to its beliefs.

    Attributes
    ----------
    currency, outcome_unit : str
    change : float
        Change of a channel's return that was tried; -0.2 is 20 % lower.
    channels : DataFrame
        channel, spend (of the plan), spend_if (planned knowing of the change), change_share, outcome_if_kept,
        outcome_if_replanned, loss_if_kept: what not knowing costs, in what the plan looks for (outcome, profit, or the
        measure of risk); NaN where that is a target.
    regret : Interval
        What the plan misses of the best plan within its rules for one draw, if that draw is the truth: profit where
        profit is sought, else outcome; over draws that did not choose the plan.
    regret_share : float
        Its mean as a share of the plan's expected outcome; NaN where that is nothing.
    draws : int
        Draws that were tried as truth.
    words : str
    hdi : float
        Probability inside the interval.
    """

    currency: str
    outcome_unit: str
    change: float
    channels: pd.DataFrame
    regret: Interval
    regret_share: float
    draws: int
    words: str
    hdi: float

    def to_json(self) -> dict[str, object]:
        """JSON-ready: no NaN."""
        rows = self.channels.astype(object).where(self.channels.notna(), None).to_dict("records")
        return {
            "currency": self.currency,
            "outcome_unit": self.outcome_unit,
            "change": self.change,
            "channels": [{str(key): value for key, value in row.items()} for row in rows],
            "regret_mean": self.regret.mean,
            "regret_hdi_low": self.regret.low,
            "regret_hdi_high": self.regret.high,
            "regret_share": None if np.isnan(self.regret_share) else self.regret_share,
            "draws": self.draws,
            "words": self.words,
        }

    def _repr_html_(self) -> str:
        """The sensitivity as a notebook shows it."""
        from budget.document_around import SensitivityOutput
        from budget.shown import sensitivity_table
        from outlay.html_table import html_table

        return html_table(sensitivity_table(SensitivityOutput.model_validate(self.to_json()), self.hdi))


def sensitivity(planner: Planner, section: PlanSection, change: float = -0.2, draws: int = 100) -> Sensitivity:
    """Plan again with each channel's return changed, and for single draws as the truth.

    Parameters
    ----------
    planner : Planner
    section : PlanSection
    change : float
        Of a channel's return, as a share.
    draws : int
        Draws of the judging half to try as the truth, evenly spaced.
    """
    plan = planner.choose(section)
    response = planner.response
    rows = []
    for number, name in enumerate(response.channels):
        other = planner.on(_with_return(response, number, 1.0 + change))
        again = other.choose(section)
        mine, new = (float(each.spend_of(number).sum()) for each in (plan, again))
        kept, replanned = other.expected(section, plan.spend), other.expected(section, again.spend)
        worth, best = other.value(section, plan.spend), other.value(section, again.spend)
        rows.append(
            {
                "channel": name,
                "spend": mine,
                "spend_if": new,
                "change_share": new / mine - 1.0 if mine > 0 else np.nan,
                "outcome_if_kept": kept,
                "outcome_if_replanned": replanned,
                "loss_if_kept": np.nan if worth is None or best is None else best - worth,
            }
        )
    regrets = planner.regrets(section, plan, draws)
    regret = interval(regrets, planner.hdi)
    expected = planner.expected(section, plan.spend)
    unit = response.currency if section.objective == "profit" else response.outcome_unit
    share = regret.mean / expected if expected else np.nan
    words = (
        f"if one of {len(regrets)} draws were the truth, the plan would miss {Written(regret.mean):,.0f} {unit} of the "
        f"best plan for it on average{f' ({share:.1%} of what it is expected to bring)' if expected else ''}"
    )
    return Sensitivity(
        response.currency, unit, change, pd.DataFrame(rows), regret, share, len(regrets), words, planner.hdi
    )


def _with_return(response: ResponseDraws, channel: int, factor: float) -> ResponseDraws:
    """The same response with one channel's effect times a factor, in every draw."""
    coefficient = response.coefficient.copy()
    coefficient[:, :, channel] *= factor
    return replace(response, coefficient=coefficient)
