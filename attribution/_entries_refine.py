"""What ``outlay explain`` tells about the findings on the way from leads to the budget: V080 to V089."""

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "V080": Entry(
        "planned channel without leads of its own",
        "warning",
        "The media-mix model knows the channel, and no lead in the table carries its name. What its leads turn into "
        "is then not known: they are counted as the leads of all channels together, which hides any difference.",
        "Write the name that the leads give it into [leads] channel_map (lead name = media name), or read the "
        "channel's return with that in mind. A lever, such as a price cut, has no leads of its own by nature.",
    ),
    "V081": Entry(
        "lead channels that no media channel brings",
        "note",
        "These names stand in the leads and not among the planned channels. Their segments and conversion are those of "
        "the leads that come anyway: the baseline of the media-mix model, which takes seller hours and is no part of "
        "what a plan brings.",
        "Map a name to its media channel in [leads] channel_map where it is paid for; leave organic and direct leads "
        "as they are.",
    ),
    "V082": Entry(
        "no lead channel is a media channel",
        "error",
        "Not one name of the leads' channel column is the name of a planned media channel, so the two models cannot be "
        "joined.",
        "Write [leads] channel, and [leads] channel_map with the media channel of every lead name: "
        'channel_map = {"Google Ads" = "paid_search"}.',
    ),
    "V083": Entry(
        "leads are counted over all regions",
        "note",
        "The media-mix model's groups are not the regions of the leads (or one of the two has none), so every group of "
        "the plan takes the segments and conversion of the channel's leads over all regions.",
        "Give leads a region column whose names are the groups of the media table, if regions differ in what their "
        "leads turn into.",
    ),
    "V084": Entry(
        "too few leads of a channel in a region",
        "note",
        "The channel's mix of segments in this region rests on fewer than 30 leads, so that of its leads over all "
        "regions stands in.",
        "Nothing has to be done; with more leads the region's own mix is used.",
    ),
    "V089": Entry(
        "too few leads of a channel",
        "warning",
        "The channel brought fewer than 30 leads in the last 12 months, too few to tell which segments they are of and "
        "how they convert. They are counted as the leads of all channels together.",
        "Read the channel's return with that in mind, or join the channel with a similar one in [leads] channel_map.",
    ),
    "V085": Entry(
        "leads cannot be valued where effects multiply",
        "error",
        'The media-mix model was fitted with likelihood = "log": its channels multiply the baseline and each other, so '
        "a lead belongs to no single channel and cannot take that channel's segments and conversion.",
        'Fit with likelihood = "normal" or "student_t", or plan with value_from = "kpi".',
    ),
    "V086": Entry(
        "the media-mix model does not count leads",
        "error",
        "The KPI of the media-mix model is money already, so there are no leads to follow to their value.",
        'Fit a model whose KPI is the number of leads (kpi_type = "units"), or plan with value_from = "kpi".',
    ),
    "V087": Entry(
        "leads without a value",
        "error",
        "The conversion model knows how far leads come and not what a won one is worth, or finds that it is worth "
        "nothing, so a plan cannot be made in money.",
        "Name the column of the value in [leads] value and run outlay convert again, or plan with "
        'value_from = "kpi" for the most leads.',
    ),
    "V088": Entry(
        "the value per KPI is not used",
        "note",
        "[media] gives a value per unit of KPI, and the plan takes the money of leads from the conversion model "
        "instead: by channel, segment and score band, with its uncertainty.",
        'Write value_from = "kpi" to plan with the value of [media].',
    ),
}
