"""What ``outlay explain`` tells about the findings of goals."""

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "G001": Entry(
        "A stage without days cannot count by the day it was reached",
        "error",
        'With counted_by = "reached" a stage counts in the month in which it was reached, so every stage has to hold '
        "the day of reaching it. A column of 0/1 or true/false says that a lead got there and not when.",
        'Give the day of each stage in the table of leads, or set counted_by = "created" in [goals]: every stage then '
        "counts in the month in which its lead was created.",
    ),
    "G002": Entry(
        "Goals for a segment or region that no lead has",
        "error",
        "The goals name a segment or region that does not occur in the leads. Its leads would never count towards the "
        "goal, and the total would be compared with a goal that nothing can fill.",
        "Spell it as the leads do. A segment that has no leads yet can be named in segments of [leads]. A goal for all "
        "together leaves the cell empty. Goals that do not apply have to leave the table.",
    ),
    "G004": Entry(
        "Goals for a measure that does not exist",
        "error",
        'A goal is for a stage of [leads], spelled as in stages, or for "value", the money of the last stage, which '
        "needs value in [leads].",
        "Use the names of the stages, or name the column of the value in [leads].",
    ),
    "G005": Entry(
        "Two goals for the same",
        "error",
        "The table has more than one goal for the same month (or year), measure, segment and region. Which of them "
        "holds cannot be guessed, and adding them up would be a guess, too.",
        "Keep one row for each. Two days of the same month are the same month here.",
    ),
    "G006": Entry(
        "A goal below zero",
        "error",
        "A goal is a count of leads or an amount of money to be reached and cannot be negative.",
        "Correct the number; leave the row out where there is no goal.",
    ),
    "G007": Entry(
        "A year whose months do not all have a goal",
        "warning",
        "The year's goal is the sum of twelve months. Where months are missing, the sum of the others would be easier "
        "to reach than the year is, so the year has no goal, no pace and no probability.",
        "Give a goal for every month of the year. Or name the column period in [goals] and give the year a row of its "
        "own.",
    ),
    "G008": Entry(
        "Goals of the parts do not add up to that of the whole",
        "warning",
        "The table has a goal for a whole (all segments, all regions, or a year) and others for its parts, and the sum "
        "of the parts differs by more than 0.5 %. Every part can then reach its goal while the whole misses it, or the "
        "other way round. Each row of the scorecard is compared with its own goal.",
        "Decide which of the two holds and correct the other, or leave the whole's goal out: it is then the parts' "
        "sum.",
    ),
    "G009": Entry(
        "The month is running",
        "note",
        "The table of leads ends inside this month. Its counts are to date: they are compared with the part of the "
        "goal that is expected by that day and with the same days of the month before, never with a whole month.",
        "Nothing has to be done. The month's last day in the table (or as_of in [leads]) makes it a whole month.",
    ),
    "G010": Entry(
        "No goal for a month, a segment or a region",
        "note",
        "Leads are counted here and no goal stands beside them. They count in the totals all the same, so a total can "
        "reach a goal with leads that nobody planned.",
        "Add the goals, or read these rows as they are: counts without a goal.",
    ),
    "G011": Entry(
        "Conversions still to come are not known",
        "warning",
        "Stages count in the month in which the lead was created, and some leads are too young to have reached them. "
        "Without the days of the stages nothing tells how much is still to come: counts of late months are too low, "
        "are not compared with goals or earlier months as if they were final, and have no probability.",
        "Give the day on which each stage was reached in the table of leads. With 0/1 columns, maturity_days in "
        "[leads] at least tells which months are final.",
    ),
    "G012": Entry(
        "The year's season is not known",
        "note",
        "The usual shape of a year is learnt from 24 whole months or more. With fewer, months to come are taken to be "
        "as strong as the latest ones, with the uncertainty of the level alone. Where the business has a season, the "
        "probability of the year's goal does not know it.",
        "Give a longer history of leads where there is one. Otherwise read the year's probability with the season in "
        "mind.",
    ),
    "G013": Entry(
        "Leads begin inside the month or the year",
        "note",
        "The table of leads begins after the month or the year began. What came before is not in it, so that month is "
        "not compared with others and that year has no pace and no probability.",
        "Give the leads from the first day of the year, or read that year's counts as a part.",
    ),
    "G014": Entry(
        "The first months miss what was under way before",
        "note",
        "Stages count by the day on which they are reached, and the leads that reach them in the first months were "
        "partly created before the table begins. These months are low because of that. The forecast knows it, by how "
        "long leads take; a chart, a change or a year that holds these months does not.",
        "Give the leads that were created before, or read the first months with that in mind.",
    ),
    "G015": Entry(
        "A period that is neither month nor year",
        "error",
        'The column period of [goals] says for each row whether its goal is that of a "month" or of a "year".',
        'Write "month" or "year" in every row, or leave period out of [goals] if every goal is a month\'s.',
    ),
    "G016": Entry(
        "That month is not in the leads",
        "error",
        "The scorecard was asked for a month in which the table of leads has no day.",
        "Name a month from the first to the last one of the leads, as 2026-10; without --month it is the latest whole "
        "month.",
    ),
    "G017": Entry(
        "That segment, region or measure is not in the leads",
        "error",
        "The scorecard was asked for a part or a measure that the leads do not have.",
        "Spell it as in the leads; `outlay check` lists what there is.",
    ),
    "G018": Entry(
        "The project has no goals",
        "note",
        "Without [goals] the scorecard has no pace and no probability. Counts, changes, rates and contributions are "
        "told all the same.",
        "Add [goals] with a table of month, measure, goal and, where goals are set so, segment and region.",
    ),
}
