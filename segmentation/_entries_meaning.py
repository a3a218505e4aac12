"""Findings on what segments mean: profiles, names, maps, actions, drivers, effects, protected columns."""

from __future__ import annotations

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "K050": Entry(
        "Segments are told apart by what made them",
        "note",
        "Segments were made from the same features that their profile compares, so that they differ in them by "
        "construction: a clustering of pure noise does too. Intervals in the profile say how precisely a difference "
        "is known, given the segments. They are no tests of whether the segments are real.",
        "Whether segments are real is what stability says (the table of `outlay segment --choose`), and what columns "
        "say that segments were not made from: value, responses, lifetime value.",
    ),
    "K051": Entry(
        "Customers without a value",
        "warning",
        "The value of these customers is empty. They are counted in the size of their segment; its value per customer "
        "and its share of all value rest on the others. If the missing ones are not like the others, both are off.",
        "Fill the column in. If an empty cell means that nothing was bought, write 0: then it counts as nothing.",
    ),
    "K052": Entry(
        "Rare levels are told together",
        "note",
        "A category with very many levels is told by its commonest ones; the others stand in one row, and do not take "
        "part in ranks and names.",
        "Nothing has to be done. If levels belong together in a way that you know (cities by region, jobs by field), "
        "group them in the table: the profile then says more.",
    ),
    "K053": Entry(
        "A name of yours fits no segment well",
        "warning",
        "The values given under `like` are matched with the segments by how many customers lie between them and the "
        "segment's own; the best match of this name is still far off. The segments that were found may not contain "
        "the kind that you have in mind, or another name has taken the segment that it fits.",
        "Look at the profile of the segment that got the name. If it is wrong, change the values under `like`, name "
        "the segment by its number, or let there be more segments (k under [customers.clusters]).",
    ),
    "K054": Entry(
        "A name of yours fits two segments nearly alike",
        "warning",
        "The values given under `like` are about as near to a second segment as to the one that got the name, so that "
        "a few more customers could turn it round, and labels of other tables with it.",
        "Give values of more features under `like`, most of all of those that tell these two segments apart (the "
        "profile ranks them), or name the segment by its number.",
    ),
    "K055": Entry(
        "A name of yours has no segment",
        "warning",
        "There are fewer segments than names, or none has the number that is given. The name is not used, and whatever "
        "expects it in other tables (goals, hours, a plan by segment) will not find it.",
        "Give [customers.clusters] k at least as many segments as there are names, or take out the name.",
    ),
    "K056": Entry(
        "An action could not be judged",
        "note",
        "A condition of the action asks for something that is not known here: lifetime value without purchases, value "
        "where no column of it is named, or a feature of another table. The action is not recommended to anybody, "
        "which does not mean that it would be wrong.",
        "Nothing has to be done, if the action is not meant for these data. Else name what is missing: value, or "
        "[customers.transactions] for lifetime value.",
    ),
    "K057": Entry(
        "No action fits some segments",
        "note",
        "No action of the list has all its conditions met by these segments, so that nothing is recommended for them.",
        "Look at their profiles and add an action under [[customers.actions]] whose conditions they meet; the defaults "
        "are listed in the documentation and can be copied and changed.",
    ),
    "K058": Entry(
        "Drivers were learnt from a sample",
        "note",
        "Learning what goes with value takes time that grows with customers, and precision gained beyond tens of "
        "thousands is small. A sample drawn by the seed was used; intervals are those of the sample. The regression of "
        "a programme's effect uses all customers.",
        "Nothing has to be done: intervals show what the sample leaves open.",
    ),
    "K059": Entry(
        "A column is part of the value, and no driver of it",
        "note",
        "The column is one of those that are added up to the value, or gives it nearly alone. It would predict the "
        "value perfectly and explain nothing: who spends more on wine spends more.",
        "Nothing has to be done. If the column is known before the money is spent, and only looks alike, name the "
        "columns that may go with value under [customers.drivers] features.",
    ),
    "K060": Entry(
        "The features do not predict value",
        "warning",
        "On customers that the model had not seen it predicts value no better than the mean would, or not surely so. "
        "Importances and partial effects are then noise, whatever their order.",
        "Do not act on the list of drivers. More customers, or features that have to do with buying (visits, age of "
        "the account, channel), may change that.",
    ),
    "K061": Entry(
        "Too few customers to say what goes with value",
        "warning",
        "Held-out importance needs enough customers to learn from and to check on, and an effect needs people who take "
        "part and people who do not. With as few as here any number would be chance.",
        "Bring more customers, or name fewer columns. Profiles and sizes of the segments stand as they are.",
    ),
    "K062": Entry(
        "Segments were made from the value itself",
        "warning",
        "Value, or columns that are added up to it, are among the features of the segments. Customers of one segment "
        "then spend alike because that is how they were put together, so that comparing participants with others "
        "inside a segment finds less than there is: the comparison holds fixed what the programme may have changed. "
        "The row over all customers does not use segments and is not squeezed this way.",
        "For effects by segment, make segments from what is known before the money is spent: leave value and its parts "
        "out with [customers] ignore, or name the features.",
    ),
    "K063": Entry(
        "A programme is not 0 or 1",
        "error",
        "[customers.drivers] programmes names columns that say who took part: 1 (or yes, true) and 0 (or no, false). "
        "Another value has no meaning that could be compared; where all or none took part there is nobody to compare.",
        "Write a column of 0 and 1, for example 1 where the number of coupons used is above 0, and name that.",
    ),
    "K064": Entry(
        "Few took part in a segment",
        "warning",
        "Fewer than ten customers of a segment took part in the programme, or fewer than ten did not. What is said of "
        "the segment is then mostly borrowed from the others: its interval is about as wide as they differ.",
        "Read the interval and not the number. Join segments (a smaller k) or wait until more have taken part.",
    ),
    "K065": Entry(
        "Customers left out of the effect",
        "note",
        "These customers have no value, no entry on whether they took part, or a value of nothing or less that has no "
        "logarithm. They are left out of the comparison in both groups.",
        "Fill the cells in. If many customers have spent nothing, the comparison says what goes with the amount among "
        "those who buy, and not with whether they buy.",
    ),
    "K066": Entry(
        "Rates differ by a protected column",
        "warning",
        "A level of a protected column has less than four fifths of the rate of the level with the highest, by more "
        "than chance. The four-fifths rule (United States, 29 CFR 1607.4 D) takes that as a sign of adverse impact "
        "where the outcome decides over an offer. Leaving the column out of the features does not prevent it: other "
        "features go with it.",
        "Ask what follows for people from being in or out: who gets the better price, the call, the service. If it "
        "matters, look at which features go with the column (the profile), leave them out with [customers] ignore or "
        "[score] exclude, and run again; or serve both groups alike.",
    ),
    "K067": Entry(
        "Rates that may differ by a protected column",
        "note",
        "A level of a protected column has less than four fifths of the highest rate, but its interval reaches beyond "
        "four fifths: it may be chance.",
        "Nothing has to be done now. With more customers it will show whether it stays.",
    ),
    "K068": Entry(
        "A protected column was cut into groups",
        "note",
        "A protected number (an age, a year of birth) is told by bands with about as many customers each, and levels "
        "with very few customers stand together, because a rate of a handful says nothing.",
        "Nothing has to be done. For bands of your own (under 25, 25 to 64, 65 and over) write a column with their "
        "names and protect that.",
    ),
    "K069": Entry(
        "The map shows little of how segments differ",
        "note",
        "A plane holds two directions; the segments differ in more. Here less than half of what lies between their "
        "centres can be seen, so that segments which lie on each other on the map may be well apart.",
        "Trust the profile and not the map. Fewer features, or weights under [customers.clusters], make a map that "
        "shows more.",
    ),
}
