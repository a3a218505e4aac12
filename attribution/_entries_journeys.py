"""What ``outlay explain`` tells about the findings of journeys."""

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {}
