"""What Streamlit's page in a browser and its server say to each other, without either of them.

To the server a Tab is a browser: it sends the state of all widgets with each change, keeps the link
up to date, and says which large messages it still has, which are then not sent again. How the
messages travel, and how their answers are waited for, is the business of who uses it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Button_pb2 import Button
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Navigation_pb2 import Navigation
from streamlit.proto.WidgetStates_pb2 import WidgetState

STREAM = "/_stcore/stream"  # where the server listens, below the path of the app
SUBPROTOCOL = "streamlit"
KEPT = 2  # runs for which a browser keeps a large message it has not met again
BEGINS_AGAIN = ForwardMsg.FINISHED_EARLY_FOR_RERUN
ENDS = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)
STANDS = "script_finished"  # what is heard once the whole page stands


@dataclass(frozen=True)
class Knob:
    """A widget on the page with one value out of some: a slider over options, or a select box."""

    id: str
    options: tuple[str, ...]
    default: str
    slides: bool
    greyed: bool  # it stands there, but cannot be turned

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


class Tab:
    """A page open in a browser, whose session begins empty: what it asks, and what it has heard."""

    def __init__(self) -> None:
        self._pages: dict[str, str] = {}  # a lesson's name -> what the server calls its page
        self._page = ""  # the page under the eyes, as the server calls it
        self._link: dict[str, str] = {}
        self._states: dict[str, WidgetState] = {}  # of every widget on the page, by its id
        self._known: dict[str, int] = {}  # large messages this tab has -> the run last met
        self._runs = 0
        self._met: set[str] = set()  # ids of the widgets of the run under way
        self.knobs: dict[str, Knob] = {}  # by their name in the link
        self.buttons: dict[str, str] = {}  # by their key -> id; those that can be pressed
        self.fragments: set[str] = set()  # the pieces of the page that can be run alone
        self.traffic = Traffic()

    def opening(self, lesson: str, link: str = "") -> bytes:
        """Ask for a lesson: in a new tab, or coming from another one."""
        self._link = dict(parse_qsl(link))
        if not self._pages:
            return self._asked(page_name="" if lesson == "home" else lesson)
        self._page = self._pages[lesson]
        return self._asked()

    def turning(self, name: str, value: str) -> bytes:
        """Ask for the page with this knob at this value."""
        knob = self.knobs[name]
        self._states[knob.id] = knob.state(value)
        self._link.pop(name, None)
        if value != knob.default:
            self._link[name] = value
        return self._asked()

    def pressing(self, key: str) -> bytes:
        """Ask for the page after a press on this button."""
        return self._asked(WidgetState(id=self.buttons[key], trigger_value=True))

    def looking(self, fragment: str) -> bytes:
        """Ask for one piece of the page again, as a browser does for one that runs by itself."""
        asked = BackMsg.FromString(self._asked())
        asked.rerun_script.fragment_id, asked.rerun_script.is_auto_rerun = fragment, True
        return asked.SerializeToString()

    def value(self, name: str) -> str:
        """Where this knob stands."""
        state = self._states[self.knobs[name].id]
        return state.string_value or state.string_array_value.data[0]

    def _asked(self, pressed: WidgetState | None = None, page_name: str = "") -> bytes:
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
        return BackMsg(rerun_script=state).SerializeToString()

    def hear(self, data: bytes) -> str:
        """One message of the server's; its type, or "" for an end of a run that begins again."""
        message = ForwardMsg.FromString(data)
        self.traffic.count(_kind(message), len(data))
        what = message.WhichOneof("type") or ""
        if message.metadata.cacheable:
            self._known[message.hash] = self._runs
        if what == "ref_hash":
            self._known[message.ref_hash] = self._runs
        elif what == "new_session" and not message.metadata.run.fragment_ids:
            self._met = set()  # a run of the whole page begins
        elif what == "navigation":
            self._arrive(message.navigation)
        elif what == "page_info_changed":
            self._link = dict(parse_qsl(message.page_info_changed.query_string))
        elif what == "delta":
            self._draw(message.delta)
        elif what == "session_event" and message.session_event.HasField(
            "script_compilation_exception"
        ):
            self.traffic.faults.append(message.session_event.script_compilation_exception.message)
        elif what == STANDS and message.script_finished in ENDS:
            self._end()
        return "" if what == STANDS and message.script_finished == BEGINS_AGAIN else what

    def _draw(self, delta: Delta) -> None:
        """A part of the page has come, perhaps of a piece that can be run alone."""
        if delta.fragment_id:
            self.fragments.add(delta.fragment_id)
        if delta.WhichOneof("type") == "new_element":
            self.meet(delta.new_element)

    def _arrive(self, places: Navigation) -> None:
        """The page that the run is of, and all the others there are."""
        if self._page != places.page_script_hash:
            self.knobs, self.buttons, self.fragments = {}, {}, set()
        self._page = places.page_script_hash
        self._pages = {
            "home" if page.is_default else page.url_pathname: page.page_script_hash
            for page in places.app_pages
        }

    def _end(self) -> None:
        """The page stands: what did not come again is gone from it."""
        met = self._met
        self._states = {id_: state for id_, state in self._states.items() if id_ in met}
        self.knobs = {name: knob for name, knob in self.knobs.items() if knob.id in met}
        self.buttons = {key: id_ for key, id_ in self.buttons.items() if id_ in met}
        self._runs += 1
        self._known = {one: run for one, run in self._known.items() if self._runs - run <= KEPT}

    def meet(self, element: Element) -> None:
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
            greyed = slider.disabled
            knob = Knob(slider.id, tuple(slider.options), first, slides=True, greyed=greyed)
            self._keep(knob, slider.query_param_key, slider.set_value, slider.raw_value)
        elif what == "selectbox":
            box = element.selectbox
            first, greyed = box.options[box.default], box.disabled
            knob = Knob(box.id, tuple(box.options), first, slides=False, greyed=greyed)
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
