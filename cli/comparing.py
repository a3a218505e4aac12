"""Plans side by side: read from their runs, laid beside each other, and told as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from budget.document_compare import CompareOutput, ScenarioRow
from outlay import style

if TYPE_CHECKING:
    from budget.allocation import Allocation
    from budget.document import PlanOutput
    from budget.scenarios import Scenario
    from cli.wide import WideTable
    from outlay.runs import Run


def comparison_of(fit: Run, allocations: Sequence[Allocation], runs: Sequence[str | None]) -> CompareOutput:
    """Answers that were just given, side by side."""
    from budget.scenarios import Scenario, compare
    from cli.fits import is_trusted

    scenarios = [Scenario.of(allocation) for allocation in allocations]
    return CompareOutput.of(compare(scenarios), fit=fit.id, trusted=is_trusted(fit), runs=runs)


def comparison_of_runs(fit: Run, plans: Sequence[Run]) -> CompareOutput:
    """Plans that runs keep, side by side.

    Raises
    ------
    RunError
        Where a run lacks what a comparison needs.
    ConfigError
        P087, where the plans cannot be compared.
    """
    from budget.scenarios import compare
    from cli.fits import is_trusted

    scenarios = _scenarios(plans)
    runs = [plan.id for plan in plans]
    return CompareOutput.of(compare(scenarios), fit=fit.id, trusted=is_trusted(fit), runs=runs)


def _scenarios(plans: Sequence[Run]) -> list[Scenario]:
    from dataclasses import replace

    from budget.scenarios import load_scenario
    from cli.fits import mapping

    read = [
        load_scenario(
            dict(mapping(plan, "allocation.json")),
            dict(mapping(plan, "section.json")),
            plan.table("draws"),
            plan.table("allocation"),
        )
        for plan in plans
    ]
    names = [scenario.name for scenario in read]
    # plans of different calls may share a name; the run's own end tells them apart
    return [
        replace(scenario, name=f"{scenario.name} {plan.id.rpartition('-')[2]}")
        if names.count(scenario.name) > 1
        else scenario
        for scenario, plan in zip(read, plans, strict=True)
    ]


def plans_to_compare(root: Path, refs: Sequence[str]) -> list[Run]:
    """The plans that were named; else those of the latest call with several scenarios, else the two latest plans.

    Raises
    ------
    RunError
        R002, where there is no such run.
    ConfigError
        P087, where fewer than two are left.
    """
    from outlay.runs import list_runs, open_run

    if refs:
        return [open_run(root, ref, "plan", option="outlay compare") for ref in refs]
    plans = [run for run in list_runs(root) if run.kind == "plan"]
    together = [run for run in plans if "batch.json" in run.manifest["files"]]
    if together:
        return batch_of(together[-1], plans)
    if plans:
        plans = [run for run in plans if run.parents == plans[-1].parents]
    return plans[-2:]


def batch_of(plan: Run, plans: Sequence[Run]) -> list[Run]:
    """All plans of the call that made a plan, itself included, in the order of the call."""
    if "batch.json" not in plan.manifest["files"]:
        return [plan]
    about = plan.json("batch.json")
    order = {name: i for i, name in enumerate(about["names"])}
    same = [
        run
        for run in plans
        if "batch.json" in run.manifest["files"] and run.json("batch.json")["batch"] == about["batch"]
    ]
    return sorted(same, key=lambda run: order[run.json("allocation.json")["name"]])


def show_scenarios(results: Sequence[PlanOutput], comparison: CompareOutput) -> None:
    """Print what holds for every scenario's plan, and then all side by side."""
    from budget.words import certificate
    from cli.terminal import emit, say, wrap

    show(comparison)
    emit("")
    for result in results:
        emit(wrap(f"  {result.name}: {certificate(result)}", "    "))
    for result in results:
        warnings = [finding for finding in result.findings if finding.severity != "note"]
        if warnings:
            ids = ", ".join(dict.fromkeys(finding.id for finding in warnings))
            say(f"{result.name}: warnings {ids}; `outlay runs show {result.run or 'RUN'}` tells them.")
    if results[0].run is None:
        say("Nothing was written.")
        return
    say(
        f"Runs {', '.join(str(result.run) for result in results)} keep these plans. Next: outlay compare, outlay report"
    )


def show(comparison: CompareOutput) -> None:
    """Print plans side by side: what they bring, who beats whom, where the money goes, what differs."""
    from cli.fits import untrusted_mark
    from cli.terminal import emit, wrap
    from cli.wide import print_wide

    emit(f"{len(comparison.rows)} plans side by side  (fit {comparison.fit}){untrusted_mark(comparison.trusted)}\n")
    print_wide(_facts(comparison))
    emit("")
    if is_ranked(comparison):
        print_wide(_better(comparison))
    else:
        emit(wrap(f"Which plan beats which: {comparison.better_by}."))
    emit("")
    print_wide(_spend(comparison))
    emit("")
    emit("What differs")
    for line in comparison.differs:
        emit(wrap(f"  - {line}", "    "))


def is_ranked(comparison: CompareOutput) -> bool:
    """Whether it can be said which plan beats which."""
    return any(row.probability is not None for row in comparison.better)


def facts(comparison: CompareOutput) -> list[tuple[str, list[str]]]:
    """What the plans bring: a label, and a text per plan; rows that no plan has are left out."""
    money = comparison.outcome_unit == comparison.currency
    hdi = f"{100 * comparison.hdi:g}%"

    def value(x: float | None) -> str:
        return style.money(x, comparison.currency) if money else style.number(x)

    def cash(x: float | None) -> str:
        return style.money(x, comparison.currency)

    def gained(x: float | None) -> str:
        return style.signed(value(x))

    def each(write: Callable[[ScenarioRow], str]) -> list[str]:
        return [write(row) for row in comparison.rows]

    unit = "" if money else f" ({comparison.outcome_unit})"
    told = [
        ("Looks for", each(lambda row: row.objective)),
        ("Counts", each(lambda row: row.risk)),
        ("Budget", each(lambda row: cash(row.budget))),
        (f"Expected {comparison.outcome}{unit}", each(lambda row: value(row.expected))),
        (f"  {hdi} from", each(lambda row: value(row.expected_hdi_low))),
        (f"  {hdi} to", each(lambda row: value(row.expected_hdi_high))),
        ("Gain over its reference", each(lambda row: gained(row.gain_mean))),
        (f"  {hdi} from", each(lambda row: gained(row.gain_hdi_low))),
        (f"  {hdi} to", each(lambda row: gained(row.gain_hdi_high))),
        ("ROI" if money else f"Return per {comparison.currency}", each(lambda row: style.ratio(row.roi_mean))),
    ]
    if any(row.profit_mean is not None for row in comparison.rows):
        told += [
            ("Profit", each(lambda row: cash(row.profit_mean))),
            (f"  {hdi} from", each(lambda row: cash(row.profit_hdi_low))),
            (f"  {hdi} to", each(lambda row: cash(row.profit_hdi_high))),
        ]
    told += [
        ("Mean of the worst draws", each(lambda row: f"{value(row.cvar)} ({100 * (row.risk_level or 0.0):g}%)")),
        ("One draw in twenty below", each(lambda row: value(row.q05))),
        ("Standard deviation", each(lambda row: value(row.sd))),
        ("P(beats its reference)", each(lambda row: style.chance(row.p_better))),
        ("P(best of these)", each(lambda row: style.chance(row.p_best))),
        ("P(reaches its goal)", each(lambda row: style.chance(row.p_goal))),
        ("Proven within", each(_within)),
    ]
    return [(label, cells) for label, cells in told if any(cell != style.MISSING for cell in cells)]


def _within(row: ScenarioRow) -> str:
    return style.MISSING if row.gap is None else "0.01%" if row.gap < 1e-4 else style.percent(row.gap, 2)


def _facts(comparison: CompareOutput) -> WideTable:
    from cli.wide import WideTable

    built = facts(comparison)
    names = [row.name for row in comparison.rows]
    return WideTable("What they bring", "", names, [label for label, _ in built], [cells for _, cells in built])


def _better(comparison: CompareOutput) -> WideTable:
    from cli.wide import WideTable

    names = [row.name for row in comparison.rows]
    known = {(each.scenario, each.than): each.probability for each in comparison.better}
    rows = [[style.percent(known[a, b], 0) if a != b else "" for b in names] for a in names]
    title = f"Probability that the plan of the row beats that of the column, by {comparison.better_by}"
    return WideTable(title, "", names, names, rows)


def _spend(comparison: CompareOutput) -> WideTable:
    from cli.wide import WideTable

    spend = comparison.spend_by_channel()
    columns = ["reference", *(row.name for row in comparison.rows)]
    rows = [[style.amount(x) for x in each] for each in spend.values()]
    total = [style.amount(sum(each[i] for each in spend.values())) for i in range(len(columns))]
    return WideTable(f"Spend over the window ({comparison.currency})", "Channel", columns, list(spend), rows, total)
