"""Readers without a browser: they speak what Streamlit's page in the browser speaks."""

from contextlib import contextmanager
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

PATIENCE = 60  # seconds for one message, on a slow and busy machine


@dataclass
class Seen:
    """What one run of a page's script showed."""

    figures: list[str] = field(default_factory=list)
    knobs: dict[str, str] = field(default_factory=dict)  # sliders that the link set
    faults: list[str] = field(default_factory=list)


@contextmanager
def visiting(address, cookie=None):
    """A reader who has just come, and stays until the end of the block."""
    with connect(
        address.replace("http", "ws", 1) + "/_stcore/stream",
        subprotocols=["streamlit"],
        additional_headers={"Cookie": cookie} if cookie else {},
        max_size=None,
        close_timeout=1,  # the other end may be gone
    ) as socket:
        given = socket.response.headers.get("Set-Cookie")
        yield Reader(socket, given.split(";")[0] if given else cookie)


@dataclass
class Reader:
    """A page that is open in one tab."""

    socket: ClientConnection
    cookie: str | None

    def opens(self, page="", query=""):
        """What is there once the script has ended. A query has no question mark before it."""
        self.ask(page, query)
        return self.hears("script_finished")

    def ask(self, page="", query=""):
        """Ask for a page, and wait for nothing."""
        asked = BackMsg()
        asked.rerun_script.page_name = page
        asked.rerun_script.query_string = query
        self.socket.send(asked.SerializeToString())

    def hears(self, kind):
        """What has been shown until a message of this kind comes."""
        seen = Seen()
        while True:
            said = ForwardMsg.FromString(self.socket.recv(timeout=PATIENCE))
            if said.WhichOneof("type") == "delta":
                _look(said.delta.new_element, seen)
            if said.WhichOneof("type") == kind:
                assert not seen.faults, seen.faults
                return seen


def _look(element, seen):
    kind = element.WhichOneof("type")
    if kind == "plotly_chart":
        seen.figures.append(element.plotly_chart.spec)
    elif kind == "slider":
        slider = element.slider
        if slider.set_value:
            seen.knobs[slider.query_param_key] = slider.raw_value[0]
    elif kind == "exception":
        seen.faults.append(element.exception.message)
