"""Journeys counted in one pass over touches: users are put together by hash, sorted in place, and walked through.

Touches are scattered into parts by a hash of their user, so that whatever is done next happens within a part, which
fits next to the processor: users get numbers, their touches are put side by side and sorted, and each journey adds to
what is counted of histories, of sets of channels, and of the credit that rules give. Nothing here grows with the rows
but the scattered touches themselves. What a journey is, :mod:`attribution.paths` says as expressions; tests hold the
two against each other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from outlay.kernel_cache import KernelCache

CACHE = KernelCache("journeys-kernel", tuple(Path(__file__).parent.glob("kernel_journeys*.py")))
"""Where the kernel is kept, by the hash of its files."""

njit = CACHE.njit
Buffer = Any  # an array inside compiled code

NOTES = ("before", "merged", "direct", "tied", "moved", "second", "repeated", "still_open")
"""What is counted beside journeys, in the order of the kernel's notes."""

_CHANNEL, _FLAG, _SHIFT = 63, 64, 7
_CONVERTED, _LOST, _START = 62, 63, 63
_RULES = 5


@njit
def mixed(a: Any, b: Any) -> Any:
    """Hash of two whole numbers without sign."""
    x = a + np.uint64(0x9E3779B97F4A7C15) * (b + np.uint64(1))
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit
def part_sizes(first: Buffer, second: Buffer, bits: int) -> Buffer:
    """Touches of a batch by part: the highest bits of the hash of their user."""
    sizes = np.zeros(1 << bits, np.int64)
    down = np.uint64(64 - bits)
    for i in range(len(first)):
        sizes[np.int64(mixed(first[i], second[i] if len(second) else np.uint64(0)) >> down)] += 1
    return sizes


@njit
def scatter(columns: Any, at: Buffer, bits: int, out: Buffer) -> None:
    """Write a batch of touches to their parts, one row of whole numbers each: user, key, and what else there is.

    Parameters
    ----------
    columns : (first, second, key, value, segment)
        ``second``, ``value`` (its bits) and ``segment`` may be empty.
    at : ndarray of int (parts,)
        Where this batch's next touch of a part goes; moved on.
    bits : int
    out : ndarray of int (n, width)
    """
    first, second, key, value, segment = columns
    down = np.uint64(64 - bits)
    for i in range(len(first)):
        other = second[i] if len(second) else np.uint64(0)
        part = np.int64(mixed(first[i], other) >> down)
        row = at[part]
        at[part] = row + 1
        out[row, 0] = key[i]
        out[row, 1] = np.int64(first[i])
        column = 2
        if len(second):
            out[row, column] = np.int64(other)
            column += 1
        if len(value):
            out[row, column] = value[i]
            column += 1
        if len(segment):
            out[row, column] = segment[i]


@njit
def _numbered(rows: Buffer, begin: int, end: int, wide: int, slots: Buffer, number: Buffer, heads: Buffer) -> int:
    """Give each user of a part a number, in the order in which they come, and say how many there are."""
    users, last = 0, len(slots) - 1
    for i in range(len(slots)):
        slots[i] = -1
    for i in range(begin, end):
        second = rows[i, 2] if wide else 0
        slot: Any = np.int64(mixed(np.uint64(rows[i, 1]), np.uint64(second)) & np.uint64(last))
        while True:
            user = slots[slot]
            if user < 0:
                slots[slot] = user = users
                heads[users] = i
                users += 1
                break
            head = heads[user]
            if rows[head, 1] == rows[i, 1] and (not wide or rows[head, 2] == second):
                break
            slot = (slot + 1) & last
        number[i - begin] = user
    return users


@njit
def _sort(key: Buffer, row: Buffer, begin: int, end: int) -> None:
    """Shell sort by key: insertion for the few touches that most users have, and no worst case for those with many."""
    gap = 1
    while gap < (end - begin) // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(begin + gap, end):
            k, r, j = key[i], row[i], i
            while j >= begin + gap and key[j - gap] > k:
                key[j], row[j] = key[j - gap], row[j - gap]
                j -= gap
            key[j], row[j] = k, r
        gap //= 3


@njit
def gram_slot(keys: Buffer, key: int) -> Any:
    """Where a history is, or would be."""
    last = len(keys) - 1
    slot: Any = np.int64(mixed(np.uint64(key), np.uint64(0)) & np.uint64(last))
    while keys[slot] >= 0 and keys[slot] != key:
        slot = (slot + 1) & last
    return slot


@njit
def set_slot(names: Buffer, cell: int, mask: int) -> Any:
    """Where a cell's set of channels is, or would be."""
    last = len(names) - 1
    slot: Any = np.int64(mixed(np.uint64(mask), np.uint64(cell)) & np.uint64(last))
    while names[slot, 0] >= 0 and (names[slot, 0] != cell or names[slot, 1] != mask):
        slot = (slot + 1) & last
    return slot


@njit
def _more_grams(grams: Buffer, sums: Buffer, size: int) -> Any:
    """The table of histories with room for so many."""
    keys, moved = np.empty(size, np.int64), np.zeros((size, 3))
    for i in range(size):
        keys[i] = -1
    for i in range(len(grams)):
        if grams[i] >= 0:
            slot = gram_slot(keys, grams[i])
            keys[slot] = grams[i]
            for j in range(3):
                moved[slot, j] = sums[i, j]
    return keys, moved


@njit
def _more_sets(sets: Buffer, sums: Buffer, size: int) -> Any:
    """The table of sets of channels with room for so many."""
    names, moved = np.empty((size, 3), np.int64), np.zeros((size, 4))
    for i in range(size):
        names[i, 0] = names[i, 2] = -1
    for i in range(len(sets)):
        if sets[i, 0] >= 0:
            slot = set_slot(names, sets[i, 0], sets[i, 1])
            for j in range(3):
                names[slot, j] = sets[i, j]
            for j in range(4):
                moved[slot, j] = sums[i, j]
    return names, moved


@njit
def _more_credits(credits: Buffer, size: int) -> Buffer:
    """The rows of credit with room for so many."""
    moved = np.zeros((size, 3 * _RULES))
    for i in range(len(credits)):
        for j in range(3 * _RULES):
            moved[i, j] = credits[i, j]
    return moved


@njit
def _room(tables: Any, used: Buffer, more: int) -> Any:
    """The tables with room for what so many touches can add."""
    grams, gram_sums, sets, set_sums, credits = tables
    if 2 * (used[0] + more) > len(grams):
        grams, gram_sums = _more_grams(grams, gram_sums, _power(4 * (used[0] + more)))
    if 2 * (used[1] + more) > len(sets):
        sets, set_sums = _more_sets(sets, set_sums, _power(4 * (used[1] + more)))
    if used[2] + more > len(credits):
        credits = _more_credits(credits, 2 * (used[2] + more))
    return grams, gram_sums, sets, set_sums, credits


@njit
def _power(least: int) -> int:
    size = 1
    while size < least:
        size *= 2
    return size


@njit
def _histories(key: Buffer, n: int, cell: int, order: int, value: float, tables: Any, used: Buffer) -> int:
    """Count what comes before and after each touch of a journey; gives its set of channels.

    The first n of ``key`` are the touches that count; a value below zero says that the journey did not convert.
    """
    grams, sums, mask = tables[0], tables[1], 0
    for i in range(n):
        channel = key[i] & _CHANNEL
        mask |= 1 << channel
        code = cell
        for step in range(order - 1, 0, -1):
            code = code * 64 + (key[i - step] & _CHANNEL if i >= step else _START)
        ends = i == n - 1
        follows = (_CONVERTED if value >= 0 else _LOST) if ends else key[i + 1] & _CHANNEL
        code = (code * 64 + channel) * 64 + follows
        slot = gram_slot(grams, code)
        if grams[slot] < 0:
            grams[slot] = code
            used[0] += 1
        sums[slot, 0] += 1
        if ends and value > 0:
            sums[slot, 1] += value
            sums[slot, 2] += value * value
    return mask


@njit
def _shared(key: Buffer, n: int, end: int, rate: float, scratch: Buffer) -> float:
    """Touches of a converted journey by channel, and what time left of them; gives the sum of the latter."""
    whole = 0.0
    for i in range(n):
        channel = key[i] & _CHANNEL
        left = np.exp(rate * ((end >> _SHIFT) - (key[i] >> _SHIFT)))
        scratch[0, channel] += 1
        scratch[1, channel] += left
        whole += left
    return whole


@njit
def _credited(
    key: Buffer, n: int, end: int, value: float, rates: Buffer, credits: Buffer, row: int, scratch: Buffer
) -> None:
    """Add what each rule gives each channel of a converted journey to its rows of credit, in the order of channels."""
    whole = _shared(key, n, end, rates[0], scratch)
    first, last = key[0] & _CHANNEL, key[n - 1] & _CHANNEL
    middle = (1.0 - rates[1] - rates[2]) / (n - 2) if n > 2 else 0.0
    for channel in range(64):
        count = scratch[0, channel]
        if count == 0:
            continue
        is_first, is_last = 1.0 if channel == first else 0.0, 1.0 if channel == last else 0.0
        position = 1.0
        if n == 2:
            position = rates[3] * is_first + rates[4] * is_last
        elif n > 2:
            position = rates[1] * is_first + rates[2] * is_last + middle * (count - is_first - is_last)
        scratch[2, 0], scratch[2, 1], scratch[2, 2] = is_first, is_last, count / n
        scratch[2, 3], scratch[2, 4] = position, scratch[1, channel] / whole
        for rule in range(_RULES):
            given = scratch[2, rule]
            credits[row, rule] += given
            credits[row, _RULES + rule] += given * given
            credits[row, 2 * _RULES + rule] += given * value
        row += 1
        scratch[0, channel] = scratch[1, channel] = 0.0


@njit
def _journey(
    key: Buffer, n: int, end: int, value: float, cell: int, given: Any, tables: Any, used: Buffer, scratch: Buffer
) -> None:
    """Count one journey by the touches of it that count."""
    mask = _histories(key, n, cell, given[0][3], value, tables, used)
    sets, sums = tables[2], tables[3]
    slot = set_slot(sets, cell, mask)
    if sets[slot, 0] < 0:
        sets[slot, 0], sets[slot, 1] = cell, mask
        used[1] += 1
    sums[slot, 0] += 1
    if value < 0:
        return
    sums[slot, 1] += 1
    sums[slot, 2] += value
    sums[slot, 3] += value * value
    if sets[slot, 2] < 0:
        sets[slot, 2] = used[2]
        while mask:
            mask &= mask - 1
            used[2] += 1
    _credited(key, n, end, value, given[1], tables[4], sets[slot, 2], scratch)


@njit
def _kept(key: Buffer, begin: int, end: int, stop: int, cut: Buffer, notes: Buffer, kept: Buffer) -> int:
    """Write the touches from ``begin`` to ``end`` that count to ``kept``, and say how many; ``stop`` ends its user."""
    lookback, session, direct = cut[0], cut[1], cut[2]
    n, others = 0, False
    for i in range(begin, end + 1):
        now = key[i]
        goes_on = False
        if i + 1 < stop:
            later, won = key[i + 1], now & _FLAG > 0
            same = (later ^ now) & _CHANNEL == 0
            apart = (later >> _SHIFT) - (now >> _SHIFT)
            goes_on = later == now if won else same and session >= 0 and apart <= session
            notes[3] += apart == 0 and not same
            notes[5] += not won
        if 0 <= lookback < (key[end] >> _SHIFT) - (now >> _SHIFT):
            notes[0] += 1
        elif goes_on:
            notes[1] += 1
        else:
            kept[n] = now
            n += 1
            others = others or now & _CHANNEL != direct
    if direct < 0 or not others:
        return n
    left = 0
    for i in range(n):
        if kept[i] & _CHANNEL != direct:
            kept[left] = kept[i]
            left += 1
    notes[2] += n - left
    return left


@njit
def _walk(
    touches: Any, begin: int, stop: int, segment: int, given: Any, tables: Any, counts: Any, scratch: Buffer
) -> None:
    """Go through the touches of one user, in order, and count each journey."""
    key, worth, kept = touches
    edges, notes = given[2], counts[0]
    while begin < stop:
        end = begin
        while end + 1 < stop and not key[end] & _FLAG:
            end += 1
        value = -1.0
        if key[end] & _FLAG:
            value, first = worth[end], end
            while end + 1 < stop and key[end + 1] == key[end]:
                end += 1
                value += worth[end]
            notes[6] += end > first
        else:
            notes[7] += key[end] >> _SHIFT >= given[0][4]
        period = 0
        while period < len(edges) and key[end] >> _SHIFT >= edges[period]:
            period += 1
        n = _kept(key, begin, end, stop, given[0], notes, kept)
        _journey(kept, n, key[end], value, segment * (len(edges) + 1) + period, given, tables, counts[1], scratch)
        begin = end + 1


@njit
def _side_by_side(
    rows: Buffer, start: int, size: int, number: Buffer, users: int, begins: Buffer, key: Buffer, row: Buffer
) -> None:
    """Put the touches of each user side by side; ``begins`` becomes where each user's begin."""
    for user in range(users + 1):
        begins[user] = 0
    for i in range(size):
        begins[number[i] + 1] += 1
    for user in range(1, users + 1):
        begins[user] += begins[user - 1]
    for i in range(size):
        at = begins[number[i]]
        key[at], row[at] = rows[start + i, 0], start + i
        begins[number[i]] = at + 1
    for user in range(users, 0, -1):
        begins[user] = begins[user - 1]
    begins[0] = 0


@njit
def count_parts(rows: Buffer, floats: Buffer, starts: Buffer, places: Any, given: Any, scratch: Any) -> Any:
    """Count the journeys of some parts.

    Parameters
    ----------
    rows, floats : ndarray (n, width)
        Scattered touches, as whole numbers and, the same memory, as floating ones.
    starts : ndarray of int (parts + 1,)
        Where each part begins.
    places : (wide, value_at, segment_at)
        Whether a user is two numbers, and the columns of value and segment, 0 where there is none.
    given : (cut, rates, edges)
        ``lookback, session, direct, order, horizon`` with -1 for none; ``-log(2) / half-life``, the position rule's
        first and last share, and the same of two touches; first moments of the periods but the first.
    scratch : (slots, small, begins, key, kept, worth, by_channel)
        Room for a part; as many slots as a power of two that is at least twice a part's touches.

    Returns
    -------
    (notes, (histories, their sums, sets, their sums, credits), how many of each)
    """
    slots, small, begins, key, kept, worth, by_channel = scratch
    number, heads = small[0], small[1]
    row = begins[1]
    notes, used = np.zeros(8, np.int64), np.zeros(3, np.int64)
    grams, gram_sums = _more_grams(np.empty(0, np.int64), np.empty((0, 3)), 4096)
    sets, set_sums = _more_sets(np.empty((0, 3), np.int64), np.empty((0, 4)), 1024)
    tables = (grams, gram_sums, sets, set_sums, np.zeros((1024, 3 * _RULES)))
    for part in range(len(starts) - 1):
        start, size = starts[part], starts[part + 1] - starts[part]
        users = _numbered(rows, start, start + size, places[0], slots, number, heads)
        _side_by_side(rows, start, size, number, users, begins[0], key, row)
        tables = _room(tables, used, size)
        for user in range(users):
            a, b = begins[0, user], begins[0, user + 1]
            _sort(key, row, a, b)
            segment = 0
            for i in range(a, b):
                worth[i] = floats[row[i], places[1]] if places[1] and key[i] & _FLAG else 0.0
                if places[2]:
                    segment = max(segment, rows[row[i], places[2]])
            if places[2]:
                for i in range(a, b):
                    notes[4] += rows[row[i], places[2]] != segment
            _walk((key, worth, kept), a, b, segment, given, tables, (notes, used), by_channel)
    return notes, tables, used
