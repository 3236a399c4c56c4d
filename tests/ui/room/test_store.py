"""Rooms: what is kept of them, who may do what, and where they end; in each kind of database."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import create_engine, func, inspect, select

from bnviz.ui.foreseen import challenges_of
from bnviz.ui.room import bounds, codes, opening, store, tables
from bnviz.ui.room.bounds import DESERTED, LASTS, MOST_RUNS, OF_ONE, OPENED_A_MINUTE, RefusedError
from bnviz.ui.room.questions import allowed
from bnviz.ui.room.store import Rooms
from bnviz.words.challenge import LETTERS
from tests.rooms import Clock, readers, refused

LESSON, FIRST, SECOND = "race", *[one.name for one in challenges_of("race")[:2]]
CLASS = 60


def test_a_class_is_asked_answers_and_is_shown_the_answer(rooms):
    code, key = rooms.open_room()
    assert (rooms.room(code).lesson, rooms.seated(code)) == ("", 0)
    rooms.ask(code, key, LESSON, FIRST)
    assert (rooms.room(code).lesson, rooms.room(code).challenge) == (LESSON, FIRST)
    for reader, letter in zip(readers(5), "abbab", strict=True):
        assert rooms.vote(code, reader, LESSON, FIRST, letter)
    assert rooms.counts(code, LESSON, FIRST) == {"a": 2, "b": 3}
    assert rooms.seated(code) == 5
    assert not rooms.room(code).shown
    rooms.reveal(code, key, LESSON, FIRST)
    rooms.reveal(code, key, LESSON, FIRST)  # twice is once
    assert rooms.room(code).shown
    assert not rooms.vote(code, readers(6)[5], LESSON, FIRST, "a")
    assert rooms.counts(code, LESSON, FIRST) == {"a": 2, "b": 3}
    rooms.ask(code, key, LESSON, SECOND)
    assert not rooms.room(code).shown
    assert rooms.shown(code, LESSON, FIRST)
    assert rooms.counts(code, LESSON, SECOND) == {}
    rooms.reopen(code, key, LESSON, FIRST)
    assert rooms.vote(code, readers(6)[5], LESSON, FIRST, "a")
    assert rooms.counts(code, LESSON, FIRST) == {"a": 3, "b": 3}


def test_a_second_vote_replaces_the_first(rooms, clock):
    code, _ = rooms.open_room()
    reader = codes.new_reader()
    for letter in "aab":
        clock.seconds += 1
        assert rooms.vote(code, reader, LESSON, FIRST, letter)
    rooms.vote(code, reader, LESSON, SECOND, "a")
    assert rooms.counts(code, LESSON, FIRST) == {"b": 1}
    first, second = rooms.votes(code)
    assert (first.answer, second.answer) == ("b", "a")
    assert rooms.votes(code, reader) == [first, second]
    assert rooms.votes(code, codes.new_reader()) == []
    assert (first.reader, first.lesson, first.challenge) == (reader, LESSON, FIRST)
    assert first.time == clock.seconds
    assert rooms.seated(code) == 1


def test_rooms_know_nothing_of_each_other(rooms):
    (one, key), (other, _) = rooms.open_room(), rooms.open_room()
    rooms.vote(one, readers(1)[0], LESSON, FIRST, "a")
    assert rooms.counts(other, LESSON, FIRST) == {}
    assert rooms.votes(other) == []
    assert rooms.hosts(one, key)
    assert not rooms.hosts(other, key)
    rooms.close(one, key)
    assert "no room" in refused(rooms.room, one)
    assert rooms.seated(other) == 0


def test_only_the_host_leads_a_room(rooms):
    code, key = rooms.open_room()
    for wrong in ("", "wrong", code, codes.hashed(key), key[:-1]):
        assert not rooms.hosts(code, wrong)
        for act in (rooms.ask, rooms.reveal, rooms.reopen):
            assert "opened the room" in refused(act, code, wrong, LESSON, FIRST)
        assert "opened the room" in refused(rooms.close, code, wrong)
    assert rooms.room(code).lesson == ""


@pytest.mark.parametrize(
    ("lesson", "challenge", "letter"),
    [
        (LESSON, FIRST, "z"), (LESSON, FIRST, "x"), (LESSON, FIRST, ""), (LESSON, FIRST, "ab"),
        (LESSON, "none", "a"), ("none", FIRST, "a"), ("../race", FIRST, "a"),
        (LESSON, FIRST, "'; drop table bnviz_votes; --"),
    ],
)  # fmt: skip
def test_only_answers_to_questions_are_kept(rooms, lesson, challenge, letter):
    code, key = rooms.open_room()
    assert refused(rooms.vote, code, readers(1)[0], lesson, challenge, letter)
    if challenge != FIRST or lesson != LESSON:
        assert "no such question" in refused(rooms.ask, code, key, lesson, challenge)
    assert rooms.votes(code) == []
    assert rooms.seated(code) == 0


def test_every_challenge_of_the_course_fits_into_the_table():
    from bnviz.ui.course import written

    for lesson in written():
        assert len(lesson.name) <= tables.LESSON
        for one in challenges_of(lesson.name):
            assert len(one.name) <= tables.CHALLENGE
            letters = LETTERS[: len(one.answers)]
            assert all(allowed(lesson.name, one.name, letter) for letter in ("", *letters))
            assert not allowed(lesson.name, one.name, LETTERS[len(one.answers) :] or "x")


def test_a_room_ends_after_a_day_and_is_swept_out_with_all_that_was_said(rooms, clock, engine):
    code, key = rooms.open_room()
    rooms.vote(code, readers(1)[0], LESSON, FIRST, "a")
    rooms.reveal(code, key, LESSON, FIRST)
    rooms.send(code, readers(1)[0], "nbatch")
    rooms.open_part(code, key, "post")
    clock.seconds += LASTS - 1
    later, _ = rooms.open_room()
    assert rooms.counts(code, LESSON, FIRST) == {"a": 1}
    clock.seconds += 1
    assert "24 hours" in refused(rooms.room, code)
    assert "24 hours" in refused(rooms.vote, code, readers(1)[0], LESSON, SECOND, "a")
    assert "24 hours" in refused(rooms.votes, code)
    assert "24 hours" in refused(rooms.hosts, code, key)
    newest, _ = rooms.open_room()
    assert "no room" in refused(rooms.room, code)
    assert {rooms.room(one).code for one in (later, newest)} == {later, newest}
    with engine.connect() as connection:
        for table in tables.OF_A_ROOM:
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_there_are_so_many_rooms_and_no_more(rooms, clock, monkeypatch):
    monkeypatch.setattr(opening, "MOST_ROOMS", 5)
    opened = [rooms.open_room()[0] for _ in range(5)]
    assert len(set(opened)) == 5
    assert "All 5 rooms" in refused(rooms.open_room)
    clock.seconds += LASTS
    assert rooms.open_room()[0] not in opened


def test_where_all_rooms_are_taken_the_one_gives_way_that_is_deserted_longest(
    rooms, clock, monkeypatch
):
    monkeypatch.setattr(opening, "MOST_ROOMS", 3)
    empty, voted, led = [rooms.open_room() for _ in range(3)]
    clock.seconds += DESERTED - 2
    rooms.vote(voted[0], readers(1)[0], LESSON, FIRST, "a")
    clock.seconds += 1
    rooms.reveal(*led, LESSON, FIRST)
    assert "All 3 rooms" in refused(rooms.open_room)
    clock.seconds += 1
    rooms.open_room()
    assert "no room" in refused(rooms.room, empty[0])
    assert rooms.counts(voted[0], LESSON, FIRST) == {"a": 1}
    clock.seconds += DESERTED - 1
    rooms.open_room()
    assert "no room" in refused(rooms.room, voted[0])
    assert rooms.room(led[0]).code == led[0]


def test_so_many_rooms_are_opened_a_minute_and_no_more(rooms, clock):
    for _ in range(OPENED_A_MINUTE):
        rooms.open_room()
    assert "in a minute" in refused(rooms.open_room)
    clock.seconds += 60
    assert rooms.open_room()


def test_a_part_is_open_once_the_host_says_so(rooms):
    (code, key), (other, _) = rooms.open_room(), rooms.open_room()
    assert not rooms.opened(code, "post")
    assert "opened the room" in refused(rooms.open_part, code, "wrong", "post")
    rooms.open_part(code, key, "post")
    rooms.open_part(code, key, "post")
    assert rooms.opened(code, "post")
    assert not rooms.opened(code, "pre")
    assert not rooms.opened(other, "post")
    rooms.open_part(code, key, "post", open_=False)
    assert not rooms.opened(code, "post")


def test_a_room_has_so_many_seats_and_no_more(rooms, monkeypatch):
    monkeypatch.setattr(store, "MOST_READERS", 3)
    code, _ = rooms.open_room()
    for reader in readers(3):
        rooms.join(code, reader)
        rooms.join(code, reader)
    assert "full" in refused(rooms.join, code, codes.new_reader())
    assert "full" in refused(rooms.vote, code, codes.new_reader(), LESSON, FIRST, "a")
    assert rooms.vote(code, readers(1)[0], LESSON, FIRST, "a")
    assert rooms.seated(code) == 3


def test_the_bounds_are_what_the_manual_says():
    assert (bounds.MOST_ROOMS, bounds.MOST_READERS, LASTS, DESERTED) == (200, 300, 86400, 3600)
    assert (MOST_RUNS, OF_ONE, OPENED_A_MINUTE) == (60, 5, 10)


def test_sixty_vote_at_once_and_change_their_minds_and_none_is_lost(rooms):
    code, key = rooms.open_room()
    rooms.ask(code, key, LESSON, FIRST)
    answers = {reader: "ab"[place % 3 == 0] for place, reader in enumerate(readers(CLASS))}

    def vote(reader):
        for letter in ("a", "b", answers[reader]):
            rooms.vote(code, reader, LESSON, FIRST, letter)

    with ThreadPoolExecutor(CLASS) as threads:
        list(threads.map(vote, readers(CLASS)))
    assert rooms.counts(code, LESSON, FIRST) == Counter(answers.values())
    assert {vote.reader: vote.answer for vote in rooms.votes(code)} == answers
    assert rooms.seated(code) == CLASS


def test_one_reader_in_many_tabs_has_one_vote_and_one_seat(rooms):
    code, _ = rooms.open_room()
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda n: rooms.vote(code, "0" * 16, LESSON, FIRST, "ab"[n % 2]),
                         range(40)))  # fmt: skip
    assert sum(rooms.counts(code, LESSON, FIRST).values()) == 1
    assert rooms.seated(code) == 1


def test_bounds_hold_while_all_come_at_once(rooms, monkeypatch):
    monkeypatch.setattr(opening, "MOST_ROOMS", 8)
    monkeypatch.setattr(store, "MOST_READERS", 10)

    def open_one(_):
        try:
            return rooms.open_room()[0]
        except RefusedError:
            return None

    with ThreadPoolExecutor(16) as threads:
        opened = [code for code in threads.map(open_one, range(16)) if code]
        assert len(set(opened)) == len(opened) <= 8

        def join(reader):
            try:
                rooms.join(opened[0], reader)
            except RefusedError:
                return False
            return True

        assert sum(threads.map(join, readers(16))) == 10
    assert rooms.seated(opened[0]) == 10


def test_two_processes_find_the_same_rooms(rooms, engine, clock):
    other = Rooms(create_engine(engine.url), now=clock)
    code, key = rooms.open_room()
    assert other.hosts(code, key)
    other.vote(code, readers(1)[0], LESSON, FIRST, "a")
    assert rooms.counts(code, LESSON, FIRST) == {"a": 1}
    other._engine.dispose()


def test_nothing_is_kept_but_what_the_manual_says(rooms, engine):
    _, key = rooms.open_room()
    kept = {
        name: {column["name"] for column in inspect(engine).get_columns(name)}
        for name in inspect(engine).get_table_names()
    }
    assert kept == {
        "bnviz_rooms": {"code", "slot", "host", "opened", "lesson", "challenge"},
        "bnviz_readers": {"room", "reader", "joined"},
        "bnviz_votes": {"room", "reader", "lesson", "challenge", "answer", "time"},
        "bnviz_shown": {"room", "lesson", "challenge", "time"},
        "bnviz_runs": {"room", "reader", "run", "time"},
        "bnviz_parts": {"room", "part", "time"},
    }
    with engine.connect() as connection:
        row = connection.execute(select(tables.ROOMS)).one()
    assert key not in row


def test_other_questions_can_be_asked_where_they_are_allowed(engine, clock):
    rooms = Rooms(engine, lambda *words: words[:2] == ("quiz", "one"), clock)
    code, key = rooms.open_room()
    rooms.ask(code, key, "quiz", "one")
    assert rooms.vote(code, readers(1)[0], "quiz", "one", "a whole sentence")
    assert "no such question" in refused(rooms.ask, code, key, LESSON, FIRST)


class Class(RuleBasedStateMachine):
    """Whatever a class does, in whatever order, the store says what a dictionary would."""

    @initialize()
    def open(self):
        self.clock = Clock()
        self.rooms = Rooms(create_engine("sqlite://"), now=self.clock)
        self.code, self.key = self.rooms.open_room()
        self.votes, self.shown = {}, set()

    @rule(
        reader=st.sampled_from(readers(4)),
        challenge=st.sampled_from([FIRST, SECOND]),
        letter=st.sampled_from("ab"),
    )
    def vote(self, reader, challenge, letter):
        counted = self.rooms.vote(self.code, reader, LESSON, challenge, letter)
        assert counted == (challenge not in self.shown)
        if counted:
            self.votes[reader, challenge] = letter

    @rule(challenge=st.sampled_from([FIRST, SECOND]), again=st.booleans())
    def show(self, challenge, again):
        if again:
            self.rooms.reopen(self.code, self.key, LESSON, challenge)
            self.shown.discard(challenge)
        else:
            self.rooms.reveal(self.code, self.key, LESSON, challenge)
            self.shown.add(challenge)

    @rule(seconds=st.floats(0, 600))
    def wait(self, seconds):
        self.clock.seconds += seconds

    @invariant()
    def counts_agree(self):
        for challenge in (FIRST, SECOND):
            expected = Counter(
                letter for (_, asked), letter in self.votes.items() if asked == challenge
            )
            assert self.rooms.counts(self.code, LESSON, challenge) == expected
            assert self.rooms.shown(self.code, LESSON, challenge) == (challenge in self.shown)


Class.TestCase.settings = settings(max_examples=15, stateful_step_count=12)
TestClass = Class.TestCase


@given(st.floats(0, 3 * LASTS))
@settings(max_examples=20)
def test_a_room_is_there_for_exactly_a_day(passed):
    clock = Clock()
    rooms = Rooms(create_engine("sqlite://"), now=clock)
    code, _ = rooms.open_room()
    opened = clock.seconds
    clock.seconds += passed
    if clock.seconds - LASTS < opened:
        assert rooms.room(code).opened == opened
    else:
        assert "24 hours" in refused(rooms.room, code)
