"""A class at once, in small: nobody's answer is lost, nobody meets an error."""

import asyncio
import math

import pytest
from streamlit.proto import Alert_pb2, Exception_pb2
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.server import serve

from benchmarks import idle, load, room
from benchmarks.protocol import Traffic
from benchmarks.reader import PATIENCE, Reader
from benchmarks.server import Server, serving
from benchmarks.waits import Waits

pytestmark = pytest.mark.xdist_group("browser")  # not while a browser is watched

ON_ITS_WAY = 2.0  # seconds of processor time; the whole run takes thirty, by its estimate
CLASS = load.Size(readers=8, arriving=0.5, together=1)


@pytest.fixture(scope="module")
def server():
    with serving() as one:
        yield one


def test_a_small_class_opens_the_front_door(server):
    waits = asyncio.run(load.opening(server, CLASS))
    assert (len(waits.seconds), waits.lost, waits.faults) == (8, [], [])
    assert 0 < waits.middle <= waits.p95 <= waits.longest < PATIENCE


def test_a_small_class_turns_the_same_knob(server):
    waits = asyncio.run(load.same(server, CLASS))
    assert (len(waits.seconds), waits.lost, waits.faults) == (8, [], [])


def test_a_knob_brings_other_pictures_and_the_same_value_brings_none(server):
    async def read():
        async with Reader(server) as reader:
            await reader.open("race", "race-steps=50&race-seeds=1&race-depth=3")
            pictures = [reader.traffic.kinds["plotly_chart"]]
            for value in ("3", "4"):
                await reader.turn("race-depth", value)
                pictures.append(reader.traffic.kinds["plotly_chart"])
            await asyncio.gather(reader.turn("race-depth", "5"), reader.turn("race-depth", "6"))
            assert reader.value("race-depth") == "6"
            greyed = {name for name, knob in reader.knobs.items() if knob.greyed}
            assert greyed == {"race-scaling", "race-point_noise"}  # of digits
            await reader.open("transform")
            assert {name.split("-")[0] for name in reader.knobs} == {"transform"}
            assert reader.traffic.faults == []
            return pictures

    first, same, other = asyncio.run(read())
    assert 0 < first == same < other


def test_cores_are_idle_soon_after_a_reader_has_left_a_page_that_trains(server):
    """In processor time, since the machine may be busy; benchmarks.idle says how soon it is."""
    assert asyncio.run(idle.leaving(server)).processor < ON_ITS_WAY


@pytest.mark.parametrize(("lesson", "most"), [("home", 88), ("race", 88), ("lab", 196)])
def test_a_view_is_few_messages_and_the_next_one_repeats_none_that_is_large(server, lesson, most):
    small = f"{lesson}-steps=50&{lesson}-seeds=1"

    async def look():
        async with Reader(server) as reader:
            await reader.open(lesson, small)
            first = reader.traffic
            reader.traffic = Traffic()
            await reader.turn(f"{lesson}-seeds", "1")  # where it stands
            return first, reader.traffic

    first, again = asyncio.run(look())
    assert first.messages <= most
    assert again.size < first.size / 2.5


def test_a_small_class_votes_beside_a_board_and_none_of_it_is_lost():
    own, together, waits = asyncio.run(room.measured(4, 1.0, 1))
    assert (waits.lost, waits.faults) == ([], [])
    assert own[0] > 0
    assert together[0] > 0


def test_what_goes_wrong_is_counted():
    reader = Reader(Server(port=1, pid=1))
    failed = Element(exception=Exception_pb2.Exception(type="ValueError", message="no"))
    alert = Element(alert=Alert_pb2.Alert(body="red", format=Alert_pb2.Alert.ERROR))
    warning = Element(alert=Alert_pb2.Alert(body="yellow", format=Alert_pb2.Alert.WARNING))
    for element in (failed, alert, warning):
        reader.hear(ForwardMsg(delta=Delta(new_element=element)).SerializeToString())
    assert reader.traffic.faults == ["ValueError: no", "red"]
    waits = Waits(seconds=[1.0] * 18, lost=[])
    assert waits.p95 == 1
    waits.lost += ["gone", "gone"]
    assert waits.p95 == math.inf


def test_an_answer_that_never_comes_is_lost():
    async def lose():
        async def refuse(connection):
            await connection.recv()

        async with serve(refuse, "127.0.0.1", 0, subprotocols=["streamlit"]) as silent:
            server = Server(port=silent.sockets[0].getsockname()[1], pid=1)
            waits = Waits()
            async with Reader(server) as reader:
                await waits.add(reader.open("home"))
        return waits, server

    waits, gone = asyncio.run(lose())
    assert waits.lost == ["the connection was closed"]
    asyncio.run(waits.add(Reader(gone).open("home")))
    assert waits.seconds == []
    assert "no connection" in waits.lost[1]
