"""Scenarios that are kept: nothing that was saved is overwritten, whoever else saves, and whatever is typed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from outlay.errors import ConfigError, RunError
from planner.store import FILE, MOST_NAME, MOST_NOTE, Draft, Store, clean_name
from planner.store_file import SCHEMA
from planner.view_compare import now_name
from planner.view_scenarios_list import shown_of


def draft(budget: float = 1.0, **more: str) -> Draft:
    return Draft({"section": {"budget": budget}, "by_hand": None}, {"expected": 2 * budget}, "fit-1", **more)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_nothing_was_saved_yet_and_looking_makes_no_file(store: Store) -> None:
    assert store.scenarios() == ()
    assert not store.path.exists()


def test_what_was_saved_comes_back_as_it_was(store: Store) -> None:
    kept = store.create("Spring push", draft(5.0, note="after the talk with Ana", who="Bo")).kept
    again = store.version(kept.id)
    assert again == kept
    assert (again.name, again.number, again.newest, again.note, again.who) == (
        "Spring push",
        1,
        1,
        "after the talk with Ana",
        "Bo",
    )
    assert again.asked == {"section": {"budget": 5.0}, "by_hand": None}
    assert again.told("expected") == 10.0
    assert again.told("profit") is None
    assert again.fit == "fit-1"
    assert again.saved.utcoffset() is not None


def test_saving_again_is_another_version_and_the_first_one_stays(store: Store) -> None:
    kept = store.create("Spring", draft(1.0)).kept
    saved = store.save(kept.id, 1, draft(2.0))
    assert (saved.kept.number, saved.between) == (2, ())
    assert [version.asked["section"]["budget"] for version in store.versions(kept.id)] == [2.0, 1.0]
    assert store.version(kept.id, 1).newest == 2


def test_saving_on_top_of_a_newer_version_says_whose_was_in_between(store: Store) -> None:
    kept = store.create("Spring", draft(1.0, who="Ana")).kept
    store.save(kept.id, 1, draft(2.0, who="Ana"))
    saved = store.save(kept.id, 1, draft(3.0, who="Bo"))
    assert saved.kept.number == 3
    assert [(version.number, version.who) for version in saved.between] == [(2, "Ana")]
    assert len(store.versions(kept.id)) == 3


def test_a_name_that_is_taken_gets_a_number(store: Store) -> None:
    names = [store.create("Spring", draft()).kept.name for _ in range(3)]
    assert names == ["Spring", "Spring (2)", "Spring (3)"]
    assert store.create("spring", draft()).kept.name == "spring (4)"  # a reader would take them for the same
    assert store.rename(store.create("Autumn", draft()).kept.id, "Spring").name == "Spring (5)"


def test_renaming_to_the_own_name_changes_nothing(store: Store) -> None:
    kept = store.create("Spring", draft()).kept
    assert store.rename(kept.id, "Spring").name == "Spring"


def test_a_copy_goes_its_own_way(store: Store) -> None:
    kept = store.create("Spring", draft(1.0)).kept
    copy = store.copy(kept.id, 1).kept
    store.save(copy.id, 1, draft(9.0))
    assert (copy.name, copy.origin) == ("Spring (copy)", "copy of Spring, version 1")
    assert [version.asked["section"]["budget"] for version in store.versions(kept.id)] == [1.0]


def test_an_older_version_comes_back_as_the_newest(store: Store) -> None:
    kept = store.create("Spring", draft(1.0)).kept
    store.save(kept.id, 1, draft(2.0))
    back = store.restore(kept.id, 1).kept
    assert (back.number, back.origin, back.asked["section"]["budget"]) == (3, "version 1 again", 1.0)


def test_deleting_can_be_undone_with_all_versions(store: Store) -> None:
    kept = store.create("Spring", draft(1.0)).kept
    store.save(kept.id, 1, draft(2.0))
    store.delete(kept.id)
    assert store.scenarios() == ()
    assert [one.name for one in store.scenarios(deleted=True)] == ["Spring"]
    with pytest.raises(RunError, match="deleted") as refused:
        store.save(kept.id, 2, draft(3.0))
    assert refused.value.id == "X074"
    store.create("Spring", draft())  # somebody takes the name meanwhile
    assert store.undelete(kept.id).name == "Spring (2)"
    assert len(store.versions(kept.id)) == 2


@pytest.mark.parametrize("number", [0, 2, -1])
def test_a_version_that_is_not_there_is_refused(store: Store, number: int) -> None:
    kept = store.create("Spring", draft()).kept
    with pytest.raises(RunError, match="Spring has no such version; its newest is version 1"):
        store.version(kept.id, number)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "=HYPERLINK(1)",
        "<script>alert(1)</script>",
        "'; DROP TABLE version; --",
        "日本語 – Frühling 🌱",
        "%00",
        "x" * MOST_NAME,
    ],
)
def test_a_name_is_only_text(store: Store, name: str) -> None:
    kept = store.create(f"  {name} ", draft()).kept
    assert store.version(kept.id).name == name
    assert [path.name for path in store.path.parent.iterdir() if not path.name.startswith(FILE)] == []


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "nul\0", "right\u202eleft", "x" * (MOST_NAME + 1), "\ud800"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ConfigError) as refused:
        clean_name(name)
    assert refused.value.id == "X075"
    assert refused.value.repair


def test_a_note_that_is_too_long_is_refused_and_not_cut(store: Store) -> None:
    with pytest.raises(ConfigError, match="1001 letters"):
        store.create("Spring", draft(note="x" * (MOST_NOTE + 1)))
    assert store.scenarios() == ()


@pytest.mark.parametrize("field", ["note", "who"])
def test_half_of_a_sign_is_refused_and_not_replaced(store: Store, field: str) -> None:
    """A browser that cuts an emoji in two sends such text, and no file can hold it."""
    with pytest.raises(ConfigError, match="half of a sign") as refused:
        store.create("Spring", draft(**{field: "push \ud83c"}))
    assert refused.value.id == "X075"
    assert store.scenarios() == ()


def test_a_file_that_is_locked_as_a_whole_is_not_read_past_the_lock(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create("Spring", draft())
    monkeypatch.setattr("planner.store_file.PATIENCE", 0.0)
    holder = sqlite3.connect(store.path, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    holder.execute("UPDATE scenario SET name = 'half done'")
    with pytest.raises(RunError, match="locked") as refused:
        store.scenarios()
    assert refused.value.id == "X071"
    holder.close()


def test_a_page_that_only_reads_changes_nothing(store: Store) -> None:
    kept = store.create("Spring", draft()).kept
    reader = Store(store.path.parent, read_only=True)
    changes = [
        lambda: reader.create("Autumn", draft()),
        lambda: reader.save(kept.id, 1, draft()),
        lambda: reader.copy(kept.id, 1),
        lambda: reader.restore(kept.id, 1),
        lambda: reader.rename(kept.id, "Autumn"),
        lambda: reader.delete(kept.id),
        lambda: reader.undelete(kept.id),
    ]
    for change in changes:
        with pytest.raises(ConfigError, match="not to keep anything") as refused:
            change()
        assert refused.value.id == "X073"
    assert [one.name for one in reader.scenarios()] == ["Spring"]
    assert len(reader.versions(kept.id)) == 1


def test_versions_cannot_be_changed_even_past_the_store(store: Store) -> None:
    store.create("Spring", draft())
    with sqlite3.connect(store.path) as opened:
        for statement in ("UPDATE version SET note = 'x'", "DELETE FROM version"):
            with pytest.raises(sqlite3.IntegrityError, match="a version"):
                opened.execute(statement)
    opened.close()


def test_readers_do_not_wait_for_a_writer(store: Store) -> None:
    store.create("Spring", draft())
    writer = sqlite3.connect(store.path, isolation_level=None)
    assert writer.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE scenario SET name = 'half done'")
    assert [one.name for one in store.scenarios()] == ["Spring"]
    writer.close()


def test_a_newer_file_is_refused_in_words(store: Store) -> None:
    store.create("Spring", draft())
    with sqlite3.connect(store.path) as opened:
        opened.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    opened.close()
    for use in (store.scenarios, lambda: store.create("Autumn", draft())):
        with pytest.raises(RunError, match="another version of outlay") as refused:
            use()
        assert refused.value.id == "X072"


def test_a_database_of_another_program_is_left_alone(store: Store) -> None:
    with sqlite3.connect(store.path) as opened:
        opened.execute("CREATE TABLE theirs (x)")
    opened.close()
    with pytest.raises(RunError, match="another program"):
        store.create("Spring", draft())


def test_a_file_that_is_no_database_is_refused_in_words(store: Store) -> None:
    store.path.write_text("not a database, but long enough to look at" * 10, encoding="utf-8")
    for use in (store.scenarios, lambda: store.create("Autumn", draft())):
        with pytest.raises(RunError, match="cannot be opened") as refused:
            use()
        assert refused.value.id == "X071"


def test_a_folder_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be opened"):
        Store(tmp_path / "none").create("Spring", draft())


NAMES = st.sampled_from(["Spring", "Autumn", "spring"])


class Kept(RuleBasedStateMachine):
    """Any order of saves, copies, renames and deletions, beside a plain list of what was saved."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(Path(self.folder.name))
        self.said: dict[str, list[float]] = {}
        self.gone: set[str] = set()
        self.n = 0.0

    def teardown(self) -> None:
        self.folder.cleanup()

    def _one(self, data: st.DataObject) -> str | None:
        # in the order of making: ids are drawn by chance, and another run has others
        return list(self.said)[data.draw(st.integers(0, len(self.said) - 1))] if self.said else None

    @rule(name=NAMES)
    def create(self, name: str) -> None:
        self.n += 1
        self.said[self.store.create(name, draft(self.n)).kept.id] = [self.n]

    @rule(data=st.data())
    def save(self, data: st.DataObject) -> None:
        one, self.n = self._one(data), self.n + 1
        if one is None:
            return
        seen = data.draw(st.integers(1, len(self.said[one])))
        if one in self.gone:
            with pytest.raises(RunError):
                self.store.save(one, seen, draft(self.n))
            return
        saved = self.store.save(one, seen, draft(self.n))
        assert [version.number for version in saved.between] == list(range(len(self.said[one]), seen, -1))
        self.said[one].append(self.n)

    @rule(data=st.data(), name=NAMES)
    def change(self, data: st.DataObject, name: str) -> None:
        one = self._one(data)
        if one is None:
            return
        what = data.draw(st.sampled_from(["copy", "rename", "delete", "undelete", "restore"]))
        if what == "copy":
            number = data.draw(st.integers(1, len(self.said[one])))
            self.said[self.store.copy(one, number).kept.id] = [self.said[one][number - 1]]
        elif what == "restore" and one not in self.gone:
            self.store.restore(one, 1)
            self.said[one].append(self.said[one][0])
        elif what == "rename":
            self.store.rename(one, name)
        elif what == "delete":
            self.store.delete(one)
            self.gone.add(one)
        elif what == "undelete" and one in self.gone:
            self.store.undelete(one)
            self.gone.discard(one)

    @invariant()
    def nothing_is_lost(self) -> None:
        for one, budgets in self.said.items():
            kept = [version.asked["section"]["budget"] for version in self.store.versions(one)]
            assert kept[::-1] == budgets
        living = self.store.scenarios()
        assert {one.id for one in living} == self.said.keys() - self.gone
        names = [one.name.casefold() for one in living]
        assert len(set(names)) == len(names)


Kept.TestCase.settings = settings(
    max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestAnyOrder = Kept.TestCase


def test_a_list_of_hundreds_is_shown_in_parts_and_what_is_ticked_stays(store: Store) -> None:
    """Three hundred at once kept a browser busy for more than a minute."""
    for number in range(30):
        note = "for the board" if number == 3 else ""
        store.create(f"Plan {number}", Draft({}, {}, "fit-1", note, "Ana" if number % 2 else "Bo"))
    kept = store.scenarios()
    oldest = kept[-1].id
    shown, said, more = shown_of(kept, {oldest}, "", 20)
    assert [one.name for one in shown] == [*(f"Plan {number}" for number in range(29, 9, -1)), "Plan 0"]
    assert (said, more) == ("20 of 30 are shown, those saved last.", True)
    assert shown_of(kept, set(), "", 40)[1:] == ("", False)
    shown, said, more = shown_of(kept, set(), "BOARD ana", 20)
    assert ([one.name for one in shown], said, more) == (["Plan 3"], "1 of 30 hold these words.", False)
    assert len(shown_of(kept, {oldest}, "nobody", 20)[0]) == 1


def test_the_plan_on_the_page_has_a_name_that_no_scenario_has(store: Store) -> None:
    assert now_name(store.scenarios()) == "Plan on this page"
    store.create("Plan on this page", draft())
    assert now_name(store.scenarios()) == "Plan on this page now"
