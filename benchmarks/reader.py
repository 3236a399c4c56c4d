"""A reader without a browser, who speaks Streamlit's protocol: opens lessons and turns knobs.

To the server it is a browser: it sends the state of all widgets with each change, keeps the link
up to date, and says which large messages it still has, which are then not sent again.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Button_pb2 import Button
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Navigation_pb2 import Navigation
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from benchmarks.server import Server

PATIENCE = 150.0  # seconds until an answer counts as lost
KEPT = 2  # runs for which a browser keeps a large message it has not met again


class Lost(Exception):
    """An answer that never came."""


@dataclass(frozen=True)
class Knob:
    """A widget on the page with one value out of some: a slider over options, or a select box."""

    id: str
    options: tuple[str, ...]
    default: str
    slides: bool

    def state(self, value: str) -> WidgetState:
        state = WidgetState(id=self.id)
        if self.slides:
            state.string_array_value.data.append(value)
        else:
            state.string_value = value
        return state


@dataclass
class Traffic:
    """What the server has sent."""

    messages: int = 0
    size: int = 0  # bytes, as they travel: Streamlit does not compress them
    faults: list[str] = field(default_factory=list)  # exceptions, and alerts that are errors
    kinds: Counter[str] = field(default_factory=Counter)  # messages by what they carry
    sizes: Counter[str] = field(default_factory=Counter)  # bytes, likewise

    def count(self, kind: str, size: int) -> None:
        self.messages += 1
        self.size += size
        self.kinds[kind] += 1
        self.sizes[kind] += size


@dataclass
class Asked:
    """A view that was asked for; its answer is the seconds until the whole page stood."""

    at: float
    answer: asyncio.Future[float]
    begun: bool = False  # a run of the page has begun since


class Reader:
    """One reader, whose session is empty; a context: `async with Reader(server) as reader`."""

    def __init__(self, server: Server) -> None:
        self._address = f"ws://127.0.0.1:{server.port}/_stcore/stream"
        self._socket: ClientConnection | None = None
        self._listening: asyncio.Task[None] | None = None
        self._asked: list[Asked] = []
        self._pages: dict[str, str] = {}  # a lesson's name -> what the server calls its page
        self._page = ""  # the page under the eyes, as the server calls it
        self._link: dict[str, str] = {}
        self._states: dict[str, WidgetState] = {}  # of every widget on the page, by its id
        self._known: dict[str, int] = {}  # large messages this reader has -> the run last met
        self._runs = 0
        self._met: set[str] = set()  # ids of the widgets of the run under way
        self.knobs: dict[str, Knob] = {}  # by their name in the link
        self.buttons: dict[str, str] = {}  # by their key -> id; those that can be pressed
        self.traffic = Traffic()

    async def __aenter__(self) -> Reader:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def open(self, lesson: str, link: str = "") -> float:
        """Seconds until the lesson stands: in a new tab, or for one who comes from another."""
        started = time.monotonic()
        self._link = dict(parse_qsl(link))
        if self._socket is None:
            await self._connect()
            return await self._ask(started, page_name="" if lesson == "home" else lesson)
        self._page = self._pages[lesson]
        return await self._ask(started)

    async def turn(self, name: str, value: str) -> float:
        """Seconds until the page stands with this knob at this value."""
        knob = self.knobs[name]
        self._states[knob.id] = knob.state(value)
        self._link.pop(name, None)
        if value != knob.default:
            self._link[name] = value
        return await self._ask(time.monotonic())

    async def press(self, key: str) -> float:
        """Seconds until the page stands after a press on this button."""
        pressed = WidgetState(id=self.buttons[key], trigger_value=True)
        return await self._ask(time.monotonic(), pressed)

    async def leave(self) -> None:
        """Close the tab, as readers do: without a word."""
        if self._listening:
            self._listening.cancel()
        if self._socket:
            self._socket.transport.abort()

    def value(self, name: str) -> str:
        """Where this knob stands."""
        state = self._states[self.knobs[name].id]
        return state.string_value or state.string_array_value.data[0]

    async def _connect(self) -> None:
        try:
            self._socket = await connect(
                self._address,
                subprotocols=["streamlit"],  # type: ignore[list-item]  # a NewType of str
                max_size=None,
                compression=None,
                open_timeout=PATIENCE,
                ping_interval=None,  # a busy server is no dead one
            )
        except (OSError, WebSocketException, TimeoutError) as error:
            raise Lost(f"no connection: {error}") from error
        self._listening = asyncio.create_task(self._listen(self._socket))

    async def _ask(
        self, at: float, pressed: WidgetState | None = None, page_name: str = ""
    ) -> float:
        assert self._socket
        state = ClientState(
            query_string=urlencode(self._link),
            page_script_hash=self._page,
            page_name=page_name,
            cached_message_hashes=list(self._known),
        )
        state.context_info.color_scheme = "light"
        state.widget_states.widgets.extend(self._states.values())
        if pressed:
            state.widget_states.widgets.append(pressed)
        asked = Asked(at, asyncio.get_running_loop().create_future())
        self._asked.append(asked)
        try:
            await self._socket.send(BackMsg(rerun_script=state).SerializeToString())
            return await asyncio.wait_for(asked.answer, PATIENCE)
        except (OSError, WebSocketException, TimeoutError) as error:
            raise Lost(f"no answer: {type(error).__name__}") from error

    async def _listen(self, socket: ClientConnection) -> None:
        try:
            async for data in socket:
                assert isinstance(data, bytes)
                self.hear(data)
        finally:  # the connection is gone, and with it what was asked
            for asked in self._asked:
                if not asked.answer.done():
                    asked.answer.set_exception(Lost("the connection was closed"))

    def hear(self, data: bytes) -> None:
        """One message of the server's."""
        message = ForwardMsg.FromString(data)
        self.traffic.count(_kind(message), len(data))
        what = message.WhichOneof("type")
        if message.metadata.cacheable:
            self._known[message.hash] = self._runs
        if what == "ref_hash":
            self._known[message.ref_hash] = self._runs
        elif what == "new_session":  # a run of the page begins: all asked until now is in it
            self._met = set()
            for asked in self._asked:
                asked.begun = True
        elif what == "navigation":
            self._arrive(message.navigation)
        elif what == "page_info_changed":
            self._link = dict(parse_qsl(message.page_info_changed.query_string))
        elif what == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._meet(message.delta.new_element)
        elif what == "session_event" and message.session_event.HasField(
            "script_compilation_exception"
        ):
            self.traffic.faults.append(message.session_event.script_compilation_exception.message)
        elif what == "script_finished":
            self._end(message.script_finished)

    def _arrive(self, places: Navigation) -> None:
        """The page that the run is of, and all the others there are."""
        if self._page != places.page_script_hash:
            self.knobs, self.buttons = {}, {}
        self._page = places.page_script_hash
        self._pages = {
            "home" if page.is_default else page.url_pathname: page.page_script_hash
            for page in places.app_pages
        }

    def _end(self, status: ForwardMsg.ScriptFinishedStatus.ValueType) -> None:
        """A run has ended: the answer, unless it ended because it begins again."""
        if status == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            return
        met = self._met  # what did not come again is gone from the page
        self._states = {id_: state for id_, state in self._states.items() if id_ in met}
        self.knobs = {name: knob for name, knob in self.knobs.items() if knob.id in met}
        self.buttons = {key: id_ for key, id_ in self.buttons.items() if id_ in met}
        self._runs += 1
        self._known = {one: run for one, run in self._known.items() if self._runs - run <= KEPT}
        now = time.monotonic()
        for asked in self._asked:
            if asked.begun and not asked.answer.done():
                asked.answer.set_result(now - asked.at)
        self._asked = [asked for asked in self._asked if not asked.answer.done()]

    def _meet(self, element: Element) -> None:
        """An element has come: a browser keeps the state of the widgets it is shown."""
        what = element.WhichOneof("type")
        if what == "exception":
            self.traffic.faults.append(f"{element.exception.type}: {element.exception.message}")
        elif what == "alert" and element.alert.format == element.alert.ERROR:
            self.traffic.faults.append(element.alert.body)
        elif what == "button":
            self._keep_button(element.button)
        elif what == "slider" and element.slider.options:
            slider = element.slider
            first = slider.options[int(slider.default[0])]
            knob = Knob(slider.id, tuple(slider.options), first, slides=True)
            self._keep(knob, slider.query_param_key, slider.set_value, slider.raw_value)
        elif what == "selectbox":
            box = element.selectbox
            knob = Knob(box.id, tuple(box.options), box.options[box.default], slides=False)
            self._keep(knob, box.query_param_key, box.set_value, [box.raw_value])

    def _keep_button(self, button: Button) -> None:
        key = button.id.split("-", 2)[-1]  # "$$ID-<hash>-<key>"
        if button.disabled:
            self.buttons.pop(key, None)
        else:
            self._met.add(button.id)
            self.buttons[key] = button.id

    def _keep(self, knob: Knob, name: str, is_set: bool, value: Sequence[str]) -> None:
        self._met.add(knob.id)
        if name:
            self.knobs[name] = knob
        if is_set or knob.id not in self._states:
            self._states[knob.id] = knob.state(value[0] if is_set else knob.default)


def _kind(message: ForwardMsg) -> str:
    """What a message carries: the kind of an element, of a container, or of the message itself."""
    what = message.WhichOneof("type") or "nothing"
    if what != "delta":
        return what
    delta = message.delta
    if delta.WhichOneof("type") == "new_element":
        return delta.new_element.WhichOneof("type") or "nothing"
    if delta.WhichOneof("type") == "add_block":
        return f"{delta.add_block.WhichOneof('type') or 'plain'} (container)"
    return delta.WhichOneof("type") or "nothing"
