"""What ``outlay explain`` tells about the findings of goals."""

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {}
