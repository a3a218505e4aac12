"""Findings on worth."""

from __future__ import annotations

from outlay.findings import Entry

_DATA: dict[str, Entry] = {
    "K070": Entry(
        "Nobody bought again",
        "error",
        "A lifetime value is learnt from who comes back. No customer has a purchase on a second day, so neither how "
        "often customers buy nor when they leave can be learnt.",
        "Give the table of purchases a longer history, and check that `customer` names the person and not the order: "
        "an id that is new with each order makes every customer buy once. Or leave out `[customers.transactions]`.",
    ),
    "K071": Entry(
        "Few repeat buyers",
        "warning",
        "Fewer than 100 customers bought again. How different customers are, and how many leave, is then mostly what "
        "was believed before; single customers' values lie close to the mean because nothing tells them apart.",
        "Read the intervals and not the means. A longer history helps most.",
    ),
    "K072": Entry(
        "Purchases that cannot be",
        "error",
        "Frequency counts days with a purchase after the first, recency the days from the first to the last purchase, "
        "age the days from the first purchase to the day of counting. The rows named break what follows from that: "
        "0 <= recency <= age, and recency is above 0 where frequency is.",
        "Mend the rows, or let Outlay make these columns from raw purchases (`[customers.transactions]`).",
    ),
    "K073": Entry(
        "First purchase in the future",
        "error",
        "The customers named have their first purchase after the day that ages are counted to, so their age is below "
        "zero. Either the day is wrong or the purchases' dates are.",
        "Set `[customers] as_of` to the last day that the table is complete for, or mend the dates: days and months "
        "that are swapped are the usual cause.",
    ),
    "K074": Entry(
        "Repeat purchases worth nothing or less",
        "warning",
        "The mean of these customers' repeat purchases is zero or negative, mostly because returns are taken off. The "
        "model of money knows amounts above zero only. They stay in the model of purchases, and their purchases to "
        "come are valued at the population's mean, which is more than they brought.",
        'Nothing has to be mended where they are few. Where they are many, try returns = "leave_out" in '
        "`[customers.transactions]`.",
    ),
    "K075": Entry(
        "Repeat purchases without an amount",
        "warning",
        "These customers bought again and the money of it is not known: missing amounts, or everything was returned. "
        "They stay in the model of purchases and are valued at the population's mean.",
        "Fill in the amounts, if they are known somewhere.",
    ),
    "K076": Entry(
        "Purchases without money",
        "note",
        "No repeat purchase has an amount, so purchases to come are predicted and not what they are worth.",
        "Name the money of a row: `amount`, or `quantity` and `price`, in `[customers.transactions]`.",
    ),
    "K079": Entry(
        "Customers without a purchase",
        "note",
        "Customers of the table who have no purchase in the transactions have no frequency, recency and age. They get "
        "no prediction, and are not part of a segment's total.",
        "Nothing has to be mended if they never bought. If they did, check that both tables spell ids the same way.",
    ),
}

_MODEL: dict[str, Entry] = {
    "K077": Entry(
        "Frequency and money go together",
        "warning",
        "Gamma-Gamma takes it that how often customers buy has nothing to do with how much they spend at a time. Here "
        "it has. Where frequent buyers spend more, the value of those with a short history is told too high and the "
        "other way round, because they are drawn to one mean for all.",
        "Segments whose customers are alike in frequency are told right on the whole; compare single customers within "
        "a segment. Wholesale and private customers in one table are a usual cause: fit them apart.",
    ),
    "K078": Entry(
        "Frequency and money do not go together",
        "note",
        "Gamma-Gamma takes it that how often customers buy has nothing to do with how much they spend at a time. The "
        "rank correlation between the two is small enough here.",
        "Nothing has to be done: it is said because the values rest on it.",
    ),
    "K080": Entry(
        "Fails the holdout",
        "warning",
        "Fitted on the first part of the time, the model predicts the purchases of the last part wrongly: the total "
        "lies outside its interval and is off by more than 15 %. Values to come are likely to be off the same way.",
        "Look at the table by frequency: an error in all classes points to a season, a campaign or a trend in time, "
        "which these models do not know; one in a class to customers of another kind. Try the other model "
        "(`[customers.clv] model`), or a holdout of whole years where trade is seasonal.",
    ),
    "K081": Entry(
        "Not checked by a holdout",
        "note",
        "The model was not checked against purchases that it had not seen: none was asked for, or the history is too "
        "short to part in two.",
        "Set `[customers.clv] holdout` to the last part of the time to be predicted, for example 0.3.",
    ),
    "K082": Entry(
        "How customers differ is not known",
        "warning",
        "The data hardly move these parameters away from what was believed before them. What follows from them, such "
        "as how fast customers leave, is then an assumption.",
        "Read the intervals. A longer history tells rates apart, and customers who have been silent for long tell "
        "who left.",
    ),
    "K083": Entry(
        "The mean purchase is not known",
        "warning",
        "Customers' mean purchases differ so much, or so few are known, that the mean of all of them is uncertain by "
        "more than a factor of three. Customers without repeat purchases are valued at that mean.",
        "Read the intervals of values. A few very large customers are the usual cause: fit them apart.",
    ),
    "K084": Entry(
        "Horizon beyond the history",
        "warning",
        "Value is counted further ahead than twice the time that the oldest customer has been known. That many will "
        "stay so long is the model's shape and not seen.",
        "Ask for fewer `months` in `[customers.clv]`, or read the value as a comparison of customers.",
    ),
    "K085": Entry(
        "Lifetime value did not pass the trust gate",
        "warning",
        "The chains that sampled the model of purchases or of money do not agree, so its numbers cannot be relied on. "
        "Segments do not depend on it and stay usable.",
        "`outlay explain` with the check's id (T001 to T005) tells more. Few customers, or customers of two quite "
        "different kinds in one table, are the usual causes.",
    ),
    "K087": Entry(
        "Totals of money without bound",
        "warning",
        "Customers' mean purchases differ so much that their variance is infinite, or nearly so: one customer may "
        "bring more than all others together. The upper ends of segments' totals are taken by the variance of a shape "
        "of 2.25, which is finite, and are too low.",
        "Do not plan by the upper ends of totals. A few very large customers are the usual cause: fit them apart.",
    ),
    "K086": Entry(
        "Sampled by PyMC",
        "note",
        "The compiled density cannot run here, so PyMC sampled the same model: the same answer, more slowly.",
        "Install the versions of nutpie and numba that Outlay's requirements name to have the fast route.",
    ),
}

ENTRIES: dict[str, Entry] = {**_DATA, **_MODEL}
