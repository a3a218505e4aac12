"""Prices of what stands beside the rules on spend: a target, minimum volumes, and what can be worked downstream."""

from __future__ import annotations

import numpy as np

from budget.allocation import ShadowPrice
from budget.choice import Choice
from budget.leads_told import team_words
from budget.objective import Capacity
from budget.prices import shadow_prices, told_price
from budget.problem import Problem
from budget.sellers import Sellers
from budget.volumes import Volume
from budget.within import volume_prices
from budget.work import work_of
from outlay.style import Written
from outlay.transforms import Array


def prices_of(problem: Problem, choice: Choice) -> tuple[ShadowPrice, ...]:
    """Prices of the rules, of a target, of minimum volumes, and of the capacity downstream."""
    aim, scales, optimum = problem.aim, choice.scales, choice.optimum
    worth = aim.unit_of_value(scales)
    rules = list(shadow_prices(optimum, choice.compiled, worth, aim.unit, choice.spend))
    told = [price for price in rules if price.kind == "budget"]
    if optimum.floor_price > 0.0 and aim.least_spend:
        price = optimum.floor_price * scales.money / scales.outcome
        unit = problem.response.outcome_unit
        text = f"one more {unit} of the target costs {Written(price):,.4g} {problem.response.currency}"
        told.append(ShadowPrice("target", "target", price, unit, text))
    told += _volume_prices(problem, choice)
    work = work_of(problem, problem.choosing)
    if isinstance(work, Capacity):
        told += _capacity_prices(problem, choice, work)
    elif work is not None:
        told += _hour_prices(problem, choice)
    return (*told, *(price for price in rules if price.kind != "budget"))


def _capacity_prices(problem: Problem, choice: Choice, capacity: Capacity) -> list[ShadowPrice]:
    """What one more unit that can be worked is worth: how often the limit is what stops a lead, times its worth."""
    section, scales = problem.section, choice.scales
    often = capacity.full(problem.choosing.outcomes(choice.spend).T) @ choice.optimum.q
    unit, told = problem.response.outcome_unit, []
    for limit, part in zip(section.capacity, often, strict=True):
        price = float(part) * (choice.objective.per_outcome + choice.optimum.floor_price)
        price *= problem.aim.unit_of_value(scales) / scales.outcome
        per = "hour" if limit.hours is not None else unit
        price = price / float(limit.hours_per_unit or 1.0)
        if price > 0.0:
            scope = " + ".join(limit.channels or ("all channels",))
            words = f"{scope}: at most {Written(limit.limit):,.0f} {unit} can be worked"
            told.append(told_price(words, "capacity", price, per, problem.aim.unit, saves=problem.aim.least_spend))
    return told


def _hour_prices(problem: Problem, choice: Choice) -> list[ShadowPrice]:
    told = []
    for number, (team, price) in enumerate(zip(problem.teams, lead_prices(problem, choice), strict=True)):
        if price <= 0.0:
            continue
        per, each = ("seller hour", team.hours_per_lead) if team.hours_per_lead else ("lead", 1.0)
        words, saves = team_words(problem, number), problem.aim.least_spend
        told.append(told_price(words, "capacity", float(price) / each, per, problem.aim.unit, saves=saves))
    return told


def lead_prices(problem: Problem, choice: Choice) -> Array:
    """What one more lead that each team can work adds to what is looked for, all leads counted, (M,), in its unit.

    The worth of all that is worked rises, of the leads that come anyway too; what a target asks of media is told by the
    part that media gain.
    """
    work = work_of(problem, problem.choosing)
    if not isinstance(work, Sellers):
        return np.zeros(len(problem.teams))
    outcome = problem.choosing.outcomes(choice.spend).T
    q, price = choice.optimum.q, choice.optimum.floor_price
    mine, anyway = work.prices(outcome), work.prices(np.zeros_like(outcome))
    worth = choice.objective.per_outcome * (q @ mine) + price * (q @ (mine - anyway))
    return np.asarray(worth * problem.aim.unit_of_value(choice.scales) / choice.scales.outcome)


def _volume_prices(problem: Problem, choice: Choice) -> list[ShadowPrice]:
    """What one lead less of each minimum is worth."""
    minimums = choice.within.minimums
    if minimums is None:
        return []
    told, aim = [], problem.aim
    prices = volume_prices(choice.optimum, choice.within.tangents, minimums) * aim.unit_of_value(choice.scales)
    for volume, price in zip(minimums.volumes, prices, strict=True):
        if price > 0.0:
            told.append(_told(volume, float(price), aim.unit, saves=aim.least_spend))
    return told


def _told(volume: Volume, price: float, unit: str, *, saves: bool) -> ShadowPrice:
    words = f"at least {Written(volume.section.min or 0.0):,.6g} {volume.words}"
    text = f"{words}: one fewer {'saves' if saves else 'brings'} {Written(price):,.4g} {unit}"
    return ShadowPrice(words, "volume", price, "lead", text)


def decision_outcomes(problem: Problem, spend: Array) -> Array:
    """Outcome of every decision of a plan (H, K), per draw that chose: (N, S)."""
    by_cell = problem.choosing.outcomes(spend).T
    shares = problem.decision.of(spend)
    totals = problem.decision.totals(shares)[problem.decision.cell]
    part = np.where(totals > 0, shares / np.where(totals > 0, totals, 1.0), 0.0)
    return np.asarray(by_cell[problem.decision.cell] * part[:, None])
