"""How a class gets to what is on the screen: an address its devices can open, and its code."""

from __future__ import annotations

import socket
from html import escape
from ipaddress import ip_address
from urllib.parse import urlsplit

import segno
import streamlit as st

from bnviz.ui import course

LONGEST = 1000  # bytes; a larger code is too fine for a phone that reads it off a projection
QUIET = 4  # modules of light around the code: what its standard asks for (ISO/IEC 18004)
ONLY_HERE = (
    "Only this machine can open it: it calls itself localhost, and has no address in a network."
)
_NOWHERE = ("192.0.2.1", 9)  # an address for documentation (RFC 5737): it belongs to nobody


def svg(text: str, says: str = "") -> str:
    """The text as a QR code, for st.html: dark on light in both themes, as wide as its box.

    An `<img>` with the SVG in it, since st.html lets no `<svg>` pass. says: what the code is, for
    those who listen; the text itself if nothing is said. Raises ValueError beyond LONGEST bytes.
    """
    if len(text.encode()) > LONGEST:
        raise ValueError(f"A QR code holds a link of at most {LONGEST:,} letters here.")
    code = segno.make(text, micro=False, error="l")  # what is left of its size corrects more
    drawn = code.svg_data_uri(border=QUIET, dark="black", light="white", omitsize=True)
    label = escape(says or f"QR code: {text}", quote=True)
    return f'<img alt="{label}" src="{escape(drawn)}" style="width: 100%; display: block">'


def network_address() -> str | None:
    """Where another device opens this app: its front door, with "/" at the end.

    As this page's own address has it, with scheme, port and path; in the place of localhost stands
    the machine's address in its network. None where it has none: see ONLY_HERE.
    """
    host = _in_network() if is_local() else _own()[1]
    return _front_door(host) if host else None


def own_address() -> str:
    """The same as this page's own browser has it."""
    return _front_door(_own()[1])


def is_local() -> bool:
    """Whether the page's own address means another machine to everybody else: localhost."""
    return _is_this_machine(_own()[1])


def _own() -> tuple[str, str, int | None, str]:
    """Scheme, host, port and path of this page's address, as its browser says it is."""
    try:
        own = urlsplit(st.context.url or "")
        port = own.port
    except ValueError:  # no address at all, from what is no browser
        own, port = urlsplit(""), None
    if own.scheme in {"http", "https"} and own.hostname:
        return own.scheme, own.hostname, port, own.path
    return "http", "localhost", int(st.get_option("server.port")), "/"


def _front_door(host: str) -> str:
    scheme, _, port, path = _own()
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}{f':{port}' if port else ''}{_served_under(path)}"


def _served_under(path: str) -> str:
    """The path under which the app is served, from that of any of its pages."""
    served = [part for part in str(st.get_option("server.baseUrlPath") or "").split("/") if part]
    parts = [part for part in path.split("/") if part]
    if served and parts[: len(served)] == served:
        parts = served
    elif parts and parts[-1] in {lesson.name for lesson in course.written()}:
        parts = parts[:-1]
    return "/".join(["", *parts, ""]) if parts else "/"


def _is_this_machine(host: str) -> bool:
    try:
        number = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return number.is_loopback or number.is_unspecified


def _in_network() -> str | None:
    """This machine's address in its network, as the app can be reached there.

    From the routes that the system knows: to connect a datagram's socket sends nothing.
    """
    bound = st.get_option("server.address")
    if bound and bound not in {"0.0.0.0", "::"}:  # it listens there alone
        return None if _is_this_machine(bound) else str(bound)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_NOWHERE)
        except OSError:  # no route: the machine is in no network
            return None
        found = str(probe.getsockname()[0])
    return None if _is_this_machine(found) else found
