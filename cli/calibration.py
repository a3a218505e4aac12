"""What lift tests did to a fit, in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.outputs.calibration import CalibrationRow, CalibrationRows, LiftTestRow
from cli.terminal import emit, print_table
from outlay import style
from outlay.text_table import Column, TextTable

if TYPE_CHECKING:
    from outlay.runs import Run


def calibration_of(run: Run) -> CalibrationRows | None:
    """The calibration that a run keeps; None where it was fitted without tests."""
    from outlay.document import documents

    if "tables/lift_tests.parquet" not in run.manifest["files"]:
        return None
    tests = run.table("lift_tests")
    for name in ("start", "end"):
        tests[name] = tests[name].dt.strftime("%Y-%m-%d")
    channels = documents(run.table("calibration"), CalibrationRow)
    return CalibrationRows(tests=documents(tests, LiftTestRow), channels=channels)


def show_calibration(rows: CalibrationRows, hdi: float) -> None:
    """Print every test beside what the model expects, and every tested channel's ROI without and with the tests."""
    level = f"{hdi:.0%}"
    unit = rows.tests[0].unit
    tests = [
        Column("Lift test", False),
        Column("Spend\nchange", optional=2),
        Column(f"Measured\n({unit})"),
        Column("(se)"),
        Column("Series\nalone"),
        Column("With\ntests"),
        Column(level, False, optional=1),
        Column("Apart\n(se)"),
    ]
    cells = [
        (
            row.test,
            style.number(row.spend_change),
            style.number(row.observed),
            style.number(row.observed_se),
            style.number(row.without_mean),
            style.number(row.with_mean),
            f"{style.number(row.with_hdi_low)} to {style.number(row.with_hdi_high)}",
            f"{row.distance:+.1f}" if row.distance is not None else style.MISSING,
        )
        for row in rows.tests
    ]
    emit("")
    print_table(TextTable("Lift tests, and the lift that the model expects", tests, cells))
    emit("")
    _show_channels(rows.channels, level)


def _show_channels(rows: list[CalibrationRow], level: str) -> None:
    organic = [row.roi_mean is None for row in rows]
    columns = [Column("Channel", False), Column("", False), Column("Contribution"), Column(level, False, optional=1)]
    columns += [Column("ROI"), Column(level, False)]
    cells = [
        (
            row.channel,
            row.stage,
            style.number(row.contribution_mean),
            f"{style.number(row.contribution_hdi_low)} to {style.number(row.contribution_hdi_high)}",
            "" if free else style.ratio(row.roi_mean),
            "" if free else f"{style.ratio(row.roi_hdi_low)} to {style.ratio(row.roi_hdi_high)}",
        )
        for row, free in zip(rows, organic, strict=True)
    ]
    print_table(TextTable("What the tests did to the tested channels", columns, cells))
    emit("")
