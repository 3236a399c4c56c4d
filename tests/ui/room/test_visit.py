"""A host and students, each on a page of their own, without a browser."""

import csv
import re
from html import unescape
from io import StringIO
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from bnviz.experiments.kept import Kept, write
from bnviz.experiments.kept import read as read_kept
from bnviz.ui.challenges import SHOW
from bnviz.ui.foreseen import challenges_of
from bnviz.ui.room import store, tables, where
from bnviz.ui.room.door import IN_AN_HOUR
from bnviz.ui.room.results import HEAD, as_csv
from tests import postgres
from tests.pages import QUICK_ARMS, ROOT, page_texts

FIRST, SECOND = challenges_of("transform")[:2]
PAGES = {"transform": "pages/02_transform.py", "backward": "pages/03_backward.py",
         "lab": "pages/19_lab.py", "glossary": "pages/20_glossary.py"}  # fmt: skip


@pytest.fixture
def rooms(monkeypatch, tmp_path):
    """The rooms of a server that has just been installed."""
    monkeypatch.setenv(where.SETTING, f"sqlite:///{tmp_path / 'rooms.sqlite'}")
    return where.rooms()


@pytest.fixture
def host(rooms):
    code, key = rooms.open_room()
    return visit(code, key)


def visit(code="", key="", lesson="transform", **link):
    """The lesson in a fresh session; in a room, if there is a code."""
    at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    at.switch_page(PAGES[lesson])
    for name, value in {"room": code, "host": key, **link}.items():
        if value:
            at.query_params[name] = value
    return there(at.run())


def there(at):
    assert not at.exception, [one.message for one in at.exception]
    assert not at.error, [one.value for one in at.error]
    return at


def parameter(at, name):
    """Of the address: as a test has set it, or as the page has."""
    value = at.query_params[name]
    return value if isinstance(value, str) else value[0]


def code_of(at):
    return parameter(at, "room")


def press(at, label):
    found = next(one for one in at.button if one.label == label)
    return there(found.click().run())


def ticked(at):
    """The answers that are marked as the reader's."""
    return [one.label for one in at.button if one.proto.icon == ":material/check:"]


def labels(at):
    return [one.label for one in at.button]


def read(at):
    """All there is to read."""
    html = [one.proto.body for one in at.get("html")]
    return "\n".join([*page_texts(at), *(one.value for one in at.caption), *html,
                      *(one.value for one in at.warning)])  # fmt: skip


def split(at):
    return next((one.proto.body for one in at.get("html") if "bnviz-split" in one.proto.body
                 and "role=" in one.proto.body), None)  # fmt: skip


def test_a_room_is_opened_from_any_page_and_its_key_is_in_the_hosts_address_alone(rooms):
    at = visit()
    assert "bnviz-split" not in read(at)
    at = press(at, "In class: a room")
    assert code_of(at) == "new"
    assert "random number" in read(at)
    at = press(at, "Open a room for my class")
    code, key = code_of(at), parameter(at, "host")
    assert rooms.hosts(code, key)
    assert "Nobody has joined yet" in read(at)
    assert (rooms.room(code).lesson, rooms.room(code).challenge) == ("transform", FIRST.name)
    assert key not in re.sub("<[^>]*>", "", read(at)) + at.code[0].value  # but in its links
    assert at.code[0].value.endswith(f"?room={code}")


def test_a_class_votes_without_seeing_the_majority_and_the_host_shows_the_run(rooms, host):
    code = code_of(host)
    students = [visit(code) for _ in range(3)]
    for at, place in zip(students, (0, 1, 1), strict=True):
        assert "your answer counts" in read(at)
        at = press(at, FIRST.answers[place])
        assert "Your answer is with the class" in read(at)
        assert ticked(at) == [FIRST.answers[place]]
        assert FIRST.question in read(at)
    assert rooms.counts(code, "transform", FIRST.name) == {"a": 1, "b": 2}

    assert split(host.run()) is None
    assert "**3 of 3** have answered" in read(host)
    host = press(host, "Show the split")
    assert "2 (67\N{NO-BREAK SPACE}%)" in split(host)
    assert "✓" not in split(host)
    host = press(host, "Hide the split")
    assert split(host) is None

    changed = press(students[2], FIRST.answers[0])  # a second thought
    assert rooms.counts(code, "transform", FIRST.name) == {"a": 2, "b": 1}
    changed = press(changed, SHOW)
    assert "Not yet" in read(changed)
    assert FIRST.question in read(changed)
    assert "Next question" not in labels(changed)

    host = press(host, SHOW)
    assert rooms.shown(code, "transform", FIRST.name)
    host = there(host.run())
    assert split(host).count("✓ this run") == 1
    assert "2 (67\N{NO-BREAK SPACE}%)" in split(host)
    assert "Show the split" not in labels(host)

    changed = press(changed, SHOW)
    assert "Next question" in labels(changed)
    told = next(text for text in page_texts(changed) if text.startswith(("**As you", "**You said")))
    assert FIRST.answers[0] in told


def test_after_the_run_was_shown_no_vote_counts(rooms, host):
    code, late = code_of(host), visit(code_of(host))
    press(host, SHOW)
    late = press(late, FIRST.answers[0])  # of a page that stood there already
    assert "its answer was shown" in read(late)
    assert "Next question" in labels(press(late, SHOW))  # their own page goes on
    assert rooms.votes(code) == []


def test_students_find_the_way_to_the_classs_question(rooms, host):
    code, student = code_of(host), visit(code_of(host))
    host = press(press(host, SHOW), "Next question")
    assert rooms.room(code).challenge == SECOND.name
    student = there(student.run())
    assert f"The teacher asks: {SECOND.question}" in read(student)
    student = press(student, "Go there")
    assert SECOND.question in read(student)
    assert "your answer counts" in read(student)
    for lesson in ("backward", "glossary"):
        elsewhere = read(visit(code, lesson=lesson))
        assert 'href="transform?' in elsewhere
        (link,) = re.findall(r'href="(transform[^"]*ask=2[^"]*)"', elsewhere)
        asked = dict(parse_qsl(unescape(link).partition("?")[2]))
        assert asked == {"room": code, "transform-ask": "2", "transform-source": "one outlier"}


def test_an_answer_to_another_question_counts_too_and_is_told_at_once(rooms, host):
    code = code_of(host)
    student = press(visit(code, lesson="backward"), challenges_of("backward")[0].answers[0])
    assert "Next question" in labels(student)
    (vote,) = rooms.votes(code)
    assert (vote.lesson, vote.challenge, vote.answer) == (
        "backward", challenges_of("backward")[0].name, "a",
    )  # fmt: skip


def test_just_show_me_is_no_vote(rooms, host):
    code = code_of(host)
    press(visit(code, lesson="backward"), "Just show me")
    assert rooms.votes(code) == []


@pytest.mark.parametrize("code", ["banana", "BCDFGH", "b", "**x**", "<b>x</b>", "../../x"])
def test_a_wrong_code_is_a_sentence_and_the_lesson_stands(rooms, code):
    at = visit(code)
    assert FIRST.question in read(at)
    assert "six letters" in read(at) or "no room of this code" in read(at)
    assert len(code) == 1 or code not in re.sub("<a[^>]*>", "", read(at))
    at.text_input(key="room-code").set_value("nonsense")
    assert "six letters" in read(press(at, "Join"))


def test_a_code_may_be_typed(rooms, host):
    code = code_of(host)
    at = visit("new")
    at.text_input(key="room-code").set_value(f" {code[:3].lower()}-{code[3:]} ")
    at = there(at.run())
    assert code_of(at) == code
    assert "your answer counts" in read(at)
    at = press(at, "Leave the room")
    assert "room" not in at.query_params
    assert "In class: a room" in labels(at)


def test_one_reader_opens_so_many_rooms_in_an_hour(rooms):
    at = visit("new")
    for _ in range(IN_AN_HOUR):
        at = press(at, "Open a room for my class")
        at = press(at, "Close the room")
        at = press(at, "In class: a room")
    at = press(at, "Open a room for my class")
    assert code_of(at) == "new"
    assert "within an hour" in read(at)


SMALL = {f"lab-{name}": value for name, value in QUICK_ARMS.items()}


def test_a_student_sends_runs_of_the_lab_and_the_host_takes_them_into_the_list(rooms):
    code, key = rooms.open_room()
    student = visit(code, lesson="lab", **SMALL)
    assert "without your name" in read(student)
    assert rooms.runs(code) == []
    for arm in "AB":
        student = press(student, f"Send run {arm} to the class")
        assert "you are **student 1**" in read(student)
    other = visit(code, lesson="lab", **SMALL, **{"lab-b-learning_rate": "1"})
    assert "student 2" in read(press(other, "Send run B to the class"))
    sent = rooms.runs(code)
    assert [one.seat for one in sent] == [1, 1, 2]
    assert not any("N" in one.run for one in sent)  # no name

    host = visit(code, key, lesson="lab", **SMALL)
    assert "Send run A to the class" not in labels(host)
    host = press(host, "From the room: 3 new runs")
    kept, wrong = read_kept(parameter(host, "lab-kept"))
    assert not wrong
    assert [one.name for one in kept] == ["student 1", "student 1", "student 2"]
    assert [write([Kept("", one.config)]) for one in kept] == [one.run for one in sent]
    host = press(host, "From the room: no new runs")
    assert len(read_kept(parameter(host, "lab-kept"))[0]) == 3


def test_without_a_room_no_run_can_be_sent_or_taken_in(rooms):
    alone = labels(visit(lesson="lab", **SMALL))
    assert "Keep A" in alone
    assert not any(label.startswith(("Send", "From the room")) for label in alone)


def test_a_run_that_a_closed_room_refuses_is_a_sentence(rooms):
    code, key = rooms.open_room()
    student = visit(code, lesson="lab", **SMALL)
    rooms.close(code, key)
    assert "no room of this code" in read(press(student, "Send run A to the class"))


def test_who_has_not_the_key_is_a_student(rooms, host):
    at = visit(code_of(host), "wrong")
    assert "your answer counts" in read(at)
    assert "Close the room" not in labels(at)


def test_a_room_that_is_closed_ends_for_all(rooms, host):
    student = visit(code_of(host))
    at = press(host, "Close the room")
    assert "room" not in at.query_params
    assert "no room of this code" in read(press(student, FIRST.answers[0]))
    assert FIRST.question in read(student) or "Next question" in labels(student)


def test_a_full_room_says_so_and_the_lesson_goes_on(rooms, host, monkeypatch):
    monkeypatch.setattr(store, "MOST_READERS", 1)
    code = code_of(host)
    rooms.join(code, "0" * 16)
    student = press(visit(code), FIRST.answers[0])
    assert "full" in read(student)
    assert rooms.votes(code) == []


def test_a_database_that_does_not_answer_is_a_sentence(monkeypatch, caplog):
    for url in ("postgresql+psycopg://nobody@127.0.0.1:1/none", "no database", "oracle://x"):
        monkeypatch.setenv(where.SETTING, url)
        at = visit("BCDFGH")
        assert "cannot reach the database" in read(at)
        assert FIRST.question in read(at)


@postgres.IF_INSTALLED
def test_a_class_answers_into_any_database(monkeypatch, postgres_url):
    monkeypatch.setenv(where.SETTING, postgres_url)
    rooms = where.rooms()
    assert rooms._engine.dialect.name == "postgresql"
    code, key = rooms.open_room()
    visit(code, key)
    press(visit(code), FIRST.answers[1])
    assert "**1 of 1** has answered" in read(visit(code, key))
    assert rooms.counts(code, "transform", FIRST.name) == {"b": 1}
    tables._META.drop_all(rooms._engine)  # the next one finds it empty
    rooms._engine.dispose()


def test_streamlits_secrets_may_name_the_database(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    secrets = {"connections": {"rooms": {"url": "sqlite://"}}}
    monkeypatch.setattr(where.st, "secrets", _Secrets(secrets))
    assert where._in_a_file() is None
    monkeypatch.setattr(where.st, "secrets", _Secrets({}))
    assert where._in_a_file().startswith("sqlite:///")


class _Secrets(dict):
    def load_if_toml_exists(self):
        return True


def test_where_no_file_may_be_written_there_is_no_room(monkeypatch):
    monkeypatch.delenv(where.SETTING, raising=False)
    monkeypatch.setattr(where, "_writable", lambda folder: False)
    assert "may write no file" in read(visit("BCDFGH"))


def test_without_a_setting_the_rooms_are_in_a_file_of_the_users_own(monkeypatch, tmp_path):
    monkeypatch.delenv(where.SETTING, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    code, _ = where.rooms().open_room()
    assert (tmp_path / "bnviz" / where.FILE).exists()
    assert (tmp_path / "bnviz").stat().st_mode & 0o077 == 0
    assert where.rooms().room(code).code == code


def test_the_results_are_a_table_that_no_spreadsheet_computes(rooms, host):
    code = code_of(host)
    press(visit(code), FIRST.answers[1])
    head, row = csv.reader(StringIO(as_csv(rooms.votes(code)).removeprefix("\ufeff")))
    assert tuple(head) == HEAD
    cells = dict(zip(HEAD, row, strict=True))
    assert (cells["lesson"], cells["question"], cells["answer"]) == ("transform", FIRST.name, "b")
    assert cells["what was answered"] == FIRST.answers[1]
    assert cells["what was asked"] == FIRST.question
    hostile = [store.Vote("0" * 16, "=1+1", "@x", "-2+3\n=x", 0.0)]
    for line in csv.reader(StringIO(as_csv(hostile).removeprefix("\ufeff"))):
        assert not any(cell.startswith(tuple("=+-@\t\r\n")) for cell in line)


def test_a_host_who_has_tried_a_question_lets_the_class_vote_on_it_again(rooms, host):
    code = code_of(host)
    host = press(host, SHOW)
    assert rooms.shown(code, "transform", FIRST.name)
    again = visit(code, parameter(host, "host"))
    assert rooms.shown(code, "transform", FIRST.name)
    again = press(again, "Let them vote again")
    assert not rooms.shown(code, "transform", FIRST.name)
    assert "Let them vote again" not in labels(again)
    press(visit(code), FIRST.answers[0])
    assert rooms.counts(code, "transform", FIRST.name) == {"a": 1}


def test_what_a_class_says_aloud_is_no_vote_of_the_hosts(rooms):
    code, key = rooms.open_room()
    host = visit(code, key, present="1")
    assert "Nobody has joined yet" in read(host)
    host = press(host, FIRST.answers[1])
    assert ticked(host) == [FIRST.answers[1]]
    host = press(host, SHOW)
    assert rooms.votes(code) == []
    assert rooms.shown(code, "transform", FIRST.name)
    there(host.run())
