"""What ``outlay explain`` tells about the findings of conversion."""

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {}
