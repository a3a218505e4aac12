"""What a plan's leads mean for sellers: leads, hours, stages and value by segment, and volumes beside their goals."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from budget.catalogue import CATALOGUE
from budget.cells import Index
from budget.intervals import Interval, interval, probability
from budget.problem import Problem
from budget.responses import Responses
from budget.sellers import Sellers
from budget.teams import scope
from budget.volumes import Volume, by_volume, numbers, part_of, volumes_of
from budget.work import has_baseline, sellers_of
from outlay.findings import Finding
from outlay.style import Written
from outlay.transforms import Array


@dataclass(frozen=True)
class StageVolume:
    """Worked leads of a segment that reach a stage."""

    stage: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class SegmentResult:
    """What a plan means for one segment, on draws that did not choose it.

    Attributes
    ----------
    segment : str
    group : str or None
        Groups that a team is for, where it is not for all.
    leads_media, leads_baseline : float
        Expected leads in the window from this plan, and those that come anyway (None where they are not known).
    leads, worked : Interval
        Both together, and those of them that sellers work.
    hours_needed, hours_at_hand : float or None
        For all leads; None where nothing limits them, or the limit is a number of leads.
    most : float or None
        Leads that can be worked.
    shared : bool
        Whether hours and most are for other segments too.
    stages : tuple of StageVolume
        Worked leads that reach each stage after the first, those that come anyway included.
    value : Interval
        Of the worked leads.
    reference_value : float
        The same under the reference plan.
    gain : Interval
        Over the reference plan.
    price : float or None
        Worth of one more hour (of one more lead, where the limit is a number of leads), in the objective's unit.
    price_of : str or None
        ``hour`` or ``lead``.
    """

    segment: str
    group: str | None
    leads_media: float
    leads_baseline: float | None
    leads: Interval
    worked: Interval
    hours_needed: float | None
    hours_at_hand: float | None
    most: float | None
    shared: bool
    stages: tuple[StageVolume, ...]
    value: Interval
    reference_value: float
    gain: Interval
    price: float | None
    price_of: str | None


@dataclass(frozen=True)
class VolumeResult:
    """A volume that a plan must bring, or that has a goal.

    Attributes
    ----------
    volume : str
        What is counted, in words.
    min, goal : float or None
    expected : Interval
        On all draws, as if every lead could be worked: what ``min`` is about.
    reference : float
        The same under the reference plan.
    p_goal, reference_p_goal : float or None
        Probability that the expected number of a draw reaches the goal, on draws that did not choose the plan; of later
        stages only leads that are worked count.
    """

    volume: str
    min: float | None
    goal: float | None
    expected: Interval
    reference: float
    p_goal: float | None
    reference_p_goal: float | None


@dataclass(frozen=True, eq=False)
class LeadsTold:
    """All that a plan says of leads.

    Attributes
    ----------
    segments : tuple of SegmentResult
    volumes : tuple of VolumeResult
    one_order : float or None
        Part of the value of all worked leads that is lost where sellers keep one order of the leads, that of the
        expected worths, in every draw; None where nothing limits them.
    """

    segments: tuple[SegmentResult, ...] = ()
    volumes: tuple[VolumeResult, ...] = ()
    one_order: float | None = None


def leads_told(problem: Problem, spend: Array, hdi: float, prices: Array | None) -> LeadsTold:
    """What a plan (H, K) means for sellers.

    Parameters
    ----------
    problem : Problem
    spend : ndarray (H, K)
    hdi : float
    prices : ndarray (M,) or None
        What one more lead that a team can work is worth, in the objective's unit.
    """
    if problem.response.downstream is None:
        return LeadsTold()
    sellers, responses = sellers_of(problem, problem.judging), problem.judging
    outcome, before = responses.outcomes(spend).T, responses.outcomes(problem.reference.spend).T
    limited = any(np.isfinite(team.most) for team in problem.teams)
    total = sellers.total(outcome).mean() if limited else 0.0
    return LeadsTold(
        segments=_segments(problem, sellers, (outcome, before), hdi, prices),
        volumes=tuple(_volume(problem, volume, spend, hdi) for volume in volumes_of(problem)),
        one_order=float(1.0 - sellers.in_one_order(outcome).mean() / total) if limited and total > 0 else None,
    )


def segments_frame(rows: tuple[SegmentResult, ...]) -> pd.DataFrame:
    """The segments as a table: one column per number, stages by name."""
    flat = []
    for row in rows:
        found: dict[str, object] = {}
        for key, value in asdict(row).items():
            if key == "stages":
                found |= {f"{each['stage']}_{part}": each[part] for each in value for part in ("mean", "low", "high")}
            elif isinstance(value, dict):
                found |= {f"{key}_{part}": number for part, number in value.items()}
            else:
                found[key] = value
        flat.append(found)
    return pd.DataFrame(flat)


def _segments(
    problem: Problem, sellers: Sellers, outcomes: tuple[Array, Array], hdi: float, prices: Array | None
) -> tuple[SegmentResult, ...]:
    kinds, first = sellers.kinds, sellers.kinds.first
    team_of = np.repeat(np.arange(len(sellers.teams)), np.diff(first))
    volumes = sellers.volumes(outcomes[0])
    leads, anyway = (each[:, kinds.source] * kinds.part for each in (volumes, sellers.beside))
    worked, before = (sellers.filled(outcome) for outcome in outcomes)
    rows = []
    for m, team in enumerate(sellers.teams):
        price = None if prices is None or not np.isfinite(team.most) else float(prices[m])
        for k in team.segments:
            mine = np.flatnonzero((team_of == m) & (sellers.segment == k))
            each = _Kinds(leads[:, mine], anyway[:, mine], worked[:, mine], before[:, mine], kinds.worth[:, mine], mine)
            rows.append(((k, team.groups), _segment(problem, sellers, (m, k), each, hdi, price)))
    return tuple(row for _, row in sorted(rows, key=lambda row: row[0]))


@dataclass(frozen=True, eq=False)
class _Kinds:
    """Leads of some kinds, per draw (S, t): all, those that come anyway, and the worked ones of plan and reference."""

    leads: Array
    anyway: Array
    worked: Array
    before: Array
    worth: Array
    which: Index


def _segment(
    problem: Problem, sellers: Sellers, which: tuple[int, int], each: _Kinds, hdi: float, price: float | None
) -> SegmentResult:
    downstream = problem.judging.response.downstream
    if downstream is None:
        raise ValueError("the outcome is not the money of leads")
    team, k = sellers.teams[which[0]], which[1]
    limited, hours = bool(np.isfinite(team.most)), team.hours_per_lead
    all_groups = len(team.groups) == len(problem.cells.groups)
    value, before = (each.worked * each.worth).sum(axis=1), (each.before * each.worth).sum(axis=1)
    leads = each.leads.sum(axis=1)
    if price is not None and hours:
        price = price / hours
    return SegmentResult(
        segment=downstream.segments[k],
        group=None if all_groups else ", ".join(problem.cells.groups[g] for g in team.groups),
        leads_media=float((each.leads - each.anyway).sum(axis=1).mean()),
        leads_baseline=float(each.anyway.sum(axis=1).mean()) if has_baseline(problem) else None,
        leads=interval(leads, hdi),
        worked=interval(each.worked.sum(axis=1), hdi),
        hours_needed=float(leads.mean() * hours) if hours and limited else None,
        hours_at_hand=float(team.most * hours) if hours and limited else None,
        most=float(team.most) if limited else None,
        shared=limited and len(team.segments) > 1,
        stages=_stages(problem, sellers, each, hdi),
        value=interval(value, hdi),
        reference_value=float(before.mean()),
        gain=interval(value - before, hdi),
        price=price,
        price_of=None if price is None else "hour" if hours else "lead",
    )


def _stages(problem: Problem, sellers: Sellers, each: _Kinds, hdi: float) -> tuple[StageVolume, ...]:
    reach = reach_of(problem, problem.judging, sellers, each.which)
    downstream = problem.response.downstream
    names = () if downstream is None else downstream.stages[1:]
    told = []
    for j, name in enumerate(names, 1):
        number = interval((each.worked * reach[:, :, j]).sum(axis=1), hdi)
        told.append(StageVolume(name, number.mean, number.low, number.high))
    return tuple(told)


def reach_of(problem: Problem, responses: Responses, sellers: Sellers, which: Index) -> Array:
    """Probability of kinds of leads to reach each stage, (S, t, J)."""
    downstream = responses.response.downstream
    if downstream is None:
        raise ValueError("the outcome is not the money of leads")
    source, n_groups = sellers.kinds.source[which], len(problem.cells.groups)
    group, channel = source % n_groups, source // n_groups
    return np.asarray(downstream.reach[:, group, channel, sellers.segment[which], sellers.band[which]])


def _volume(problem: Problem, volume: Volume, spend: Array, hdi: float) -> VolumeResult:
    sellers, every = sellers_of(problem, problem.every), problem.every
    expected, before = (
        numbers(volume, sellers, every.outcomes(plan).T, volume.part) for plan in (spend, problem.reference.spend)
    )
    goal, least = volume.section.goal, volume.section.min
    told = VolumeResult(volume.words, least, goal, interval(expected, hdi), float(before.mean()), None, None)
    if goal is None:
        return told
    odds = [probability(_reached(problem, volume, plan) - goal) for plan in (spend, problem.reference.spend)]
    return replace(told, p_goal=odds[0], reference_p_goal=odds[1])


def _reached(problem: Problem, volume: Volume, spend: Array) -> Array:
    """The number that counts on the draws that judge, of later stages from leads that are worked, (S,)."""
    responses, section, downstream = problem.judging, volume.section, problem.judging.response.downstream
    if downstream is None:
        raise ValueError("the outcome is not the money of leads")
    sellers, outcome = sellers_of(problem, responses), responses.outcomes(spend).T
    first = section.stage is None or section.stage == downstream.stages[0]
    if first or not any(np.isfinite(team.most) for team in problem.teams):
        part = part_of(problem, downstream, section, volume.where)
        return numbers(volume, sellers, outcome, part)
    stage = downstream.stages.index(section.stage or downstream.stages[0])
    counted = np.asarray((by_volume(volume.part) > 0.0).any(axis=0))[sellers.kinds.source]
    if section.segment is not None:
        counted &= sellers.segment == downstream.segments.index(section.segment)
    worked = sellers.filled(outcome)
    if section.counts == "media":
        counted &= sellers.kinds.source < len(problem.cells)
        worked = worked - sellers.filled(np.zeros_like(outcome))  # what earlier spend still brings is not the plan's
    which = np.flatnonzero(counted)
    reach = reach_of(problem, responses, sellers, which)[:, :, stage]
    return np.asarray((worked[:, which] * reach).sum(axis=1))


def lead_findings(problem: Problem) -> tuple[Finding, ...]:
    """What a plan's numbers of leads cannot show."""
    limited = [m for m, team in enumerate(problem.teams) if np.isfinite(team.most)]
    if not limited:
        return ()
    found = [CATALOGUE.finding("P068", "[[plan.capacity]]", "what sellers cannot work counts for no channel")]
    sellers = sellers_of(problem, problem.judging)
    nothing = np.zeros((sellers.leads.shape[1], problem.judging.n_draws))
    often = (sellers.prices(nothing) > 0.0).mean(axis=0)
    busy = [team_words(problem, m) for m in limited if often[m] > 0.5 and problem.teams[m].most > 0.0]
    if busy:
        what = f"the leads that come anyway are more than can be worked: {'; '.join(busy)}"
        found.append(CATALOGUE.finding("P044", "[[plan.capacity]]", what))
    later = [volume.words for volume in volumes_of(problem) if volume.section.min is not None]
    if later:
        what = f"counted as if every lead could be worked: {'; '.join(later)}"
        found.append(CATALOGUE.finding("P066", "[[plan.volumes]]", what))
    return tuple(found)


def team_words(problem: Problem, number: int) -> str:
    """A team and its limit in words."""
    team, downstream = problem.teams[number], problem.response.downstream
    if downstream is None:
        return ""
    who = scope(downstream, problem.cells, team.segments, team.groups)
    if team.hours_per_lead:
        hours = team.most * team.hours_per_lead
        return (
            f"{who}: {Written(hours):,.0f} seller hours work at most {Written(team.most):,.0f} {downstream.stages[0]}"
        )
    return f"{who}: at most {Written(team.most):,.0f} {downstream.stages[0]} can be worked"
