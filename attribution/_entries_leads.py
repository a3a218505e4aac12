"""What ``outlay explain`` tells about the findings of leads."""

from outlay.findings import Entry

_ROWS: dict[str, Entry] = {
    "L001": Entry(
        "A stage that is neither 0/1 nor a day",
        "error",
        "A stage's column says whether a lead got there: 0 or 1, true or false, or the day on which it did, empty where "
        "it did not. The cells named hold something else, such as 2, a word, or both kinds mixed, and what such a cell "
        "means for the lead is not known.",
        "Write 0/1 or days in the whole column. A status such as 'SQO' in one column becomes one column per stage. "
        "Dates in another notation are read after date_format is stated under csv.",
    ),
    "L002": Entry(
        "A 0/1 stage without a number",
        "error",
        "The column of a stage holds 0 and 1 and some cells are empty. Empty may mean not reached or not known, and "
        "both give another conversion rate. (In a column of days an empty cell means not reached, because there is no "
        "other way to say it.)",
        "Write 0 where the lead did not reach the stage. Leave the row out only if nobody knows.",
    ),
    "L003": Entry(
        "A later stage without an earlier one",
        "error",
        "Leads reached a stage and not the one before it, so they would be counted as conversions of leads that were "
        "never there: a rate above 100 % is possible. It happens where sales enters deals by hand, or where the "
        "stages are listed in another order than leads pass them.",
        "Check the order of `stages` in the project file. Where the earlier step was taken and not recorded, fill it "
        "in (the day of the later stage at the latest); a way to buy that skips the stage belongs in a funnel of its own.",
    ),
    "L004": Entry(
        "Stages out of order",
        "error",
        "Leads have a later stage on a day before an earlier one. The days between stages would be negative, and how "
        "long a transition takes is learnt from them.",
        "Correct the days named, or the order of `stages`. A stage entered late in the system should carry the day on "
        "which it happened.",
    ),
    "L005": Entry(
        "Conversion before creation",
        "error",
        "Leads reached a stage before the day on which they were created. Often the date column holds the day of the "
        "last change or of an import in place of the day of creation.",
        "Name the column of the true day of creation as `date`, or correct the days named.",
    ),
    "L006": Entry(
        "Negative value",
        "error",
        "A lead's value is below zero. Credits and cancellations look like this; the value of a won lead has no "
        "logarithm then, and sums would fall with a conversion.",
        "Book the correction in the value of the lead that it corrects; write 0 where nothing was left of it.",
    ),
    "L007": Entry(
        "Last stage without a value",
        "error",
        "Leads reached the last stage and their value is empty. It is not taken for zero and not left out in silence, "
        "because deals without a number are seldom like the others: value per lead would be wrong by their share.",
        "Write the value, 0 where it brought nothing. If values are not known yet, remove `value` from [leads] and work "
        "with conversions until they are.",
    ),
    "L008": Entry(
        "Value without the last stage",
        "warning",
        "Leads have a value and did not reach the last stage: expected amounts of open deals, or a stage that was not "
        "recorded. These values are not counted.",
        "Nothing, if they are expected amounts. If the deals are won, record the stage.",
    ),
    "L009": Entry(
        "Value of zero",
        "warning",
        "Leads reached the last stage with a value of zero. They count as conversions; the model of values, which are "
        "positive by nature, sees only those above zero, and value per conversion is that of leads with a value.",
        "Write the true value where zero stands for not known. Free deals are better a stage or an outcome of their own.",
    ),
    "L010": Entry(
        "Dates in the future",
        "error",
        "A day lies after today, everywhere on earth. It cannot have happened: a planned closing date, a typing error in "
        "the year, or day and month swapped.",
        "Write the day on which it happened, and leave the cell of a stage empty until then.",
    ),
}
_TIME: dict[str, Entry] = {
    "L011": Entry(
        "The day of the table",
        "note",
        "Whether a lead is too young to have converted depends on the day on which the table was taken. None is stated, "
        "so the latest day in it is used, of creation or of a stage.",
        "State as_of in [leads] if the table was taken later, for example after a quiet weekend.",
    ),
    "L012": Entry(
        "Leads created after as_of",
        "warning",
        "as_of is stated and the table holds leads that were created later. They are left out: on that day nobody knew "
        "of them.",
        "Nothing, if you look back on purpose. Otherwise move as_of to the day on which the table was taken.",
    ),
    "L013": Entry(
        "Stages reached after as_of",
        "warning",
        "as_of is stated and stages were reached later. They count as not reached, as on that day.",
        "Nothing, if you look back on purpose. Otherwise move as_of to the day on which the table was taken.",
    ),
    "L030": Entry(
        "How long a lead takes",
        "note",
        "A lead counts for a transition when it has had its time. The time is learnt from the days between the stages: "
        "the 95 % quantile of the delays of those that made it, corrected for the fact that young leads can only have "
        "made it quickly. Leads that are younger are excluded, or modelled, as `maturity` says.",
        "State maturity_days in [leads] if you know the sales cycle better.",
    ),
    "L031": Entry(
        "Young leads count as not converted",
        "warning",
        "The stage is 0/1, so nothing tells how long it takes to reach it, and no maturity_days are stated. Leads of "
        "the last weeks that are still on their way count as lost, and the rate of the last periods looks too low.",
        "State maturity_days in [leads], one number per transition, or give the stages as days.",
    ),
    "L032": Entry(
        "Too few conversions to learn from",
        "warning",
        "Fewer than 20 leads made the transition, so how long it takes is not known and no lead counts as too young. "
        "The rate is too low by those that are still on their way.",
        "State maturity_days in [leads].",
    ),
}

ENTRIES: dict[str, Entry] = {**_ROWS, **_TIME}
