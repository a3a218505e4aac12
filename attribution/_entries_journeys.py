"""What ``outlay explain`` tells about the findings of journeys."""

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "J001": Entry(
        "A touch without a user",
        "error",
        "A touch belongs to the journey of one user. Where the user is empty, nobody can say whose journey it is: "
        "together they would make one enormous journey, and left out they would take their channel's credit along.",
        "Give every touch its user or cookie id. Where touches cannot be told apart by user (views without consent, "
        "say), take them out of the table yourself and remember that their channels are then under-counted.",
    ),
    "J002": Entry(
        "A touch without a time",
        "error",
        "The order of touches, the lookback window, sessions and time decay all rest on the time.",
        "Fill the time from the source that recorded the touch, or take the row out of the table.",
    ),
    "J003": Entry(
        "A time that cannot be read",
        "error",
        "A text in the column of times is no time in ISO notation (2025-01-31 14:05:00, with T or a space, a zone "
        "allowed), nor in the notation that the project file states. Times are never guessed.",
        "Write ISO times, or state the notation as [journeys.csv] date_format, for example "
        '"%d.%m.%Y %H:%M". One notation holds for the whole column.',
    ),
    "J004": Entry(
        "A conversion that is neither 0 nor 1",
        "error",
        "The column says of each touch whether it ended in a conversion. Other numbers (a count of orders, a value) or "
        "empty cells leave it open where a journey ends.",
        "Write 1 (or true) on the touch that converted and 0 on all others. Put amounts into the value column.",
    ),
    "J005": Entry(
        "A value below zero, or none that is finite",
        "error",
        "Credit is a share of the conversions' value. With negative values (returns, refunds) shares fall outside 0 to "
        "1 and stop being shares.",
        "Net refunds against their orders before, or take them out of the value and tell them apart.",
    ),
    "J006": Entry(
        "A value without a conversion",
        "warning",
        "The value of a conversion stands on the touch that converted. Values on other touches are not counted; they "
        "may be basket values, or the conversion flag may sit on another row than the order.",
        "See whether flag and value are on the same row. Where they are meant otherwise, mend the export; else set the "
        "value of touches without a conversion to 0 or leave it empty.",
    ),
    "J007": Entry(
        "A conversion without a value",
        "error",
        "Where a value column is named, every conversion needs its value: an empty cell may be nothing, or unknown, "
        "and either way would change what channels are credited with.",
        "Fill the value, write 0 where the conversion was worth nothing, or leave `value` out of [journeys] to share "
        "conversions alone.",
    ),
    "J008": Entry(
        "A touch in the future",
        "error",
        "The time of a touch lies after now (with half a day's allowance for zones). Clocks that run ahead and swapped "
        "day and month are the usual causes, and either one puts touches in the wrong order.",
        "Mend the times. Where a whole source runs ahead, shift it before the tables are put together.",
    ),
    "J009": Entry(
        "A touch before 1990",
        "error",
        "Times such as 1970-01-01 or 1900-01-01 are what systems write where they know none.",
        "Fill the time from the source that recorded the touch, or take the row out of the table.",
    ),
    "J010": Entry(
        "No conversions",
        "error",
        "No touch of the table converted, so there is nothing to share among channels.",
        "See whether the conversion column is the right one, and whether the export holds journeys that converted.",
    ),
    "J011": Entry(
        "Every journey converts",
        "warning",
        "The table holds no journey without a conversion. Rules and the sum game share what there is all the same, but "
        "removal effects and the rate game compare journeys that convert with those that do not, and see no difference "
        "between channels that way.",
        "Export the touches of users who did not convert too. Until then trust the rules no more than the table does.",
    ),
    "J012": Entry(
        "Touches without a channel",
        "warning",
        'They are kept as a channel of their own, named "(missing)", so that totals add up and their share is seen.',
        "Fill the channel in the source. A large share of (missing) says that the other shares are lower bounds.",
    ),
    "J013": Entry(
        "More channels than can be kept apart",
        "error",
        "Sets of channels are kept as 60 bits. Campaigns or URLs in the channel column are the usual cause, and most "
        "of them have too few conversions for an interval that says anything.",
        "Group the names to at most 60 channels before, or name a column that is already grouped.",
    ),
    "J014": Entry(
        "Channel names with spaces around",
        "warning",
        "The same name with and without spaces is taken as one channel.",
        "Trim the names in the source.",
    ),
    "J015": Entry(
        "Touches without a segment",
        "warning",
        'Users without a segment are kept as a segment of their own, named "(missing)".',
        "Fill the segment of every user, on every touch.",
    ),
    "J020": Entry(
        "Touches at the same moment",
        "warning",
        "A user was touched by different channels in the same millisecond, so their order is not known. Days without a "
        "time of day are the usual cause. Such touches are put in a fixed order: those that did not convert first, "
        "then by the channel's name. First touch, last touch and Markov chains depend on it; Shapley values and the "
        "linear rule do not.",
        "Export times of day. Where there are none, prefer the answers that do not depend on order, and compare them.",
    ),
    "J021": Entry(
        "Conversions at the same moment",
        "warning",
        "A user converted more than once in the same millisecond by the same channel, as an order in several rows "
        "does. They are taken as one conversion, and their values are added up.",
        "Put orders together before, or give each conversion its own time where they are different ones.",
    ),
    "J022": Entry(
        "Users in several segments",
        "warning",
        "The segment of a user changes from touch to touch. All of the user's touches are counted in one of them, the "
        "last by name, because a journey is counted once.",
        "Write the segment that the user has now on all of his touches.",
    ),
    "J023": Entry(
        "Every user was touched once",
        "warning",
        "No user comes twice, so no journey has a second touch and every rule gives the same shares. An id of the "
        "session or of the click in place of the user is the usual cause.",
        "Name the column that stays the same over a user's visits.",
    ),
    "J030": Entry(
        "A mapped channel that does not occur",
        "warning",
        "[journeys] channel_map names a channel that no touch has. Its line maps nothing, and a channel that is "
        "spelled otherwise in the table is then not joined to its media.",
        "Spell the name as the table does; `outlay check` lists the channels that occur.",
    ),
    "J031": Entry(
        "Direct traffic does not occur",
        "warning",
        "[journeys] direct names a channel that no touch has, so the rule for direct traffic changes nothing.",
        "Spell the name as the table does, or leave `direct` out.",
    ),
    "J032": Entry(
        "One channel",
        "warning",
        "All touches are of one channel, which is credited with everything by every rule.",
        "Name the column that tells channels apart.",
    ),
    "J040": Entry(
        "Touches before the lookback window",
        "note",
        "Touches longer than lookback_days before the end of their journey are not counted.",
        "Choose lookback_days as long as your customers take to decide; compare the shares under two windows.",
    ),
    "J041": Entry(
        "Touches merged into sessions",
        "note",
        "A touch that follows one of the same channel within session_minutes is the same visit. The last of them is "
        "kept, with its time and its conversion.",
        "Set session_minutes to 0 to count every touch.",
    ),
    "J042": Entry(
        "Direct touches left out",
        "note",
        "Direct touches were left out of journeys that have touches of other channels. A conversion that came on a "
        "direct touch is credited to the others.",
        'Set direct_rule to "keep" to count them.',
    ),
    "J043": Entry(
        "Journeys that may still convert",
        "note",
        "Some journeys without a conversion were touched within the lookback window before the table ends. They are "
        "counted as not converted, although some will convert: rates of the latest period are lower than they will be.",
        "Export some weeks after the last period that you ask about. Shares of credit depend on this much less than "
        "rates do.",
    ),
    "J050": Entry(
        "No rate game",
        "note",
        "The Shapley value of conversion rates weighs every set of channels against every other: 2 to the power of the "
        "number of channels. Beyond 20 channels that is not done.",
        "Group channels to 20 or fewer. The sum game has no such limit.",
    ),
    "J051": Entry(
        "No cost for a channel",
        "note",
        "Return and cost per conversion need the spend of the channel in the time of its journeys. Channels without a "
        "spend have neither.",
        "Join names by [journeys] channel_map where the channel is one of [[media.channels]], or write its spend under "
        "[journeys.spend].",
    ),
    "J052": Entry(
        "Journeys and media do not overlap",
        "warning",
        "The fit's window and the touches have no common time, so costs and the media-mix model's conversions are of "
        "another time than the journeys.",
        "Fit the media-mix model on the time of the touches, or export touches of the time of the fit.",
    ),
    "J053": Entry(
        "More tracked conversions than outcome",
        "warning",
        "Journeys end in more conversions than the KPI of the media-mix model counts in the same time. They do not "
        "count the same thing, or conversions are counted twice in journeys; the untracked rest is then no number.",
        "See what each counts: orders or leads, all regions or one, web only or stores as well.",
    ),
    "J054": Entry(
        "The media-mix model does not count conversions",
        "note",
        "The fit's KPI is money and the journeys have no value, or the other way round, so the two cannot be compared "
        "in the same unit.",
        "Name the value column in [journeys] to compare money with money, or fit a KPI in units.",
    ),
    "J055": Entry(
        "A Markov order left out",
        "warning",
        "A chain of higher order has a state for every history that occurs. Beyond 3,000 histories exact removal "
        "effects take too long and rest on single journeys.",
        "Ask for a lower order, or group channels.",
    ),
    "J056": Entry(
        "Few conversions",
        "warning",
        "Shares from fewer than 100 conversions have wide intervals; by segment and period they say next to nothing.",
        "Take a longer time, group segments or channels, or ask for fewer of both.",
    ),
    "J057": Entry(
        "Higher order by the whole only",
        "note",
        "Markov chains of order two and more are told for all journeys together, not by segment and period.",
        "Take one segment's touches into a table of their own where you need it.",
    ),
    "J058": Entry(
        "Part of the journeys lies outside the fit",
        "note",
        "Only journeys that end in the scored window of the fit are compared with it, and spend is that of the same "
        "time.",
        "Export touches of the time of the fit.",
    ),
    "J060": Entry(
        "No such segment or period",
        "error",
        "The run was asked for a segment or period that its journeys do not have.",
        "The message lists those that there are. Periods are named by their first day; name the column of segments as "
        "[journeys] segment, and periods by [journeys] period.",
    ),
}
