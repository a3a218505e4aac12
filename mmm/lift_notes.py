"""What a user should know about how the model reads his lift tests: whole periods, and the edges of the data."""

from __future__ import annotations

from collections.abc import Iterator

from mmm.catalogue import CATALOGUE
from mmm.design import Design
from mmm.lift_tests import LiftTest
from mmm.wording import count, day
from outlay.findings import Finding


def lift_findings(design: Design) -> list[Finding]:
    """Notes on tests that fill a period only in part (M038) or lie at the edge of the data (M039)."""
    told = (note for test in design.tests for note in (*_whole_periods(design, test), *_edges(design, test)))
    return list(told)


def _whole_periods(design: Design, test: LiftTest) -> Iterator[Finding]:
    if not test.days:
        return
    panel = design.panel
    frequency = panel.frequency
    window = panel.dates[[test.first, test.last]]
    compared = (day(frequency.first_days(window)[0]), day(frequency.last_days(window)[1]))
    if test.days != compared:
        ran, whole = " to ".join(test.days), " to ".join(compared)
        what = f"ran {ran}, and is compared over whole {frequency.unit}s, {whole}"
        yield CATALOGUE.finding("M038", f"lift test {test.name}", what)


def _edges(design: Design, test: LiftTest) -> Iterator[Finding]:
    carried = any(design.panel.adstock[c] != "none" for c in test.channels)
    unit, reach = design.panel.frequency.unit, design.l_max - 1 if carried else 0
    before = reach - test.first
    if before > 0:
        what = f"{count(before, unit)} of carry-over into the test lie before the first row and are taken as zero"
        yield CATALOGUE.finding("M039", f"lift test {test.name}", what)
    after = test.last + reach - (design.panel.n_periods - 1)
    if test.after and design.log and after > 0:
        what = f"{count(after, unit)} of carry-over after the test lie behind the last row and are not counted"
        yield CATALOGUE.finding("M039", f"lift test {test.name}", what)
