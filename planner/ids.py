"""Names that the parts of the page know each other by."""

from __future__ import annotations

URL = "url"
"""dcc.Location of the page."""

SCHEME = "scheme"
"""dcc.Store: ``"light"`` or ``"dark"``; charts follow it."""

ASKED = "asked"
"""dcc.Store: the document of the question that the form and the grid show (:meth:`planner.asked.Asked.document`).

The plan's view writes it whenever something is edited; whoever opens a scenario writes it, and the plan's view follows.
"""

ANSWERED = "answered"
"""dcc.Store: the document of the question whose answer is shown, or None. The desk finds the answer by it."""

OPENED = "opened"
"""dcc.Store: ``{"id", "version", "name"}`` of the scenario that is open, or None for one that was never saved."""

NOTICES = "notices"
"""dmc.NotificationContainer: what was done, or could not be, in a sentence."""
