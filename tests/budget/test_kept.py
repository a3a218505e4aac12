"""What is kept for the next who asks, and turns that are taken in order."""

from __future__ import annotations

import threading
import time

import pytest

from budget.kept import Kept
from budget.turns import Turns


def test_the_one_not_asked_for_longest_goes_first():
    kept: Kept[str, int] = Kept(2)
    made = []

    def ask(key: str) -> int:
        return kept.get(key, lambda: made.append(key) or len(made))

    for key in ("a", "b", "a", "c", "a", "b"):
        ask(key)
    assert made == ["a", "b", "c", "b"]
    assert "a" in kept
    assert "c" not in kept
    assert len(kept) == 2


def test_what_cannot_be_made_is_made_anew_by_the_next():
    kept: Kept[str, int] = Kept(2)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert len(kept) == 0
    assert kept.get("a", lambda: 7) == 7


def test_a_failure_is_not_waited_for_by_those_behind():
    kept: Kept[str, int] = Kept(2)
    begun, go = threading.Event(), threading.Event()

    def fail() -> int:
        begun.set()
        go.wait(5)
        raise ValueError("no")

    def first() -> None:
        with pytest.raises(ValueError, match="no"):
            kept.get("a", fail)

    one = threading.Thread(target=first)
    one.start()
    begun.wait(5)
    found: list[int] = []
    two = threading.Thread(target=lambda: found.append(kept.get("a", lambda: 3)))
    two.start()
    assert kept.get("b", lambda: 4) == 4  # another key waits for nobody
    go.set()
    one.join(5)
    two.join(5)
    assert found == [3]


def test_turns_go_by_the_order_of_asking():
    turns, order = Turns(), []
    threads = []
    with turns:
        for number in range(5):
            threads.append(threading.Thread(target=_take, args=(turns, order, number)))
            threads[-1].start()
            while len(turns._waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join(5)
    assert order == [0, 1, 2, 3, 4]


def test_whoever_comes_again_goes_behind_those_who_wait():
    turns, order = Turns(), []
    with turns:
        other = threading.Thread(target=_take, args=(turns, order, "waits"))
        other.start()
        while not turns._waiting:
            time.sleep(0.001)
    with turns:
        order.append("again")
    other.join(5)
    assert order == ["waits", "again"]


@pytest.mark.parametrize(("others", "order"), [(2, "wws"), (3, "wwws"), (5, "wwwsww")])
def test_who_stands_aside_goes_after_three_others_at_most(others, order):
    turns, taken = Turns(), []
    with turns:
        threads = [threading.Thread(target=_take, args=(turns, taken, "s"), kwargs={"aside": True})]
        threads += [threading.Thread(target=_take, args=(turns, taken, "w")) for _ in range(others)]
        for number, thread in enumerate(threads, 1):
            thread.start()
            while len(turns._waiting) + len(turns._aside) < number:
                time.sleep(0.001)
    for thread in threads:
        thread.join(5)
    assert "".join(taken) == order


def test_who_stands_aside_waits_for_nobody_where_nobody_waits():
    turns, taken = Turns(), []
    _take(turns, taken, "s", aside=True)
    with turns:
        waits = threading.Thread(target=_take, args=(turns, taken, "again"), kwargs={"aside": True})
        waits.start()
        while not turns._aside:
            time.sleep(0.001)
    waits.join(5)
    assert taken == ["s", "again"]


@pytest.mark.parametrize("aside", [False, True])
def test_a_turn_ends_with_an_error_too(aside):
    turns = Turns()
    with pytest.raises(ValueError, match="no"), turns.aside() if aside else turns:
        raise ValueError("no")
    with turns:
        pass


def _take(turns: Turns, order: list, what: object, *, aside: bool = False) -> None:
    with turns.aside() if aside else turns:
        order.append(what)
