"""What ``outlay explain`` tells about the findings of leads."""

from outlay.findings import Entry

_ROWS: dict[str, Entry] = {
    "L001": Entry(
        "A stage that is neither 0/1 nor a day",
        "error",
        "A stage's column says whether a lead got there: 0 or 1, true or false, or the day on which it did, empty "
        "where it did not. The cells named hold something else, such as 2, a word, or both kinds mixed, and what such "
        "a cell means for the lead is not known.",
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
        'in (the day of the later stage at the latest), or write skipped_stages = "reached" under [leads] to count '
        "these leads as having taken it; a way to buy that skips the stage belongs in a funnel of its own.",
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
        'Write the value, 0 where it brought nothing. Where it cannot be found, missing_value = "leave_out" under '
        "[leads] counts these leads as conversions and keeps them out of values. If values are not known yet, remove "
        "`value` from [leads] and work with conversions until they are.",
    ),
    "L017": Entry(
        "Skipped stages count as reached",
        "warning",
        'skipped_stages = "reached": leads that are at a later stage count as having reached the one that the table '
        "does not show. The rate to that stage then is too high if some of them really went another way, and the rate "
        "from it is raised as well, because all of them went on. The day on which they reached it stays unknown: how "
        "long transitions take is not learnt from it, their age counts from the last day before it that is known, and "
        "where stages are counted by the day of reaching them, the day of the next stage stands in.",
        "Record the stage where leads are worked. Nothing, if they are few.",
    ),
    "L018": Entry(
        "Conversions without a value are left out of values",
        "warning",
        'missing_value = "leave_out": these leads count as conversions, and their value is not in the model of values '
        "nor in any sum of values. Where value per conversion is used, deals without a number are taken to be like "
        "those with one; sums of values, as in a scorecard, are too low by what they brought.",
        "Write the values as they become known. Look at who lacks them: if it is the large deals, values are too low.",
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
        "Write the true value where zero stands for not known. Free deals are better a stage or an outcome of their "
        "own.",
    ),
    "L010": Entry(
        "Dates in the future",
        "error",
        "A day lies after today, everywhere on earth. It cannot have happened: a planned closing date, a typing error "
        "in the year, or day and month swapped.",
        "Write the day on which it happened, and leave the cell of a stage empty until then.",
    ),
}

_TIME: dict[str, Entry] = {
    "L011": Entry(
        "The day of the table",
        "note",
        "Whether a lead is too young to have converted depends on the day on which the table was taken. None is "
        "stated, so the latest day in it is used, of creation or of a stage.",
        "State as_of in [leads] if the table was taken later, for example after a quiet weekend.",
    ),
    "L012": Entry(
        "Leads created after as_of",
        "warning",
        "as_of is stated and the table holds leads that were created later. They are left out: on that day nobody "
        "knew of them.",
        "Nothing, if you look back on purpose. Otherwise move as_of to the day on which the table was taken.",
    ),
    "L013": Entry(
        "Stages reached after as_of",
        "warning",
        "as_of is stated and stages were reached later. They count as not reached, as on that day.",
        "Nothing, if you look back on purpose. Otherwise move as_of to the day on which the table was taken.",
    ),
    "L019": Entry(
        "No lead by as_of",
        "error",
        "as_of is stated, and every lead was created later. On that day there was nothing to count.",
        "Move as_of to the day on which the table was taken, or remove it to use the latest day in the table.",
    ),
    "L016": Entry(
        "Stages of 0/1 cannot be taken back to as_of",
        "warning",
        "as_of is stated and leads were created after it, so the table was taken later. Stages that are 0/1 carry no "
        "day: conversions that came after as_of cannot be told apart and are counted.",
        "Give the stages as days, or take the table as it was on that day.",
    ),
    "L030": Entry(
        "How long a lead takes",
        "note",
        "A lead counts for a transition when it has had its time. The time is learnt from the days between the "
        "stages: the quantile of the delays of those that made it, corrected for the fact that young leads can only "
        "have made it quickly. Leads that are younger are excluded, or modelled, as `maturity` says.",
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
    "L033": Entry(
        "Young leads are left out",
        "warning",
        "These leads have not had their time to convert. Counting them as lost would make every rate too low, most of "
        "all those of the last periods, so they are in neither the trials nor the successes of that transition. They "
        "still count as leads, and the last periods may have no rate of their own.",
        'State a shorter maturity_days if the sales cycle is shorter. maturity = "model" keeps them, by the part of '
        "conversion that has come by their age, where stages hold days.",
    ),
    "L034": Entry(
        "Maturity cannot be modelled without days",
        "error",
        'maturity = "model" asks how much of the conversion has come by a lead\'s age. The stage is 0/1, so nothing '
        "tells how long leads take to reach it.",
        'Give the stage as days, or write maturity = "exclude" with maturity_days.',
    ),
    "L035": Entry(
        "Young leads are modelled",
        "note",
        "Leads that have not had their time count by the part of conversion that has come by their age. The counts "
        "are then Binomial(n F, p) in place of Binomial(n, p F): the same mean, and a variance that is too small by "
        "at most the factor 1 - p for the youngest leads. The part itself is taken as known.",
        'Nothing; write maturity = "exclude" to leave these leads out.',
    ),
}

_NAMES: dict[str, Entry] = {
    "L014": Entry(
        "Lead ids that come twice",
        "error",
        "The same id stands in several rows. If the rows are one lead, every count is too high by the copies; if they "
        "are several, the id is not an id. An export joined with a list of activities, one row for each, looks like "
        "this.",
        "Keep one row per lead, or name the column that is an id of the lead and not of the person or company.",
    ),
    "L015": Entry(
        "Leads without an id",
        "warning",
        "Rows have no id. They are counted, but whether they repeat another row cannot be seen, and their scores and "
        "journeys cannot be handed back to anybody.",
        "Fill in the ids, or remove the rows if they are not leads.",
    ),
    "L020": Entry(
        "Leads without a name in a grouping column",
        "warning",
        'The cell is empty. The leads are kept under the level "(missing)", which gets a rate of its own, and are not '
        "dropped or spread over the others: leads that nobody assigned seldom convert like those that somebody did.",
        "Fill the cells where the name is known. Nothing, if they are few.",
    ),
    "L021": Entry(
        "Unknown segment",
        "warning",
        "`segments` lists the segments there are, and the table has others. Their leads are kept under the name that "
        "they have and get a rate of their own, so a misspelt name takes leads away from the segment that was meant.",
        "Correct the names in the table, or add the segment to `segments` in [leads].",
    ),
    "L022": Entry(
        "A part in two wholes",
        "warning",
        "A sub-segment (or sub-region) occurs in more than one segment (or region). Counts are kept apart by both, so "
        "they add up, but a row of the drill-down with the same name then stands in two places.",
        "Give the parts names of their own, or correct the rows in which one of the two is wrong.",
    ),
    "L023": Entry(
        "One name in two spellings",
        "warning",
        "Names differ only in capital letters. They are taken as written, as two levels with a rate each, because the "
        "table may mean two things.",
        "Bring them to one spelling if they are the same.",
    ),
    "L024": Entry(
        "Leads without a score",
        "warning",
        'The rule-based score is empty. The leads are kept in a band of their own, "(missing)".',
        "Fill in the score, 0 only where the rules gave 0.",
    ),
    "L025": Entry(
        "A grouping column with very many names",
        "warning",
        "The column has more than a thousand different names. Cells are then as many as leads, and a rate per name "
        "rests on next to nothing; names of people, companies or campaigns look like this.",
        "Name a coarser column, or take it out of [leads] and use it as a feature of [score].",
    ),
    "L026": Entry(
        "A segment without leads",
        "warning",
        "`segments` lists a segment that no lead is in. Its rates would come from the other segments alone.",
        "Correct the name, or remove it from `segments`.",
    ),
    "L027": Entry(
        "Score bands of uneven size",
        "warning",
        "Bands are cut at quantiles of the score, and leads with the same score stay in one band. Many leads share a "
        "score, so there are fewer bands than asked for, or some hold far more leads than others.",
        "Ask for fewer score_bands, or nothing if the sizes do.",
    ),
}

_LABELS: dict[str, Entry] = {
    "L050": Entry(
        "Leads whose customer has no segment",
        "warning",
        "[leads.labels] looks up the segment of each lead's customer. These leads name no customer, or one that the "
        'segments do not know: somebody new, or a name in another spelling. They are kept under the level "(missing)", '
        "which gets a rate of its own. New customers seldom convert like those that are known, so nothing is guessed.",
        "Run `outlay segment` again, or `outlay segment --assign`, on a table that holds these customers. Bring the "
        "ids to one spelling where they differ.",
    ),
    "L051": Entry(
        "No lead finds its customer",
        "error",
        "Not one lead names a customer that the segments know. The two tables are of other customers, or they name "
        "them in another way: a number in one and a name in the other, a prefix, leading zeros.",
        "Compare the ids that the message shows. `customer` in [leads.labels] and `id` in [customers] have to be "
        "columns with the same names in them.",
    ),
    "L052": Entry(
        "Where segments come from",
        "note",
        "The segment of a lead is that of its customer in a run of `outlay segment`. The run is a parent of what is "
        "made from these leads, so that the report says when there are newer segments.",
        "Nothing. Name a run in [leads.labels] to stay with its segments.",
    ),
    "L053": Entry(
        "Segments know what came after the lead",
        "warning",
        "The segments were made from purchases or value up to a later day than that on which leads were created. A "
        "customer who bought because of a lead is in a segment of those who buy, so segments look as if they told more "
        "about conversion than anybody knew on the day of the lead. Rates by segment still describe who converted; as "
        "a forecast of new leads they promise too much.",
        "Make segments from what does not change with a purchase (size, industry, region), or write as_of in "
        "[customers] for a day before the leads.",
    ),
    "L054": Entry(
        "No segments yet",
        "note",
        "[leads.labels] takes the segment of each lead from `outlay segment`, which has not run yet. The leads are "
        "checked without segments; commands that model or score them wait for the segments.",
        "Run `outlay segment`, and `outlay check` again: it then tells how many leads found their customer's segment.",
    ),
}

_COUNTS: dict[str, Entry] = {
    "L040": Entry(
        "Weeks without leads",
        "warning",
        "Between the first lead and the last there are weeks in which none was created. Either nothing came, or a "
        "part of the export is missing, and then monthly counts, goals and the movement of rates are wrong around it.",
        "See that the export is whole. Nothing, if the weeks were truly quiet.",
    ),
    "L041": Entry(
        "Few leads",
        "warning",
        "There are too few leads, or too few conversions, for rates by segment and channel: intervals will be wide, "
        "and most of what is said about a cell comes from the average of all.",
        "Take a longer time, fewer grouping columns, or an earlier stage as the outcome.",
    ),
    "L042": Entry(
        "No lead had its time",
        "error",
        "Not one lead counts for this transition: nobody reached the stage before it, or everybody who did is younger "
        "than the transition takes. There is no rate to tell.",
        "Take a longer time, state a shorter maturity_days, or leave the stage away.",
    ),
    "L043": Entry(
        "Nobody or everybody converts",
        "warning",
        "All leads that had their time have the same outcome. Rates by cell then only say how sure that is, and "
        "nothing tells segments apart. A stage that copies the one before it looks like everybody, a column that is "
        "not filled like nobody.",
        "See that the stage's column is the right one. A stage that everybody passes can be left away.",
    ),
    "L044": Entry(
        "Cells without leads",
        "note",
        "Some combinations of segment and channel hold no lead. Their rates come from their segment and their channel "
        "alone, with wide intervals.",
        "Nothing, if the combination does not exist.",
    ),
}

ENTRIES: dict[str, Entry] = {**_ROWS, **_TIME, **_NAMES, **_LABELS, **_COUNTS}
