"""What ``outlay explain`` tells about questions to a fitted model: windows, what-ifs, forecasts, changes."""

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "M020": Entry(
        "A window that the model does not score",
        "error",
        "Returns can be asked of any window inside the scored periods. The first rows only warm up the adstock, so "
        "what media did in them is not estimated, and after the last row there are no data.",
        "Choose dates inside the span that the message names; any day of a period stands for it. For the time after "
        "the data there is `outlay forecast`.",
    ),
    "M021": Entry(
        "A group that the model does not have",
        "error",
        "The groups of a model are the values of its group columns in the data. With two columns, one value of either "
        "may be named too: it then stands for all groups that have it.",
        "Choose one of the names in the message, or leave the group out to see all of them.",
    ),
    "M022": Entry(
        "A what-if that cannot be asked",
        "error",
        "What-ifs scale channels, or levers from their reference, by factors: 0 is off. The name is not one of the "
        "model's, the factor is below zero, or the channel has no effect to estimate (M001).",
        "Name channels as in the project file: `outlay roi --off tv,search` or `--scale tv=0.5`.",
    ),
    "M023": Entry(
        "A plan that cannot be forecast",
        "error",
        "A forecast needs to know what is spent on every paid channel in every period, and nothing is filled in: an "
        "amount that is left out is unknown, and not zero. The plan has to lie after the data, in amounts of zero or "
        "more.",
        "Bring a table with the columns date, channel, spend and, where there are groups, group; write 0 where nothing "
        "is spent. Without groups, amounts are split as the last year's spend was. `outlay plan` writes such a plan, "
        "and `outlay forecast --plan ID` reads it.",
    ),
    "M024": Entry(
        "A future that is too long",
        "error",
        "Controls, levers, values and costs of the future are those of the last year of data, which can be repeated "
        "once. Beyond that the model knows nothing to assume.",
        "Ask for fewer periods.",
    ),
    "M025": Entry(
        "A forecast whose noise has memory",
        "warning",
        "Neighbouring residuals of the fit are correlated, so a bad week is likely to be followed by another. The "
        "forecast draws the noise of every period on its own, as the model has it. The interval of a single period is "
        "right, that of a sum over periods is too narrow, and the probability of a goal is too sure.",
        "Widen the total's interval by the factor in the message, or give the model the slow cause: see M008.",
    ),
    "M026": Entry(
        "Two fits that cannot be compared",
        "note",
        "A change is measured over the periods that both fits scored, for the same KPI and periods of the same "
        "length. These two have none in common.",
        "Nothing to mend here. In Python, fitted.compare(previous) compares any two fits.",
    ),
    "M027": Entry(
        "A change whose cause is not known",
        "note",
        "Data and beliefs (the [media] section) both changed since the previous fit. To tell what each did, the new "
        "data are fitted under the old beliefs as well; that could not be done, for the reason in the message.",
        "Change one at a time: fit the new data first, then the new section.",
    ),
    "M028": Entry(
        "A change against a fit that nobody should trust",
        "note",
        "The previous fit did not pass the trust gate: its numbers may be those of chains that had not agreed, and "
        "then a change says more about that fit than about the market.",
        "Compare with an earlier run that passed: load both in Python and call fitted.compare(previous).",
    ),
}
