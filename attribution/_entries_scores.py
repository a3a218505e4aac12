"""What ``outlay explain`` tells about the findings of scores."""

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "S001": Entry(
        "Only one outcome",
        "error",
        "Every lead that the score could learn from ended the same way, or none has had its time. A score tells "
        "leads that convert from leads that do not; with one kind there is nothing to tell apart.",
        "Check that [score] stage names the stage that you mean, and that the table holds the leads that failed too "
        "and not only those that were won. If the leads are all young, wait, or lower [leads] maturity_days.",
    ),
    "S002": Entry(
        "A column that decides the outcome alone",
        "error",
        "One column alone ranks leads almost perfectly (AUC of 0.95 or more on leads that its rates were not "
        "counted on). Nothing known on the day a lead is made does that: the column is the outcome under another "
        "name, or was written after it. A score that learns from it looks perfect and is useless on new leads.",
        "Add the column to [score] exclude. If you are sure that it is known on the day the lead is made, add it to "
        "[score] keep and the guard lets it pass.",
    ),
    "S003": Entry(
        "A column that is filled in only after the outcome",
        "error",
        "The column is empty for nearly all leads that did not convert and filled for most that did: whether there "
        "is a value gives the outcome away. Close dates, contract numbers and reasons for winning look like this. A "
        "new lead has none yet, and would always score low.",
        "Add the column to [score] exclude. If it is known on the day the lead is made, add it to [score] keep.",
    ),
    "S004": Entry(
        "A column that tells more than most",
        "warning",
        "One column alone ranks leads with an AUC of 0.78 or more. It may be a very good feature, or one that is "
        "known only while or after the lead is worked: the duration of the sales call is the textbook case, since "
        "it is zero for leads that nobody reached. The score has learnt from it; if it leaks, every number of this "
        "run is too good.",
        "Ask when the column is written. If that is after the lead is made, add it to [score] exclude and score "
        "again; if before, add it to [score] keep, and this warning is gone.",
    ),
    "S005": Entry(
        "A column was not learnt from",
        "note",
        "The column is the same for every lead, is nearly unique (an id, a name), holds free text or dates. None of "
        "these say anything about the next lead as they stand: an id never comes again and a date has passed.",
        "Nothing, if that is right. If the column holds something useful, make it a column of few levels or a "
        "number (the weekday, the days since the last visit, the industry in the text) and score again.",
    ),
    "S006": Entry(
        "Text that holds numbers",
        "note",
        "Nearly all values of a text column are numbers, so that it was read as numbers; blanks and words in it "
        "count as missing, and missing is kept as information of its own.",
        "Nothing, if that is right. If the numbers are codes and not amounts, write them with a letter before them, "
        "so that they are read as levels.",
    ),
    "S007": Entry(
        "Rare levels stand together",
        "note",
        "Levels with fewer than 20 leads, or beyond the 200 commonest, cannot be learnt from one by one. They share "
        'one level, "(rare)", and so does any level that comes up later and was never seen.',
        "Nothing. If levels belong together in a way that you know (by industry, by country), group them in the table.",
    ),
    "S008": Entry(
        "Too few conversions to learn from",
        "error",
        "Fewer than ten leads of the training period converted (or did not). Whatever a score learnt from so few "
        "would be chance, and there would be no telling.",
        "Predict an earlier stage of the funnel, which more leads reach; begin the test later ([score] test_from); "
        "or give more history.",
    ),
    "S009": Entry(
        "No lead is left to check the score",
        "error",
        "No lead with a known outcome was created in the test period, so that nothing would say how good the score "
        "is. A score that was never checked is not given out.",
        "Move [score] test_from to an earlier day, or leave it out: the last quarter of the leads then checks the "
        "score.",
    ),
    "S010": Entry(
        "No feature is left",
        "error",
        "After what was excluded and what cannot be learnt from (ids, dates, free text, constants), no column remains.",
        "Look at the S005 notes for what was left out and why; name columns under [score] features, or take some "
        "out of [score] exclude.",
    ),
    "S011": Entry(
        "Levels that were never seen",
        "warning",
        "Leads that are scored have levels of a column that no lead of the training period had. Nothing is known "
        "about them: they count as no level at all, which is neither good nor bad. Their scores rest on the other "
        "columns.",
        "Check the spelling: a new campaign name is fine, a renamed segment is not. The next run learns the level "
        "once leads with it have had their time.",
    ),
    "S012": Entry(
        "Leads between training and test",
        "note",
        "The test shows what the score would have done on the day that it begins. Leads created shortly before had "
        "no outcome by then, so that a score made on that day could not have learnt from them; they are not tested "
        "either.",
        "Nothing. With a shorter [leads] maturity_days fewer leads fall in between, and more that would still have "
        "converted count as failed.",
    ),
    "S013": Entry(
        "Few conversions to learn from",
        "warning",
        "Fewer than 100 leads of the training period converted. The score can be learnt, but intervals are wide and "
        "grades of neighbouring leads may swap with a few more leads.",
        "Read the intervals. An earlier stage has more conversions; a longer history has too.",
    ),
    "S014": Entry(
        "The leads have drifted",
        "warning",
        "The distribution of a feature or of the score in the test period is far from that of the training period "
        "(population stability index of 0.25 or more). The score was learnt on other leads than it is now used on: "
        "its ranking may still hold, its probabilities less so.",
        "Look at what changed: a new source of leads, a renamed level, a form that asks something else. Score again "
        "often, so that the training period reaches up to now.",
    ),
    "S015": Entry(
        "The conversion rate has moved",
        "warning",
        "Leads of the test period convert at another rate than those of the training period, by more than chance. "
        "Probabilities learnt on the past are then wrong by about that factor; the drift term follows the rate as "
        "outcomes come in, as late as leads take to mature.",
        "Find out why: another mix of leads, another follow-up, a season. Use the probabilities with the drift term "
        "on ([score] drift = true), and score again often.",
    ),
    "S016": Entry(
        "No rule-based score to compare with",
        "note",
        "[leads] names no column of a rule-based score, or it is empty for all leads of the test, so that nothing "
        "stands beside the grades but chance.",
        "Name the column under [leads] score if you have one; grades are then compared with it lead by lead.",
    ),
    "S017": Entry(
        "No lead is open",
        "note",
        "Every lead of the table has had its time, so that there is nothing new to grade. Where stages are 0/1 and "
        "[leads] maturity_days is not given, nobody can tell a young lead from a failed one: leads of the last "
        "seven days that have not reached the stage then stand for the open ones, and their outcomes are not learnt "
        "from.",
        "Give [leads] maturity_days, or stages as days; and score a table that holds the leads of this week.",
    ),
    "S018": Entry(
        "Seller hours that match no segment",
        "warning",
        "[score] hours or hours_per_lead names segments, and leads of others have none: nothing says how many of "
        "these leads can be worked, so that none is handed over.",
        "Name every segment, in the spelling of the table, or give one number for all.",
    ),
    "S019": Entry(
        "An adjustment was tried and not taken",
        "note",
        "The recalibration by segment and channel, and the drift term, are tried on parts of the training period, each "
        "with what was known when the part began. A recalibration that does not predict better is left alone: an "
        "adjustment for its own sake only adds noise, and a classifier that sees segment and channel may have learnt "
        "what it would add. The drift term insures against what has not moved yet, so that it is left out only where "
        "it costs more than 2 % of the log-loss.",
        "Nothing has to be done: the note says what was tried, and by how much it would have predicted worse.",
    ),
    "S020": Entry(
        "Grades that share a score",
        "note",
        "Leads of equal score lie on both sides of a grade's border. Grades have fixed sizes, so that among equals "
        "the order of the table decides.",
        "Nothing. If many leads share a score, the features tell them apart too little: add some.",
    ),
    "S021": Entry(
        "A feature was asked for that cannot be one",
        "error",
        "[score] features names a stage of the funnel, the value of a deal, or the date of creation. Those are "
        "known after the lead is made, or say when and not what it is; a score that learns from them leaks.",
        "Take the column out of [score] features.",
    ),
    "S022": Entry(
        "Leads without dates",
        "note",
        "The leads have no day of creation, so that training and test are drawn by the seed and are not apart in "
        "time. Numbers from such a split are better than what the next month will show wherever anything drifts.",
        "Give the day of creation where there is one.",
    ),
    "S023": Entry(
        "A rare class of the outcome",
        "warning",
        "A class of the outcome has fewer than 20 leads to learn from. Its probability is learnt, and is near its "
        "rate; there is little more to know about it.",
        "Read its numbers with their intervals; join it with a class that means the same, or wait for more leads.",
    ),
    "S024": Entry(
        "Leads without a class",
        "warning",
        "The outcome column is empty for leads that have had their time. They were neither learnt from nor tested.",
        "Fill the column in; if empty means that nothing happened, write that as a class of its own.",
    ),
    "S025": Entry(
        "Leads without a day of creation",
        "error",
        "Scores are learnt and checked in order of time, so that a lead without a day can stand neither before nor "
        "after the first day of the test. Nothing was scored.",
        "Fill in the days or leave those leads out. A table without any day can be given without `created`: the seed "
        "then draws training and test.",
    ),
    "S026": Entry(
        "Grades differ by a protected column",
        "warning",
        "Leads with one level of a protected column are graded A or B less than four fifths as often as those with "
        "another, by more than chance. The four-fifths rule (United States, 29 CFR 1607.4 D) takes that as a sign of "
        "adverse impact where a decision about people follows. The score did not learn from the column; columns that "
        "go with it are enough.",
        "Ask what follows for a lead from its grade. If it matters, look at which features go with the column and add "
        "them to [score] exclude, or hand over leads of each group by its own order; and have a person decide.",
    ),
    "S027": Entry(
        "What is said of a protected group does not come true",
        "note",
        "The mean probability of the leads with one level of a protected column lies outside the interval of their "
        "rate: they are promised more, or less, than came. With intervals of 90 % one level in ten does so by chance.",
        "Nothing, if it is one level of many and the distance is small. If a group is promised less than it brings, "
        "its grades are too low: a feature that tells it apart for a business reason, or more leads, mends that.",
    ),
    "S028": Entry(
        "A protected column was cut into groups",
        "note",
        "A protected number (an age, a size) is told by bands with about as many leads each, and levels with very few "
        "leads stand together, because a rate of a handful says nothing.",
        "Nothing. For bands of your own write a column with their names and protect that.",
    ),
}
