"""What ``outlay explain`` tells about the findings of clusters."""

from __future__ import annotations

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "K030": Entry(
        "More segments than different customers",
        "error",
        "A segment needs at least one customer who differs from those of every other segment. Where fewer customers "
        "differ than segments are asked for, some segments would stay empty or split customers who are alike in "
        "everything that is known of them.",
        "Ask for fewer segments ([customers.clusters] k), name more features that set customers apart, or look whether "
        "cleaning made all customers the same: `outlay check` tells what it did to every column.",
    ),
    "K031": Entry(
        "A category with too many levels",
        "error",
        "A category whose cells nearly all differ is an id or free text: every customer mismatches every prototype, so "
        "that it says nothing about who is alike.",
        "Put the column into [customers] ignore, or make groups of its levels in the source (regions of cities, say). "
        "[customers.clean] rare joins levels that few customers have.",
    ),
    "K032": Entry(
        "No feature to make segments from",
        "error",
        "Segments put customers together who are alike in their features. After ids, constants, free text and ignored "
        "columns were left out, no column is left.",
        "Name columns in [customers] features, or take some out of ignore. Other findings of the same run tell why "
        "each column was left out.",
    ),
    "K033": Entry(
        "One type of feature decides nearly alone",
        "warning",
        "k-prototypes adds squared differences of numbers and gamma for every category that differs. Here one of the "
        "two makes up nearly all of what sets customers apart, so that the other has no say in who belongs together.",
        "State [customers.clusters] gamma: larger gives categories more say, smaller gives numbers more. Or weigh "
        "single features in [customers.clusters.weights]. If the balance is meant, leave it as it is.",
    ),
    "K034": Entry(
        "Customers still moved when the steps were used up",
        "warning",
        "Lloyd's steps end when nobody changes the cluster any more. The limit came first: segments are near a "
        "stable state and not quite in it, so that a refit may move the customers at their edges.",
        "Mostly this is harmless where few customers moved. Fewer segments, or features with less noise, come to rest "
        "sooner; `outlay segment --choose` shows which numbers of segments are stable.",
    ),
    "K036": Entry(
        "Customers of whom nothing is known",
        "warning",
        "Every feature of these customers is empty or was never seen before. Missing cells pull to no segment, so that "
        "all segments are equally near, and the number they get says nothing.",
        "Take such customers out of the table, or fill their features at the source. Their sureness is 0 in the table "
        "of labels, so that they can be told apart.",
    ),
    "K046": Entry(
        "A segment ended without customers",
        "warning",
        "Fewer kinds of customers were found than were asked for: a cluster lost its customers and could not be begun "
        "anew at another customer. Numbers of segments still count it.",
        "Ask for fewer segments in [customers.clusters] k, or let k be chosen among candidates.",
    ),
}
