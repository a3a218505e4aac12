"""What ``outlay explain`` tells about plans that follow leads to their value."""

from outlay.findings import Entry

LEADS_ENTRIES = {
    "P014": Entry(
        "no value of leads",
        "error",
        'value_from = "conversion" asks for the money that leads turn into, and the response draws that are planned on '
        "do not hold it.",
        "On the command line run outlay convert first. In Python join the two models with attribution.refine.refine "
        "and plan on its response.",
    ),
    "P017": Entry(
        "no baseline for a window whose sellers have a limit",
        "error",
        "Sellers work the leads that come anyway too, so a capacity by segment needs their number, and the fit holds a "
        "forecast of the baseline for the periods after the data only.",
        "Start the window after the data, or take [[plan.capacity]] out to plan the past.",
    ),
    "P019": Entry(
        "unknown segment or stage",
        "error",
        "A capacity or a volume names a segment or a stage that the conversion model does not have. Nothing is "
        "guessed: a misspelt name would silently drop a limit.",
        "Write the name as it stands in the leads table (segments) or in [leads] stages; a new one needs outlay "
        "convert to run again.",
    ),
    "P044": Entry(
        "sellers are busy without any media",
        "warning",
        "The leads that come anyway fill the hours of this team in more than half of the draws. Media then bring value "
        "only with leads that are worth more than those, which they push out.",
        "Compare the price of an hour with what an hour costs: hours may bring more than media do.",
    ),
    "P066": Entry(
        "minimum volumes count every lead",
        "note",
        "A minimum volume counts the leads that a plan brings, and how far they would come if all were worked. Where "
        "the hours of a segment do not suffice for all of them, fewer reach the later stages.",
        "Compare with the stages of worked leads in the plan's table of segments.",
    ),
    "P068": Entry(
        "reported for leads that are worked",
        "note",
        "Hours limit what can be worked, so outcome and ROI of a channel count its leads that are worked, and marginal "
        "ROI what one more unit of its spend adds to all that is worked. Leads that push others out count in full in "
        "their channel, so channels can add up to more than the plan.",
        "Read the plan's total for what it adds, and the channels for where it comes from.",
    ),
    "P088": Entry(
        "minimum volume out of reach",
        "error",
        "No plan within the rules and the budget brings so many leads, in expectation. The message says how many can "
        "be reached, with the volumes before it in the file kept.",
        "Lower the min to what can be reached, raise the budget, or widen max_change or margin_of_range.",
    ),
    "P089": Entry(
        "minimum volume beside an outcome that is not concave",
        "error",
        "A minimum volume is kept by tangents of the response, which lie above it only where returns diminish. Here a "
        "channel is S-shaped, or more of it lowers the outcome in some draws.",
        "Fit the channel with a concave response (hill with slope = 1, a sign that is never negative), or ask for the "
        "leads with min in [[plan.bounds]] on the spend of channels that bring them.",
    ),
}
