"""What the engine counts of journeys: histories and what follows, sets of channels, and the credit that rules give.

Every expression here ends in an aggregate over few columns: what comes back does not grow with the rows.
"""

from __future__ import annotations

import math

import ibis
import ibis.expr.types as ir

from attribution.paths import _CHANNEL, _SHIFT, CONVERTED, LOST, START, Cut, Touch, period_of

RULES = ("first", "last", "linear", "position", "decay")
"""The rules whose credit the engine adds up."""


FLAGS = ("inside", "goes_on", "tied", "moved")
"""Flags in the code of :func:`tally`, from its 13th bit on."""


def tally(links: ir.Table, cut: Cut) -> ir.Table:
    """Touches by segment, period and ``code``: channel, what follows and flags in one number, which groups fastest."""
    touch = Touch(links, cut)
    moved = links.moved if cut.has_segment else ibis.literal(value=False)
    code = touch.channel + touch.follows * 64
    for i, flag in enumerate((touch.is_inside, touch.goes_on, touch.is_tied, moved)):
        code = code + flag.ifelse(1 << (12 + i), 0)
    flat = links.select(segment=touch.segment, period=touch.period, code=code)
    return flat.group_by(flat.columns).agg(touches=flat.count())


def grams(touches: ir.Table, values: ir.Table | None, cut: Cut) -> ir.Table:
    """Counts of each history of channels and what follows it, over touches that count.

    ``h1`` is the channel before the touch's own, ``h2`` the one before that; START where there was none.
    """
    back = ibis.window(group_by=("user", "end"), order_by=ibis.desc("key"))
    touch = Touch(touches, cut)
    later = touches.key.lag().over(back)
    columns: dict[str, ir.Value] = {
        "user": touches.user,
        "end": touches.end,
        "segment": touch.segment,
        "period": touch.period,
        "channel": touch.channel,
        "follows": later.isnull().ifelse(touch.converts.ifelse(CONVERTED, LOST), later & _CHANNEL),
    }
    names = [f"h{step}" for step in range(1, cut.order)]
    for step, name in enumerate(names, 1):
        columns[name] = (touches.key.lead(step).over(back) & _CHANNEL).coalesce(START)
    flat = touches.select(**columns)
    by = ["segment", "period", *names, "channel", "follows"]
    if values is None:
        return flat.group_by(by).agg(touches=flat.count())
    joined = flat.left_join(values, ["user", "end"])
    own = (joined.follows == CONVERTED).ifelse(joined.value, 0.0)
    return joined.group_by(by).agg(touches=joined.count(), value=own.sum(), square=(own * own).sum())


def conversions(keys: ir.Table, cut: Cut) -> ir.Table:
    """Value of each conversion by ``user`` and ``key``; those of one moment and channel are one."""
    return keys.group_by("user", "key").agg(
        value=keys.value.sum() if cut.has_value else ibis.literal(0.0), times=keys.count()
    )


def won(touches: ir.Table, sold: ir.Table, cut: Cut) -> ir.Table:
    """Journeys that converted: ``user, end, touches, mask, first, last, weight, value, segment``."""
    touch = Touch(touches, cut)
    own = touches.select(
        user=touches.user,
        end=touches.end,
        key=touches.key,
        last_key=touch.last_key,
        segment=touch.segment,
        weight=_decay(touch, cut),
    )
    own = own.filter(own.last_key != own.end)
    journeys = own.group_by("user", "end").agg(
        touches=own.count(),
        mask=_mask(own.key, cut),
        first=own.key.min(),
        last=own.key.max(),
        last_key=own.last_key.max(),
        weight=own.weight.sum(),
        segment=own.segment.max(),
    )
    found = journeys.inner_join(sold, [journeys.user == sold.user, journeys.last_key == sold.key], rname="sold_{name}")
    return found.select(*journeys.columns, "value", "times", period=period_of(found.last_key, cut))


def _mask(key: ir.IntegerColumn, cut: Cut) -> ir.IntegerScalar:
    """The set of channels as bits."""
    channel = key & _CHANNEL
    if not cut.apart:
        return (ibis.literal(1, "int64") << channel).bit_or()
    return sum((channel == c).ifelse(ibis.literal(1 << c, "int64"), 0).max() for c in range(cut.apart))


def _decay(touch: Touch, cut: Cut) -> ir.FloatingColumn:
    return (touch.before_end.cast("float64") * (-math.log(2) / cut.half_life)).exp()


def lost(touches: ir.Table, cut: Cut, horizon: int) -> ir.Table:
    """Journeys that did not convert, counted by set of channels and first channel; ``still_open`` may yet convert.

    Parameters
    ----------
    horizon : int
        Milliseconds since 1970; a journey touched since then may yet convert.
    """
    touch = Touch(touches, cut)
    own = touches.filter(~touch.converts)
    # A user has one journey that did not convert, the last: it needs no other name.
    by = ["user", *(["segment"] if cut.has_segment else [])]
    journeys = own.group_by(by).agg(mask=_mask(own.key, cut), first=own.key.min(), end=own.end.max())
    flat = journeys.select(
        segment=journeys.segment if cut.has_segment else ibis.literal(0, "int16"),
        period=period_of(journeys.end, cut),
        mask=journeys.mask,
        first=journeys.first & _CHANNEL,
        late=(journeys.end >> _SHIFT) >= horizon,
    )
    return flat.group_by("segment", "period", "mask", "first").agg(journeys=flat.count(), still_open=flat.late.sum())


def coalitions(journeys: ir.Table) -> ir.Table:
    """Converted journeys counted by set of channels, first and last channel, with their values."""
    flat = journeys.mutate(first=journeys.first & _CHANNEL, last=journeys.last & _CHANNEL)
    return flat.group_by("segment", "period", "mask", "first", "last").agg(
        journeys=flat.count(),
        value=flat.value.sum(),
        square=(flat.value * flat.value).sum(),
        touches=flat.touches.sum(),
        repeated=(flat.times > 1).sum(),
    )


def credits(touches: ir.Table, journeys: ir.Table, cut: Cut) -> ir.Table:
    """Credit by set of channels and channel: of each rule its sum, its sum of squares, and the sum times value."""
    joined = touches.inner_join(journeys, ["user", "end"], rname="of_{name}")
    left = ((joined.last_key >> _SHIFT) - (joined.key >> _SHIFT)).cast("float64")
    flat = joined.select(
        user=joined.user,
        end=joined.end,
        segment=joined.of_segment if cut.has_segment else joined.segment,
        period=joined.period,
        mask=joined.mask,
        value=joined.value,
        channel=joined.key & _CHANNEL,
        first_channel=joined.first & _CHANNEL,
        last_channel=joined.last & _CHANNEL,
        touches=joined.touches,
        decay=(left * (-math.log(2) / cut.half_life)).exp() / joined.weight,
    )
    whole = ("segment", "period", "mask", "value", "touches", "first_channel", "last_channel")
    counted = flat.group_by("user", "end", "channel").agg(
        own=flat.count(), decay=flat.decay.sum(), **{name: flat[name].max() for name in whole}
    )
    each = counted.mutate(**_shares(counted, cut))
    sums = {rule: each[rule].sum() for rule in RULES}
    squares = {f"{rule}_square": (each[rule] * each[rule]).sum() for rule in RULES}
    values = {f"{rule}_value": (each[rule] * each.value).sum() for rule in RULES} if cut.has_value else {}
    return each.group_by("segment", "period", "mask", "channel").agg(**sums, **squares, **values)


def _shares(counted: ir.Table, cut: Cut) -> dict[str, ir.Value]:
    """Each rule's credit of a channel of a journey: a touch that stands twice in a table is first, or last, once."""
    first = (counted.channel == counted.first_channel).ifelse(1.0, 0.0).cast("float64")
    last = (counted.channel == counted.last_channel).ifelse(1.0, 0.0).cast("float64")
    n, own = counted.touches.cast("float64"), counted.own.cast("float64")  # Spark takes 1.0 for a decimal
    start, end = cut.position
    both = start + end
    two = (0.5, 0.5) if both == 0 else (start / both, end / both)
    middle = (own - first - last) * (1.0 - both) / (n - 2)
    return {
        "first": first,
        "last": last,
        "linear": own / n,
        "position": ibis.cases(
            (n == 1, 1.0), (n == 2, first * two[0] + last * two[1]), else_=first * start + last * end + middle
        ),
    }
