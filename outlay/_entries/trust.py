"""What ``outlay explain`` tells about the trust gate."""

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "T001": Entry(
        "R-hat: the chains disagree",
        "error",
        "Several chains sample the same posterior from different starting points. R-hat (rank-normalised, split) "
        "compares the spread between chains with the spread inside them; above 1.01 they have not found the same "
        "distribution, so any mean or interval depends on which chain you ask. Nothing is reported from such a fit.",
        "Sample longer: raise [media.sampling] tune and draws (2000 each). If the same quantity fails again, the "
        "data allow several explanations of it: merge channels that always run together, add the control that is "
        "missing, give a narrower prior in [media.prior], or run a lift test.",
    ),
    "T002": Entry(
        "Bulk ESS: too few effective draws for means",
        "error",
        "Neighbouring draws of a chain are correlated; the effective sample size says how many independent draws "
        "they are worth. Under 400, means and medians still move visibly from seed to seed.",
        "Raise [media.sampling] draws (twice the draws give about twice the effective sample size).",
    ),
    "T003": Entry(
        "Tail ESS: too few effective draws for intervals",
        "error",
        "The same as T002 for the 5 % and 95 % quantiles, which are what intervals are made of. Under 400, interval "
        "ends still move visibly from seed to seed.",
        "Raise [media.sampling] draws.",
    ),
    "T004": Entry(
        "Divergent draws",
        "error",
        "A divergent draw marks a place in the posterior that the sampler could not follow. More than 1 in 1,000 "
        "means that a region may be missing from the answer, and with it part of the uncertainty.",
        "Raise [media.sampling] target_accept to 0.99. If divergences stay, look for channels with almost no data, or "
        "controls that copy each other, and take them out or merge them.",
    ),
    "T005": Entry(
        "E-BFMI: the energy was explored poorly",
        "error",
        "E-BFMI under 0.3 means that the sampler moved too slowly between the centre and the tails of the posterior, "
        "so intervals may be too short.",
        "Raise [media.sampling] tune and draws; if it stays low, take out or merge what the data cannot tell apart.",
    ),
    "T006": Entry(
        "A fit that did not pass the gate",
        "error",
        "The latest fit failed the trust gate. It is kept so that you can look into it, but tables, plans and "
        "reports made from it would state numbers that another seed would not repeat.",
        "Mend the cause that `outlay fit` named and fit again. To look at the numbers all the same, add --force: every "
        "output then carries the warning.",
    ),
    "T007": Entry(
        "The sampler could not run",
        "error",
        "The density of the model was not a number at every starting point, or became one on the way, so there are no "
        "draws and no run was kept. The checks of the data let nothing through that should end here.",
        "Take out channels, controls or groups one by one to find the series that breaks the model, and look there for "
        "values that are extreme against the rest of the series. If the data look right, report the project file.",
    ),
    "T008": Entry(
        "The device gave up",
        "error",
        "The GPU, or the CPU through JAX, stopped in the middle of sampling, so there are no draws and no run was "
        "kept. Mostly its memory was full; the first line of its own message is shown.",
        "Take fewer chains, or a device with more memory, or close what else runs on it. JAX_PLATFORMS=cpu runs on the "
        'CPU, and engine = "auto" without JAX.',
    ),
}
