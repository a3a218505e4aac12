"""``outlay fit``: sample the media-mix model and keep the result as a run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.options import DEFAULT_PROJECT, Debug, DryRun, Json, ProjectFile

if TYPE_CHECKING:
    from cli.outputs.answers import ChangesRows
    from cli.outputs.media import FitOutput
    from outlay.findings import Finding
    from outlay.runs import Run

Engine = Literal["auto", "kernel", "pymc", "jax"]
"""As in ``mmm.config``, which ``--help`` does not wait for."""

Multiverse = Annotated[
    bool, typer.Option("--multiverse", help="Fit other plausible models too, and show how each ROI moves.")
]
MultiverseCap = Annotated[int, typer.Option("--multiverse-cap", min=2, max=500, help="Most models of the multiverse.")]


def command(
    project: ProjectFile = DEFAULT_PROJECT,
    engine: Annotated[
        Engine | None,
        typer.Option(help="auto, kernel, pymc or jax, in place of what [media.sampling] says."),
    ] = None,
    multiverse: Multiverse = False,
    multiverse_cap: MultiverseCap = 24,
    dry_run: DryRun = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Fit the media-mix model and write a run.

    Exit 4 where the posterior does not pass the trust gate; the run is kept then, and later commands refuse it.
    """
    from cli.config import load, runs_root
    from cli.terminal import print_json, say
    from outlay.errors import TrustError

    loaded = load(project)
    if dry_run:
        _rehearse(project, as_json)
        return
    from mmm.workflow import fit_run

    run = fit_run(loaded, runs_root(project), sys.argv, progress=sys.stderr.isatty(), engine=engine)
    result = summarise(run)
    if multiverse and not result.trusted:
        say("No multiverse: it starts from a fit that passed the trust gate.")
    elif multiverse:
        from cli.multiverse import add_multiverse

        result = add_multiverse(run, runs_root(project), result, multiverse_cap)
    if as_json:
        print_json(result.document())
    else:
        show(run, result)
    if not result.trusted:
        raise typer.Exit(TrustError.exit_code)


def _rehearse(project: ProjectFile, as_json: bool) -> None:
    """Read and check everything that a fit reads, and say what it would do."""
    from cli.commands.check import read_panel
    from cli.config import load, media_section, runs_root
    from cli.outputs.media import FitOutput
    from cli.terminal import print_findings, print_json, say
    from outlay.document import FindingRow

    loaded = load(project)
    panel = read_panel(loaded)
    if as_json:
        rows = [FindingRow.of(finding) for finding in panel.findings]
        empty = FitOutput(run=None, folder=None, trusted=None, reasons=[], checks=[], findings=rows)
        print_json(empty.document())
        return
    sampling = media_section(loaded).sampling
    print_findings(panel.findings)
    say(
        f"Would fit {len(panel.channels)} channels on {panel.n_periods} {panel.frequency.name} periods "
        f"({sampling.chains} chains of {sampling.tune} + {sampling.draws} draws) and write a run to "
        f"{runs_root(project)}. Nothing was written."
    )


def summarise(run: Run) -> FitOutput:
    """The fit's trust and findings."""
    from cli.calibration import calibration_of
    from cli.fits import findings_of, is_trusted, mapping, reasons, trust_checks
    from cli.outputs.media import FitOutput
    from outlay.document import FindingRow

    return FitOutput(
        run=run.id,
        folder=str(run.path),
        trusted=is_trusted(run),
        reasons=reasons(run),
        checks=trust_checks(run),
        findings=[FindingRow.of(finding) for finding in findings_of(run)],
        engine=mapping(run, "model.json").get("engine"),
        engine_reason=mapping(run, "model.json").get("engine_reason", ""),
        calibration=calibration_of(run),
        changes=_changes(run),
    )


def _changes(run: Run) -> ChangesRows | None:
    """What moved since the previous fit, where there is one to compare with."""
    from cli.fits import mapping
    from cli.outputs.answers import ChangeRow, ChangesRows
    from outlay.document import documents

    if "changes.json" not in run.manifest["files"]:
        return None
    return ChangesRows(**mapping(run, "changes.json"), rows=documents(run.table("changes"), ChangeRow))


def show(run: Run, result: FitOutput, told: Sequence[Finding] = ()) -> None:
    """Print the trust table; findings, without those already told, and prose go to stderr."""
    from cli.changes import show_changes
    from cli.fits import findings_of, mapping
    from cli.terminal import print_findings, print_table, say
    from outlay import style
    from outlay.text_table import Column, TextTable

    rows = [
        (
            check.name,
            f"{check.value:.4g}" if check.value is not None else style.MISSING,
            f"{check.limit:g}",
            check.quantity,
            "passed" if check.passed else "FAILED",
        )
        for check in result.checks
    ]
    columns = [Column("Check", False), Column("Worst value"), Column("Limit"), Column("Worst quantity", False, 1)]
    columns.append(Column("Result", False))
    print_table(TextTable("Trust", columns, rows))
    print_findings(finding for finding in findings_of(run) if finding not in told)
    if result.calibration is not None:
        from cli.calibration import show_calibration

        show_calibration(result.calibration, float(mapping(run, "model.json")["hdi"]))
    if result.changes is not None:
        show_changes(result.changes)
    if result.multiverse is not None:
        from cli.multiverse import show_multiverse

        show_multiverse(result.multiverse)
    if result.engine is not None:
        say(f"Sampled by {result.engine}{': ' + result.engine_reason if result.engine_reason else ''}")
    say(f"Run {run.id} is in {run.path}")
    if result.trusted:
        say("The posterior passed the trust gate. Next: outlay roi, outlay plan, outlay report")
        return
    say("The posterior did NOT pass the trust gate; its numbers are kept but not reported (exit 4):")
    for reason in result.reasons:
        say(f"  - {reason}")
