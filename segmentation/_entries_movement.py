"""Findings on movement."""

from __future__ import annotations

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "K090": Entry(
        "Customers unlike any segment",
        "warning",
        "A model of segments puts every customer into the segment that is least far away, also those who are far from "
        "all of them. One in a hundred was as far from the middle of their segment when the model was made; of the new "
        "rows it is clearly more than chance makes it. Profiles and rates of the segments say little about them.",
        "Look at who they are. Make new segments with `outlay segment` where they are many or worth much; correct the "
        "table where their values are wrong.",
    ),
    "K091": Entry(
        "Customers have changed",
        "warning",
        "The population stability index compares how customers spread over the values of a feature now with how they "
        "did when the segments were made: the sum of (now - then) log(now / then) over ten bins or the levels. Below "
        "0.1 little has moved, above 0.25 much. What two samples of one population would differ by at these sizes is "
        "taken into account: only what is beyond that is told here.",
        "See whether the customers changed or the way in which the column is filled. `outlay segment` makes segments "
        "that fit the customers of today; their numbers and names are kept where they are the same.",
    ),
    "K092": Entry(
        "New segments are due",
        "warning",
        "The customers of today are too unlike those that the segments were made from; the message says in what. Old "
        "segments go on labelling everybody, but their borders lie where nobody would draw them now.",
        "Run `outlay segment`. Compare the two with its table of migration before plans and goals go over to the new "
        "segments.",
    ),
    "K093": Entry(
        "No customer in both runs",
        "warning",
        "Movement between segments is counted over customers who are in both tables, and no id occurs in both: the "
        "tables are of other customers, or the ids are written in another way.",
        "Name the same column of ids as `id` in [customers] for both tables, with the same spelling.",
    ),
    "K094": Entry(
        "Spend shared out by customers",
        "warning",
        "The spend of these channels is known for everybody together. In the panel each segment has the part of it "
        "that its customers are of all customers, in every period alike. A media-mix model of this panel sees no "
        "difference in spend between segments that is not one of their size: how segments respond is told by their "
        "revenue alone, and a channel that is aimed at one segment looks as if it was aimed at all.",
        "Give the spend by segment where it is known. Otherwise read effects by segment as how the segment's revenue "
        "moves with the common spend.",
    ),
    "K095": Entry(
        "Purchases of customers without a segment",
        "warning",
        "Some rows of the table of purchases name no customer, or one that has no segment. Their revenue is in the "
        'panel as a group of its own, "(missing)", so that the panel adds up to the table.',
        "Run `outlay segment` on a table that holds these customers. Leave the group out of [media] only if you know "
        "whose revenue it is.",
    ),
    "K096": Entry(
        "A response that is neither 0 nor 1",
        "error",
        "A column of `responses` says whether a customer responded to a campaign: 1 or 0, and empty for a customer who "
        "was not asked. The cells named hold something else, or the column is not there or empty.",
        "Write 0 or 1 in the whole column, and nothing for customers who were not asked.",
    ),
    "K097": Entry(
        "Few campaigns to learn from",
        "warning",
        "How much campaigns differ from each other is learnt from the past ones, and with so few of them it is hardly "
        "known. The intervals of the next campaign say so: they are wide, and for a single campaign they rest on what "
        "campaigns of this kind usually differ by.",
        "Name more of the past campaigns in [customers.campaigns]. Otherwise plan with the low end of the interval.",
    ),
    "K098": Entry(
        "Responses that segments were made from",
        "warning",
        "A column of responses is a feature of the segments too. Customers then are in a segment because they "
        "responded, and its past rate promises more than it can say of a next campaign.",
        "Add the columns of responses to `ignore` in [customers], and make the segments again.",
    ),
    "K099": Entry(
        "Movement of customers at a border",
        "note",
        "Many of those who changed their segment were as near to the new one as to the old one all the time. A small "
        "change in a feature moves them, and the next one may move them back.",
        "Read the movement of the others, which the table tells apart. Fewer segments have fewer borders.",
    ),
    "K100": Entry(
        "Periods left out of the panel",
        "warning",
        "The first or the last period is not whole, because the purchases begin or end inside it, or no media are "
        "known of it. Half a week of revenue beside a whole week of spend would look like a week in which media did "
        "not work, so these periods are not in the panel. The message says what revenue was in them.",
        "Nothing, if it is the edge of the tables. Bring both tables to the same time where more is missing.",
    ),
    "K101": Entry(
        "Segments of one day in all periods",
        "note",
        "The panel counts every purchase in the segment that its customer is in now. Customers who are valuable today "
        "were put into their segment because of what they bought in these periods, so growth of a segment in the panel "
        "is in part how it was chosen.",
        "Write an as_of in [customers] for a day before the first period, and run `outlay segment` for it, where this "
        "matters; features that do not come from purchases do not have the problem.",
    ),
    "K102": Entry(
        "Columns of media that no segment can have",
        "note",
        "The media table has groups of its own. Spend and exposure are added up over them and shared out by customers; "
        "controls and events of single groups have no sum, and are not in the panel.",
        "Add the columns that hold for everybody to the panel yourself, by date.",
    ),
}
