"""Findings about lift tests: M029 to M039."""

from __future__ import annotations

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "M029": Entry(
        "The fit without lift tests did not converge",
        "warning",
        "What the time series alone say, in the tables calibration and lift_tests, comes from a second fit without the "
        "tests. Its draws failed the trust gate, so those rows, and the standard errors between tests and time series, "
        "are not to be relied on. The fit with the tests is judged apart.",
        "Sample longer, by [media.sampling] tune and draws.",
    ),
    "M030": Entry(
        "A lift test of a channel or group that the model does not have",
        "error",
        "The test names a channel or group that is not in [media]. Several are joined by a plus sign: tv+radio. An "
        "empty group means all groups.",
        "Correct the name, or take the row out of the table of tests.",
    ),
    "M031": Entry(
        "A lift test outside of the data",
        "error",
        "The test's start and end do not lie within the dates of the media data, or the end is before the start. The "
        "model compares what ran in the window with what would have run without the test, so it needs the window.",
        "Correct the dates, bring data that cover the test, or turn the test into a prior on the channel's ROI.",
    ),
    "M032": Entry(
        "A lift test without a usable result",
        "error",
        "A test needs what it measured and how sure that is: lift and lift_se in units of the KPI, or roi and roi_se. "
        "A standard error is above zero; an interval of 90 % is 3.29 standard errors wide.",
        "Fill in one of the two pairs. Without a standard error the test cannot be weighed against the data.",
    ),
    "M033": Entry(
        "A lift test whose change of spend does not fit the data",
        "error",
        "spend_change is what the test added to the spend of its window, channels and groups in total (below zero "
        "where it took spend away). The data are what really ran, so a test cannot have added more than they hold.",
        "Check the sign and the unit of spend_change, and whether the spend of the test is in the data at all.",
    ),
    "M034": Entry(
        "A table of lift tests with other columns",
        "error",
        "The table has columns that mean nothing here, lacks one that is needed, or holds a word that is not known. "
        "Columns: channel, start, end and, where they apply, test, group, spend_change, lift, lift_se, roi, roi_se, "
        "carry_over (inside or after).",
        "Rename or remove the column; docs/calibration.md shows a table.",
    ),
    "M035": Entry(
        "A lift test of a channel that never ran in the scored rows",
        "error",
        "The model has no effect for this channel, because none of its exposure reaches a scored row, so a test has "
        "nothing to calibrate.",
        "Bring rows in which the channel ran, or take the test out.",
    ),
    "M036": Entry(
        "A dark test without a price",
        "error",
        "The test took away all spend of its window, and the data do not tell what the channel costs per exposure, so "
        "what would have run without the test is unknown.",
        "Bring rows with spend and exposure of the channel, or take the test out.",
    ),
    "M037": Entry(
        "A lift test and the time series disagree",
        "warning",
        "Without the tests the model expected a lift that lies more than two standard errors, the test's and its own "
        "taken together, from what the test measured. One of the two is about something else: another season, "
        "another audience, spend that media data do not hold, or a cause of the KPI that the model does not know.",
        "Look at the test's window, groups and spend first, then for what moves with the channel in the time series. "
        "With the tests the posterior is a compromise that may describe neither.",
    ),
    "M038": Entry(
        "A lift test that fills its first or last period only in part",
        "note",
        "The model knows whole periods. It spreads the test's change evenly over all exposure of its first and last "
        "period, the days before and after the test included.",
        "Give the spend_change and the lift of whole periods where the test's own data allow it. A test of a few days "
        "inside of one week says little about a weekly model.",
    ),
    "M039": Entry(
        "A lift test at the edge of the data",
        "note",
        "Carry-over from before the first row is taken as zero, and under a log likelihood carry-over after the last "
        "row cannot be counted, because it is a share of a KPI that is not known yet. The first makes saturation look "
        "smaller than it was, the second makes the predicted lift smaller.",
        "Bring rows before, or after, the test; media without a KPI are enough before.",
    ),
}
