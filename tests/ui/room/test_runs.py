"""Runs of the lab that a room keeps: whose, how many, and of what kind."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bnviz.experiments.continuations import PIECES
from bnviz.experiments.drawn_points import written
from bnviz.experiments.kept import Kept, configured, write
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.settings import knobs, number
from bnviz.ui.foreseen import challenges_of
from bnviz.ui.room import store, tables
from bnviz.ui.room.bounds import OF_ONE
from tests.rooms import readers, refused

LESSON, FIRST, SECOND = "race", *[one.name for one in challenges_of("race")[:2]]
CLASS = 60


class TestRunsOfTheLab:
    def test_are_kept_in_the_order_of_coming_with_the_seat_of_who_sent_them(self, rooms, clock):
        code, _ = rooms.open_room()
        one, other = "f" * 16, "0" * 16
        for reader, run in ((one, "nbatch_r0.1"), (other, "nnone"), (one, "nnone_h3")):
            clock.seconds += 1
            seat = rooms.send(code, reader, run)
            assert seat == (1 if reader == one else 2)
        assert [(sent.seat, sent.reader, sent.run) for sent in rooms.runs(code)] == [
            (1, one, "nbatch_r0.1"), (2, other, "nnone"), (1, one, "nnone_h3"),
        ]  # fmt: skip
        assert rooms.runs(code)[-1].time == clock.seconds
        assert rooms.seated(code) == 2

    def test_have_no_name_and_the_same_twice_is_one(self, rooms, clock):
        code, _ = rooms.open_room()
        for run in ("nbatch_NAnna", "nbatch_H", "nbatch_r0.1", "nbatch"):
            clock.seconds += 1
            rooms.send(code, readers(1)[0], run)
        assert [sent.run for sent in rooms.runs(code)] == ["nbatch_r0.1", "nbatch"]

    @pytest.mark.parametrize(
        "text", ["", "no run", "nbatch_r7", "nbatch__nnone", "nbatch_zz", "<b>x</b>", "n" * 9000,
                 "nbatch_t0.1x99999", "'; drop table bnviz_runs; --"],
    )  # fmt: skip
    def test_are_settings_that_the_lab_offers(self, rooms, text):
        code, _ = rooms.open_room()
        assert "no run" in refused(rooms.send, code, readers(1)[0], text)
        assert rooms.runs(code) == []
        assert rooms.seated(code) == 0

    def test_of_one_reader_the_newest_replace_the_oldest(self, rooms, clock):
        code, _ = rooms.open_room()
        rates = ("0.01", "0.032", "0.1", "1", "3.2", "10", "0.0032")
        for rate in rates:
            clock.seconds += 1
            rooms.send(code, readers(1)[0], f"nbatch_r{rate}")
        expected = [f"nbatch_r{rate}" for rate in rates[-OF_ONE:]]
        assert [sent.run for sent in rooms.runs(code)] == expected

    def test_where_a_room_is_full_who_has_sent_most_gives_way_to_who_has_sent_less(
        self, rooms, monkeypatch, clock
    ):
        monkeypatch.setattr(store, "MOST_RUNS", 4)
        code, _ = rooms.open_room()

        def send(reader, run):
            clock.seconds += 1
            rooms.send(code, readers(9)[reader], run)
            return [(sent.seat - 1, sent.run) for sent in rooms.runs(code)]

        for run in ("nnone", "nbatch", "nlayer"):
            send(0, run)
        send(1, "nnone")
        assert send(2, "nnone") == [(0, "nbatch"), (0, "nlayer"), (1, "nnone"), (2, "nnone")]
        assert send(2, "nbatch") == [(0, "nbatch"), (0, "nlayer"), (1, "nnone"), (2, "nbatch")]
        assert send(3, "nnone") == [(0, "nlayer"), (1, "nnone"), (2, "nbatch"), (3, "nnone")]
        assert "takes no more" in refused(rooms.send, code, readers(9)[4], "nnone")
        assert send(3, "nlayer")[-1] == (3, "nlayer")

    def test_of_sixty_at_once_none_is_lost(self, rooms):
        code, _ = rooms.open_room()
        with ThreadPoolExecutor(CLASS) as threads:
            seats = threads.map(lambda reader: rooms.send(code, reader, "nbatch"), readers(CLASS))
        assert len(rooms.runs(code)) == CLASS
        assert len({sent.seat for sent in rooms.runs(code)}) == CLASS
        assert all(1 <= seat <= CLASS for seat in seats)

    def test_stay_in_their_room_and_go_with_it(self, rooms):
        (one, key), (other, _) = rooms.open_room(), rooms.open_room()
        rooms.send(one, readers(1)[0], "nbatch")
        assert rooms.runs(other) == []
        rooms.close(one, key)
        assert "no room" in refused(rooms.runs, one)
        assert "no room" in refused(rooms.send, one, readers(1)[0], "nbatch")

    def test_with_every_knob_fit_into_the_table(self):
        longest = Kept("", configured({}, []))
        for field, knob in knobs(LabConfig).items():
            value = max(knob.options, key=lambda one: len(number(one)))
            given = longest.config.model_dump() | {field: value, "then": ""}
            longest = Kept("", configured(given, []))
        then = "_".join(["0.000123456789x1000"] * PIECES)
        assert len(write([longest])) + len(then) < tables.RUN

    def test_on_drawn_points_fit_unless_there_are_too_many(self, rooms):
        (code, _), reader = rooms.open_room(), readers(1)[0]
        for count, taken in ((80, True), (200, False)):
            places = (tuple((x, y) for x in range(-30, -20) for y in range(count // 10)),) * 2
            points = written((places[0], tuple((-x, y) for x, y in places[1])))
            run = write([Kept("", LabConfig(dataset="drawn", points=points))])
            if taken:
                assert rooms.send(code, reader, run) == 1
            else:
                assert "more points than a room takes" in refused(rooms.send, code, reader, run)
        assert "no run of the lab" in refused(rooms.send, code, reader, "ddrawn_P00-11")
