"""A reader without a browser, who asks and then waits for what the page shows."""

from contextlib import contextmanager
from dataclasses import dataclass

from websockets.sync.client import ClientConnection, connect

from benchmarks.protocol import STANDS, STREAM, SUBPROTOCOL, Tab

PATIENCE = 60  # seconds for one message, on a slow and busy machine


@dataclass
class Seen:
    """What one run of a page's script showed."""

    figures: list[str]
    knobs: dict[str, str]  # those that do not stand where the page puts them


@contextmanager
def visiting(address, cookie=None):
    """A reader who has just come, and stays until the end of the block."""
    with connect(
        address.replace("http", "ws", 1) + STREAM,
        subprotocols=[SUBPROTOCOL],
        additional_headers={"Cookie": cookie} if cookie else {},
        max_size=None,
        close_timeout=1,  # the other end may be gone
    ) as socket:
        given = socket.response.headers.get("Set-Cookie")
        yield Reader(socket, given.split(";")[0] if given else cookie)


class Watched(Tab):
    """A tab that keeps the pictures it is shown."""

    def __init__(self):
        super().__init__()
        self.figures = []

    def meet(self, element):
        super().meet(element)
        if element.WhichOneof("type") == "plotly_chart":
            self.figures.append(element.plotly_chart.spec)


class Reader:
    """A page that is open in one tab; each question opens it anew, so that all of it is sent."""

    def __init__(self, socket: ClientConnection, cookie: str | None):
        self.socket, self.cookie, self.tab = socket, cookie, Watched()

    def opens(self, lesson="home", query=""):
        """What is there once the page stands. A query has no question mark before it."""
        self.ask(lesson, query)
        self.hears(STANDS)
        knobs = {name: self.tab.value(name) for name in self.tab.knobs}
        moved = {
            name: value for name, value in knobs.items() if value != self.tab.knobs[name].default
        }
        return Seen(self.tab.figures, moved)

    def ask(self, lesson="home", query=""):
        """Ask for a lesson, and wait for nothing."""
        self.tab = Watched()
        self.socket.send(self.tab.opening(lesson, query))

    def hears(self, kind):
        """Wait for a message of this kind; nothing that came before it may be a fault."""
        while self.tab.hear(self.socket.recv(timeout=PATIENCE)) != kind:
            pass
        assert not self.tab.traffic.faults, self.tab.traffic.faults
