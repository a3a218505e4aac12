"""What the rules of a plan can say beside P003 to P007 and P013: ids P070 to P079, and P063 to P065 on the total."""

from __future__ import annotations

from outlay.findings import Catalogue, Entry

RULE_ENTRIES: dict[str, Entry] = {
    "P063": Entry(
        "the rules leave no choice",
        "note",
        "The least and the most that each channel and group may get meet: the total, the range seen, changes and locks "
        "leave one amount for each. A budget far above what was ever spent does this, because the range seen then "
        "gives way only as far as the rescaled reference plan. The proof is true and says nothing.",
        "Widen what holds the channels: a max of their own, margin_of_range, max_change; or state a smaller budget.",
    ),
    "P064": Entry(
        "the total is fixed",
        "note",
        "The objective could also choose how much to spend, and [plan] budget fixes that. Profit or a target is then "
        "looked for by the mix alone: less or more money might serve it better. A scenario over a project file with a "
        "budget keeps that budget.",
        "Write budget_max (and budget_min) in place of budget to let the total be chosen; in a scenario they replace "
        "the project's budget.",
    ),
    "P065": Entry(
        "the reference plan keeps its own total",
        "note",
        "The optimizer chooses the total, so the reference plan is not rescaled: it spends what it spent. The two "
        "totals may differ, and the difference is told beside the gain.",
        "Nothing to mend. State [plan] budget to compare two plans of one total.",
    ),
    "P070": Entry(
        "a day outside of the window",
        "error",
        "A rule speaks of days that the plan does not cover. Any day of a period means that period, and the period "
        "must lie in the window of [plan] start and periods.",
        "Write days inside the window that the message names, or leave first or last out: they then stand for the "
        "window's own. Change [plan] start or periods where the window is what is wrong.",
    ),
    "P071": Entry(
        "a step limit on a timing that is given",
        "error",
        "max_step limits how far spend moves from one period to the next, which means something only where the "
        "optimizer decides every period. The timing of this cell is given: by the reference plan, evenly, or by a "
        "pattern.",
        'Write timing = "free" in the same bound (or in [plan]), or take max_step out.',
    ),
    "P072": Entry(
        "a pattern that does not fit the window",
        "error",
        "A pattern of timing has one number per period of the window, in order; their sizes against each other are "
        "what counts. Spend outside of the active stretches is not allowed, so the pattern must have some inside.",
        "Write exactly as many numbers as [plan] periods, with zeros where nothing runs. Without active, a zero in the "
        "pattern keeps the period free of spend too.",
    ),
    "P073": Entry(
        "two timings for one cell",
        "error",
        "Two bounds give the same channel and group different timings, or different active stretches. A cell has one.",
        "Keep one of the two, or name the groups so that each cell is meant once.",
    ),
    "P074": Entry(
        "spend is demanded where none may run",
        "error",
        "A rule demands spend in periods that are outside of the active stretches of the cells it speaks of, or in "
        "which their given timing has none.",
        "Widen active, choose another timing, or take the demand out of those periods.",
    ),
    "P075": Entry(
        "a rule of one's own that cannot be used",
        "error",
        "Rules written in cvxpy must be linear, or whole-numbered and linear, in the spend: the certificate rests on "
        "linear programs. Absolute values, largest and smallest of linear terms are fine where they are convex in the "
        "direction of the rule; products of spend, squares and norms are not.",
        "Write the rule as linear inequalities, with helper variables where needed. A share is linear when it is "
        "written as sum(part) >= share * sum(whole).",
    ),
    "P076": Entry(
        "a free total without a limit",
        "note",
        "The total is free and nothing limits it: no budget_max, no range seen, and no max on every channel. The "
        "optimizer needs a finite plan, so ten times the reference plan's total was taken as its most.",
        "Write budget_max, or keep margin_of_range switched on.",
    ),
    "P077": Entry(
        "reference timing cut to the active stretches",
        "note",
        "The reference plan spends on this cell outside of its active stretches too. Its timing was kept inside them, "
        "in proportion, and the rest was dropped; a cell without any spend inside was spread evenly over them.",
        "State a pattern in the bound if another timing is meant.",
    ),
    "P078": Entry(
        "decided spend does not fit",
        "error",
        "Locked amounts are spend that is already decided. They leave no room for another rule: the budget, or a limit "
        "on the same cells.",
        "Raise the budget or the limit that the message names, or take back a part of what is locked.",
    ),
    "P079": Entry(
        "a minimum-or-nothing that can only be nothing",
        "error",
        "The smallest spend that the rule allows beside nothing is more than another rule on the same cells allows, "
        "and a third demands some spend, or the amount is more than the whole budget.",
        "Lower min_or_zero below the most that these cells may get, or drop it and hold the cells at zero by max = 0.",
    ),
}

RULE_CATALOGUE = Catalogue(RULE_ENTRIES)
"""The same entries, ready to make findings of."""
