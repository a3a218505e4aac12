"""From numbers to words: each check's verdict, what to do about it, and one line over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from mmm.catalogue import CATALOGUE
from mmm.misfit import ALPHA as MISFIT
from mmm.misfit import CERTAIN
from mmm.trades import TRADED
from mmm.validation.checks import EXTREME, PredictiveCheck
from mmm.validation.folds import CrossValidation
from mmm.validation.loo import LeaveOneOut
from mmm.validation.mediators import Contested
from mmm.validation.placebo import Placebos
from mmm.validation.plausible import ALPHA
from mmm.validation.stability import NOTICEABLE, UNSTABLE, Stability
from mmm.wording import listed
from outlay.findings import Finding

Status = Literal["good", "watch", "bad", "open"]

NARROW = 0.15
"""By so much intervals may miss their promise, beyond chance, before forecasts must not be used."""

SLIGHT = 0.04
"""By so much they may miss it without a word."""

CROWDED = 0.05
"""Share of periods with a large k-hat beyond which the sum of the scores is no longer one."""

MEDIATED = 1.0
"""Posterior sds that an ROI moves without a contested control, from which the control decides it."""

STRANGE, RARE = 0.12, 0.02
"""Chance of as many caught placebos from which they are worth a word, and from which phantom effects are certain."""


@dataclass(frozen=True)
class Verdict:
    """One line of the page.

    Attributes
    ----------
    id : str
        Its entry.
    about : str
        The check, in a few words.
    status : {"good", "watch", "bad", "open"}
        ``open`` where it could not be judged.
    what : str
        What was seen, in a sentence with the numbers.
    repair : str
        What to do; empty where nothing is.
    channels : tuple of str
        Channels that it is about; empty where it is about the whole model.
    barred : tuple of str
        Those among them whose numbers must not be used.
    """

    id: str
    about: str
    status: Status
    what: str
    repair: str = ""
    channels: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)


def verdict(
    id: str,
    about: str,
    status: Status,
    what: str,
    channels: Iterable[str] = (),
    barred: Iterable[str] = (),
    *,
    repair: str = "",
) -> Verdict:
    """A verdict, with a repair (its entry's, where none is given) if it is not good."""
    todo = (repair or CATALOGUE[id].repair) if status in ("watch", "bad") else ""
    return Verdict(id, about, status, what, todo, tuple(channels), tuple(barred))


def not_judged(id: str, about: str, why: str) -> Verdict:
    """A check that could not be made (V015 tells what that means)."""
    return Verdict(id, about, "open", f"not judged: {why} (V015)")


def forecast_verdicts(result: CrossValidation | None, horizon: int, unit: str) -> list[Verdict]:
    """V001 and V002, of cross-validation."""
    if result is None:
        return [not_judged("V001", "forecasts", f"too few periods for two origins with {horizon} {unit}s after each")]
    whole = result.by_group.iloc[0]
    margin = 2 * result.skill_error
    status: Status = "good" if result.skill - margin > 0 else "bad" if result.skill + margin < 0 else "watch"
    said = {"good": "better than", "watch": "not clearly better than", "bad": "WORSE than"}[status]
    mape = "" if np.isnan(whole["wmape"]) else f"; wMAPE {whole['wmape']:.1%} against {whole['naive_wmape']:.1%}"
    what = (
        (
            f"over {len(result.folds)} origins and {horizon} {unit}s ahead, {said} repeating the {whole['naive']}: "
            f"CRPS {result.skill:+.0%} (within {margin:.0%}){mape}"
        )
        .replace("CRPS +", "CRPS lower by ")
        .replace("CRPS -", "CRPS higher by ")
    )
    apart = int((~result.by_fold["converged"]).sum())
    what += f"; chains had not met at {apart} origins" if apart else ""
    what += f"; {len(result.failed)} origins could not be fitted ({result.failed[0].why})" if result.failed else ""
    return [verdict("V001", "forecasts", status, what), coverage_verdict(result.coverage, result.zeros)]


def coverage_verdict(found: dict[float, tuple[float, float]], zeros: int = 0) -> Verdict:
    """V002: whether intervals hold what they promise."""
    level = max(found)
    share, error = found[level]
    short = level - share
    status: Status = "good"
    if abs(short) > max(2.5 * error, SLIGHT):
        status = "bad" if short > NARROW and short > 3 * error else "watch"
    parts = [f"{100 * one:g}% intervals held {part:.0%} (+-{se:.0%})" for one, (part, se) in found.items()]
    if status != "good":
        parts.append("too narrow" if short > 0 else "wider than needed")
    what = ", ".join(parts)
    return verdict("V002", "forecast intervals", status, what)


def predictive_verdict(check: PredictiveCheck) -> Verdict:
    """V003."""
    table = check.table
    odd = table[(table["p"] < EXTREME) | (table["p"] > 1 - EXTREME)]
    if odd.empty:
        what = f"{listed(tuple(table['statistic']))} of the KPI are like those of data that the model draws itself"
        return verdict("V003", "data like the model's", "good", what)
    parts = [
        f"{row['statistic']} {_short(row['actual'])}, and the model draws {_short(row['low'])} to {_short(row['high'])}"
        for row in odd.to_dict("records")
    ]
    status: Status = "bad" if len(odd) > 2 else "watch"
    what = f"{'; '.join(parts)} (fewer than 1 in 100 as extreme)"
    todo = dict.fromkeys(_UNLIKE[name] for name in odd["statistic"])
    return verdict("V003", "data like the model's", status, what, repair=" ".join(todo))


_TAILS = 'Name the events behind the extreme periods, or try likelihood = "student_t" or "log".'
_UNLIKE = {
    "mean": "The level is off: look for a structural break, and start the data after it.",
    "spread": "The noise differs between groups or times: try a log likelihood.",
    "smallest": _TAILS,
    "largest": _TAILS,
    "persistence": "Something slow is missing and intervals are too narrow: add its column, knots or Fourier terms.",
}
"""What to do where a statistic of the data is unlike the model's."""


def _short(value: float) -> str:
    return f"{value:.2f}" if abs(value) < 10 else f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def influence_verdict(result: LeaveOneOut) -> Verdict:
    """V004."""
    heavy = result.influential
    if heavy.empty:
        what = f"no period decides alone: every k-hat is at most {result.limit:.2g} (PSIS-LOO)"
        return verdict("V004", "single periods", "good", what)
    named = [
        f"{row['date'].date()}" + ("" if row["group"] == "national" else f" {row['group']}") + f" ({row['khat']:.2f})"
        for row in heavy.head(5).to_dict("records")
    ]
    more = f" and {len(heavy) - 5} more" if len(heavy) > 5 else ""
    what = f"k-hat above {result.limit:.2g} at {', '.join(named)}{more}: the fit hangs on these"
    if len(heavy) > CROWDED * len(result.table):
        what += ", and LOO scores cannot be compared"
    return verdict("V004", "single periods", "watch", what)


_STABILITY = {
    "last periods dropped": ("V005", "last four {unit}s dropped"),
    "another seed": ("V006", "another seed"),
    "noise on inputs": ("V007", "2% noise on inputs"),
}


def stability_verdicts(result: Stability, unit: str) -> list[Verdict]:
    """V005 to V007."""
    found = []
    failed = {one.name: one.why for one in result.failed}
    for refit, (id, template) in _STABILITY.items():
        about = template.format(unit=unit)
        if refit in failed:
            found.append(not_judged(id, about, f"could not be fitted: {failed[refit]}"))
            continue
        rows = result.moves[result.moves["refit"] == refit]
        if rows.empty:
            continue
        by_chance = 3.5 * result.expected[refit]
        size = rows[["share_moved", "roi_moved"]].abs().max(axis=1)
        named = tuple(rows.loc[size > max(NOTICEABLE, by_chance), "channel"])
        barred = tuple(rows.loc[size > max(UNSTABLE, by_chance), "channel"])
        channel, largest = result.largest(refit)
        status: Status = "bad" if barred else "watch" if named else "good"
        what = f"ROI and share move by at most {largest:.2f} posterior sds ({channel})"
        found.append(verdict(id, about, status, what, named, barred))
    return found


def placebo_verdict(result: Placebos) -> Verdict:
    """V008."""
    n = len(result.table)
    if not n:
        why = result.failed[0].why if result.failed else "there is no channel to copy"
        return not_judged("V008", "placebo channels", why)
    caught = result.table[result.table["caught"]]
    status: Status = "bad" if result.chance < RARE else "watch" if result.chance < STRANGE else "good"
    what = f"{len(caught)} of {n} do-nothing channels got an effect (expected {0.1 * n:.1f}, at 10% each"
    what += f"; chance of as many: {result.chance:.1%})" if len(caught) else ")"
    if result.failed:
        what += f"; {len(result.failed)} more could not be made ({result.failed[0].why})"
    if len(caught):
        worst_share = max(caught["share_mean"], key=abs)
        what += f", up to {worst_share:+.1%} of the KPI"
    return verdict("V008", "placebo channels", status, what)


def mediator_verdict(result: Contested) -> Verdict:
    """V009."""
    if not result.reasons:
        return verdict("V009", "controls", "good", "no control looks as if media moved it")
    parts: list[str] = []
    named: list[str] = []
    barred: list[str] = []
    for control, why in result.reasons.items():
        rows = result.moves[result.moves["refit"] == control]
        paid = rows[rows["roi_moved"].notna()] if len(rows) else rows
        if paid.empty:
            parts.append(f"{control} ({why})")
            continue
        row = paid.iloc[int(paid["roi_moved"].abs().to_numpy().argmax())]
        parts.append(
            f"{control}: {why}; without it the ROI of {row['channel']} goes from {row['roi_before']:.2f} to "
            f"{row['roi_after']:.2f} ({row['roi_moved']:+.1f} sds)"
        )
        named += list(paid.loc[paid["roi_moved"].abs() > NOTICEABLE, "channel"])
        barred += list(paid.loc[paid["roi_moved"].abs() > MEDIATED, "channel"])
    status: Status = "bad" if barred else "watch"
    return verdict("V009", "controls", status, "; ".join(parts), dict.fromkeys(named), dict.fromkeys(barred))


def informed_verdict(table: pd.DataFrame) -> Verdict:
    """V010."""
    parts = []
    names = {word: tuple(table.loc[table["verdict"] == word, "channel"]) for word in dict.fromkeys(table["verdict"])}
    for word in ("informed by data", "mostly prior", "not identified"):
        if names.get(word):
            some = len(table) > 1 and len(names[word]) == len(table)
            parts.append(f"{word}: {f'all {len(table)} channels' if some else ', '.join(names[word])}")
    unknown = names.get("not identified", ())
    status: Status = "bad" if unknown else "watch" if names.get("mostly prior") else "good"
    channels = (*unknown, *names.get("mostly prior", ()))
    return verdict("V010", "what the data said", status, "; ".join(parts), channels, unknown)


def collinear_verdict(pairs: pd.DataFrame, money: bool, currency: str) -> Verdict:
    """V011."""
    if pairs.empty:
        return verdict("V011", "channels told apart", "good", "no two channels are known only as a pair")
    parts = []
    for row in pairs.head(4).to_dict("records"):
        if money and np.isfinite(row["roi_mean"]):
            known = f"together ROI {row['roi_mean']:.2f} ({row['roi_low']:.2f} to {row['roi_high']:.2f})"
        else:
            known = f"together {row['contribution_mean']:,.4g} ({row['contribution_low']:,.4g} to "
            known += f"{row['contribution_high']:,.4g}{' ' + currency if money else ''})"
        parts.append(f"{row['one']} + {row['other']} {known}")
    more = f"; {len(pairs) - 4} more pairs" if len(pairs) > 4 else ""
    channels = dict.fromkeys(name for row in pairs.to_dict("records") for name in (row["one"], row["other"]))
    return verdict("V011", "channels told apart", "watch", f"only the sum is known: {'; '.join(parts)}{more}", channels)


def trade_verdict(table: pd.DataFrame) -> Verdict:
    """V012."""
    heavy = table[table["explained"] > TRADED].sort_values("explained", ascending=False)
    if heavy.empty:
        return verdict("V012", "effects and baseline", "good", "no effect trades off with trend or season")
    named = [f"{row['channel']} ({row['explained']:.0%})" for row in heavy.to_dict("records")]
    what = f"trend or season could be the cause instead: {', '.join(named)} of the doubt"
    return verdict("V012", "effects and baseline", "watch", what, tuple(heavy["channel"]))


GRAVE = ("M005", "M006")
"""Warnings that make an answer unusable: media explain nearly all, or there is less than nothing without them."""

TOLD = ("M004", "M005", "M006", "M007", "M008", "M009", "M013", "M016", "M019", "M050")


def finding_verdict(findings: Sequence[Finding]) -> Verdict:
    """V013."""
    told = [finding for finding in findings if finding.id in TOLD]
    if not told:
        return verdict("V013", "plausibility", "good", "shares, returns, baseline and residuals are within reason")
    status: Status = "bad" if any(finding.id in GRAVE for finding in told) else "watch"
    parts = [f"{finding.id} {finding.where}: {finding.what}" for finding in told]
    todo = dict.fromkeys(f"{finding.id}: {finding.repair.partition('. ')[0].rstrip('.')}." for finding in told)
    return verdict("V013", "plausibility", status, "; ".join(parts), repair=" ".join(todo))


def leaning_verdict(table: pd.DataFrame) -> Verdict:
    """V014."""
    leaning = table[table["roi_leans_on"] != ""]
    if leaning.empty:
        return verdict("V014", "assumed curves", "good", "no return follows a curve that only the prior knows")
    parts = [f"{row['channel']} ({row['roi_leans_on']})" for row in leaning.to_dict("records")]
    what = f"returns that lean on an assumed shape: {', '.join(parts)}"
    return verdict("V014", "assumed curves", "watch", what, tuple(leaning["channel"]))


def demand_verdict(table: pd.DataFrame) -> Verdict:
    """V016."""
    led = table[(table["p"] < ALPHA) & (table["correlation"] > 0)]
    if led.empty:
        return verdict("V016", "media and demand", "good", "no channel follows surprises of the KPI")
    parts = [f"{row['channel']} (p = {row['p']:.1g})" for row in led.to_dict("records")]
    what = f"exposure follows what sold unexpectedly before: {', '.join(parts)}; its ROI is an upper bound"
    return verdict("V016", "media and demand", "bad", what, tuple(led["channel"]), tuple(led["channel"]))


def misfit_verdict(table: pd.DataFrame) -> Verdict:
    """V018."""
    found = table[table["p"] < MISFIT]
    if found.empty:
        return verdict("V018", "curves and carry-over", "good", "residuals follow no channel's exposure")
    parts = [f"the {row['part']} of {row['channel']} (p = {row['p']:.1g})" for row in found.to_dict("records")]
    barred = dict.fromkeys(found.loc[found["p"] < CERTAIN, "channel"])
    status: Status = "bad" if barred else "watch"
    what = f"the residuals contradict {', '.join(parts)}"
    return verdict("V018", "curves and carry-over", status, what, dict.fromkeys(found["channel"]), barred)


def trust_verdict(passed: bool, sentence: str) -> Verdict | None:
    """V017, where the fit failed the gate."""
    return None if passed else verdict("V017", "trust gate", "bad", sentence)


def overall(verdicts: Sequence[Verdict], channels: Sequence[str] = ()) -> tuple[Status, str]:
    """One status and one sentence over all verdicts.

    A bad verdict that bars no single channel is about the whole model and forbids its use.

    Parameters
    ----------
    verdicts : sequence of Verdict
        All of them.
    channels : sequence of str
        All channels with an effect to estimate.
    """
    whole = [one for one in verdicts if one.status == "bad" and not one.barred]
    if whole:
        return "bad", f"Do not use this model: {listed(tuple(f'{one.about} ({one.id})' for one in whole))}."
    uses = channel_use(verdicts)
    barred = tuple(name for name, (status, _) in uses.items() if status == "bad")
    careful = tuple(name for name, (status, _) in uses.items() if status == "watch")
    if barred:
        rest = f" Take care with {listed(careful)}." if careful else ""
        ids = ", ".join(one.id for one in verdicts if one.barred)
        whose = "any channel" if channels and set(barred) >= set(channels) else listed(barred)
        return "bad", f"Do not use the numbers of {whose} ({ids}).{rest}"
    watched = sum(one.status == "watch" for one in verdicts)
    if watched:
        about = f" Take care with {listed(careful)}." if careful else ""
        checks = "one check asks" if watched == 1 else f"{watched} checks ask"
        return "watch", f"Usable with care: {checks} for a second look.{about}"
    return "good", "No check speaks against this model. That is no proof: what nobody measured is invisible to them."


def channel_use(verdicts: Sequence[Verdict]) -> dict[str, tuple[Status, tuple[str, ...]]]:
    """For each channel that some verdict names: whether to use its numbers, and the ids that speak against it."""
    found: dict[str, tuple[Status, tuple[str, ...]]] = {}
    for one in verdicts:
        for name in one.channels if one.status in ("bad", "watch") else ():
            before, ids = found.get(name, ("watch", ()))
            found[name] = ("bad" if name in one.barred else before, (*ids, one.id))
    return found
