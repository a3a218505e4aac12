"""Entries of findings on tables of customers and on what is done to features (K001 to K029)."""

from __future__ import annotations

from outlay.findings import Entry

_COLUMNS: dict[str, Entry] = {
    "K001": Entry(
        "No column to make segments from",
        "error",
        "Segments are made from numbers, days and categories in which customers differ. No such column is left: ids, "
        "free texts, empty columns and columns with one value tell nothing about kinds of customers, and columns in "
        "`ignore` and `protected` are left out as asked.",
        "Add columns that describe customers, or purchases under [customers.transactions]. Where a column was left "
        "out that is a category, name it in `categorical`.",
    ),
    "K004": Entry(
        "All customers are the same",
        "error",
        "There is only one different row: no column distinguishes two customers, so there is one segment at most. A "
        "join that repeats one row, or a filter in the export, looks like this.",
        "Export the table again and see that its rows differ. With one customer only, there is nothing to segment.",
    ),
    "K005": Entry(
        "Numbers and names in one column",
        "error",
        "Most cells of the column hold a number and others hold something else. Read as numbers, the others would be "
        "lost; read as names, 9 and 10 would be as different as 9 and 9,000. Marks for missing values, such as N/A or "
        "unknown, are the usual cause.",
        "Empty the cells that hold no number. If the numbers are codes, name the column in `categorical`; if it is "
        "not needed, in `ignore`.",
    ),
    "K006": Entry(
        "A named column is empty",
        "error",
        "The project file names the column and not one of its cells holds anything, so nothing can be done with it.",
        "Correct the name, fill the column, or take it out of the project file.",
    ),
    "K007": Entry(
        "An empty column is left out",
        "warning",
        "Not one cell of the column holds anything. It tells nothing about customers and is no feature. Where it was "
        "filled in earlier tables, a step of the export has failed.",
        "Fill the column, or name it in `ignore` under [customers] if it is meant to be empty.",
    ),
    "K008": Entry(
        "An id as a feature",
        "error",
        "`features` names a column that is different for every customer, or nearly. It tells customers apart and not "
        "kinds of customers: every customer would be a kind of his own, and the distance between two of them would be "
        "that of their numbers.",
        "Take the column out of `features`. If it is the customer's id, name it as `id`.",
    ),
    "K009": Entry(
        "Ids and free texts are no features",
        "note",
        "A column with nearly as many different texts as customers, or with whole numbers that come once each and "
        "look like an id, tells customers apart and not kinds of customers. It is not compared.",
        "Nothing, if that is right. Name it in `categorical` or `numeric` if it is a feature, in `ignore` to have no "
        "note, and as `id` if it is the customer's id.",
    ),
    "K010": Entry(
        "Columns with one value are left out",
        "note",
        "Everybody has the same value, so the column tells nobody apart. Constants that a system adds to every row "
        "are the usual case.",
        "Nothing, if the column is meant to be constant; `ignore` takes the note away.",
    ),
    "K011": Entry(
        "How columns are taken",
        "note",
        "What a column is follows from its cells where the project file does not say it. A number with two values is "
        "compared as a category, because half of it means nothing. Programmes and responses are not features unless "
        "they are named: a segment made from who responded could not be used to say who will. Two numbers that move "
        "together as one are both compared, so that what they say counts twice.",
        "Name columns in `numeric`, `categorical` or `features` under [customers] where it should be otherwise.",
    ),
    "K022": Entry(
        "A programme or response that is not 0/1",
        "error",
        "Columns of programmes and responses say of every customer whether he took part: 0 or 1, true or false, yes "
        "or no. Another value cannot be counted. An empty cell is allowed where nobody knows.",
        "Write 0 or 1. Where the column holds how often or how much, make one of 0/1 from it.",
    ),
}

_IDS: dict[str, Entry] = {
    "K002": Entry(
        "Customer ids that come twice",
        "error",
        "The same id stands in several rows. Every size and share would count the customer several times, and his "
        "segment would be several. A table with one row per order, contract or month looks like this.",
        "Keep one row per customer. If rows are purchases, name the table under [customers.transactions].",
    ),
    "K003": Entry(
        "Customers without an id",
        "error",
        "Rows have no id, so their segment could be handed back to nobody, and their purchases could not be found.",
        "Fill in the ids, or remove the rows if they are no customers. Without `id` under [customers] the number of "
        "the row is the id.",
    ),
    "K028": Entry(
        "A weight that is not above zero",
        "error",
        "The weight says how many customers a row stands for. Zero, less than zero or an empty cell is no number of "
        "customers.",
        "Write the number of customers, or remove rows that stand for nobody.",
    ),
}

_CELLS: dict[str, Entry] = {
    "K012": Entry(
        "Impossible values count as missing",
        "warning",
        "The values lie outside what can be: the bounds of [customers.clean], or a year of birth before 1900 or after "
        "the day of the table, or an age outside 0 to 120, where the column's name says that it is one. They are "
        "taken as not known. The customers stay, and are put to a segment by their other features.",
        "Correct the cells. Where they are right, state wider limits under [customers.clean]: bounds = { column = "
        "[least, greatest] }.",
    ),
    "K013": Entry(
        "Empty cells are neutral",
        "warning",
        "Customers have no value in a feature. Nothing is filled in: the feature pulls them to no segment, and they "
        "are put together by what is known. Averages of a segment are over those who have a value.",
        'Fill the cells where the value is known. missing = "refuse" under [customers.clean] makes it an error.',
    ),
    "K014": Entry(
        "Empty cells are refused",
        "error",
        'missing = "refuse" under [customers.clean], and a feature has empty cells.',
        'Fill the cells, take the column out of the features, or write missing = "neutral".',
    ),
    "K017": Entry(
        "Numbers are pulled in to limits",
        "note",
        'outliers = "winsorise": the smallest and the greatest values of every number count as the limit beside them '
        "when customers are compared, so that a few extreme ones do not make a segment of their own or stretch the "
        "scale. Profiles, sums and values keep the numbers as they are.",
        'State another part of the customers as `tails` under [customers.clean], or outliers = "flag" or "keep".',
    ),
    "K018": Entry(
        "Values far from all others",
        "warning",
        "Single values lie several times further from the middle than nearly all others. Typing errors and marks such "
        "as 666666 or 99999 look like this, and so does a customer who truly is exceptional; averages feel both. In "
        "new rows, more values lie outside the limits than when these were learnt: customers have changed, or a unit.",
        "See whether the values are right. If not, correct them, or state bounds under [customers.clean].",
    ),
    "K019": Entry(
        "Skewed numbers are compared on a log scale",
        "note",
        "Most customers have small values and a few have large ones. On the plain scale these few would be all that "
        "counts; on a log scale, twice as much is the same step everywhere. Profiles and tables stay in original "
        "units. A value that typifies a segment is then nearer to the median than to the mean.",
        'skew = "none" under [customers.clean] compares all numbers as they are.',
    ),
    "K020": Entry(
        "Rare levels become one",
        "note",
        "Levels that very few customers have tell little and are often errors of entry. They count as one level, "
        "(other), when customers are compared; nobody is dropped.",
        "State a smaller part as `rare` under [customers.clean], 0 to keep all levels, or correct the names.",
    ),
    "K021": Entry(
        "Levels that were never seen",
        "warning",
        "Rows have a level that did not exist when segments were made. The level pulls to no segment: these customers "
        "are put to one by their other features.",
        "Correct the names if they are misspelt. If the level is new and many have it, fit the segments again.",
    ),
}

_TIME: dict[str, Entry] = {
    "K015": Entry(
        "The day that time is counted to",
        "note",
        "Days since a purchase or since somebody became a customer depend on the day on which the table was taken. "
        "None is stated, so the latest day in the tables is used.",
        "State as_of under [customers] if the tables were taken later.",
    ),
    "K016": Entry(
        "Days after as_of",
        "warning",
        "Tables hold days after the one that time is counted to. Purchases after it are left out, as nobody knew of "
        "them on that day. A column of days goes on below zero: minus 30 is a day a month ahead.",
        "Nothing, if you look back on purpose or the days lie ahead by nature, as the end of a contract does. "
        "Otherwise move as_of to the day on which the tables were taken.",
    ),
}

_PURCHASES: dict[str, Entry] = {
    "K023": Entry(
        "Purchases without a customer",
        "error",
        "Rows of the table of purchases name no customer. They are part of the revenue and of nobody's history: guest "
        "orders, or a join that lost ids. They are not left out in silence, because shares of value would be of a "
        "smaller whole.",
        'Fill in the ids. Where they are truly unknown, write without_customer = "leave_out" under '
        "[customers.transactions]; how many and how much is then told.",
    ),
    "K024": Entry(
        "Purchases without a customer are left out",
        "warning",
        'without_customer = "leave_out": these rows belong to nobody and are in no segment, sum or share. What is said '
        "of customers is said of those who can be known, who buy otherwise than guests do.",
        "Nothing, if they are guests. See what part of the rows and of the money it is before totals are quoted.",
    ),
    "K025": Entry(
        "Dates are numbers of unknown unit",
        "error",
        "The column of dates holds numbers. They may be seconds or milliseconds since 1970, or a spreadsheet's days; "
        "a wrong guess would put every purchase into another century.",
        'State date_unit under [customers.transactions]: "s", "ms", "us", "ns" or "excel".',
    ),
    "K026": Entry(
        "Rows that are no purchases",
        "note",
        "Rows with money below zero are returns or cancellations. They are no orders; by `returns` they are taken "
        "off what the customer spent, or left out. Rows with no money at all (samples, corrections) count neither as "
        "an order nor as money. Rows without an amount are treated the same, and told.",
        'State returns = "subtract" or "leave_out" under [customers.transactions].',
    ),
    "K027": Entry(
        "Customers and purchases do not meet",
        "warning",
        "Some customers have no purchase, or purchases are of customers who are not in the table of customers. The "
        "former are kept, without recency, frequency and money; the latter are left out, as nothing else is known of "
        "them. Ids that are written in two ways (007 and 7) look like this.",
        "See that both tables spell ids alike and cover the same customers.",
    ),
    "K029": Entry(
        "No purchase",
        "error",
        "Not one row of the table is a purchase by the day that time is counted to: none has money above zero, all are "
        "later, or none is of a customer of the other table.",
        "See that `amount` (or `quantity` and `price`) names the right column, and that as_of is not too early.",
    ),
}

ENTRIES: dict[str, Entry] = dict(sorted({**_COLUMNS, **_IDS, **_CELLS, **_TIME, **_PURCHASES}.items()))
