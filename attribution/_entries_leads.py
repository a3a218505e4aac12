"""What ``outlay explain`` tells about the findings of leads."""

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {}
