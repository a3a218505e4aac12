"""Findings of exchanging models with PyMC-Marketing."""

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "M090": Entry(
        "A model that the other side cannot express",
        "error",
        "PyMC-Marketing's MMM has one adstock family and one saturation family for all channels and one prior family "
        "for their effects, and this project has no time-varying media, lift tests that are already part of a graph, "
        "or effects of one's own making. What cannot be said on the other side is refused and not left out, because "
        "a model without it would answer another question.",
        "Change the model in the way that the message names, for example by giving all channels one saturation, and "
        "exchange it again.",
    ),
    "M091": Entry(
        "Exchanged with another prior or other rows",
        "warning",
        "The two models are not the same in this point: a belief was turned into the nearest one that the other side "
        "can hold, or the other side scores rows that this one leaves out. With much data the answers will be close; "
        "with little data they may differ by what the priors differ.",
        "Compare the two posteriors before you rely on either. Where the belief matters to you, state it on the other "
        "side in its own terms.",
    ),
    "M092": Entry(
        "Exchanged in other words",
        "note",
        "The same thing is said in another way on the other side, for example with other units or in another "
        "parametrisation, or it is told so that nothing happens without your knowledge. The answers do not change.",
        "Nothing needs to be done.",
    ),
}
