"""What ``outlay explain`` tells about the findings of scores."""

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {}
