"""The code that leads a class to a link, and the address that its devices can open."""

import re
from html import unescape
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
import segno
import streamlit as st

from bnviz.ui import qr

LINK = "http://192.168.1.7:8501/race?race-learning_rate=0.32&lock=depth"


class TestCode:
    def test_its_dark_modules_are_those_of_the_text(self):
        assert modules(qr.svg(LINK)) == list(map(list, segno.make(LINK, error="l").matrix))

    def test_of_another_text_they_are_others(self):
        assert modules(qr.svg(LINK)) != modules(qr.svg(LINK.replace("0.32", "0.56")))

    def test_is_dark_on_light_with_four_modules_of_quiet_around(self):
        drawn = drawing(qr.svg(LINK))
        side = int(re.search(r'viewBox="0 0 (\d+) \1"', drawn).group(1))
        assert side == len(segno.make(LINK, error="l").matrix) + 2 * 4
        ground, dark = re.search(r'fill="(#\w+)".*stroke="(#\w+)"', drawn).groups()
        assert (ground, dark) == ("#fff", "#000")
        assert f'd="M0 0h{side}v{side}h-{side}z"' in drawn  # the ground is under the quiet, too

    def test_says_what_it_is_and_stays_one_element_whatever_the_text(self):
        assert qr.svg(LINK).startswith('<img alt="QR code: http')
        assert '<img alt="To the room" src="data:' in qr.svg(LINK, "To the room")
        hostile = qr.svg('"><script>alert(1)</script>')
        assert "<script" not in hostile
        assert re.fullmatch(r'<img alt="[^"<>]+" src="[^"<>]+" style="[^"<>]+">', hostile)

    def test_holds_no_text_that_a_phone_could_not_read(self):
        qr.svg("x" * qr.LONGEST)
        with pytest.raises(ValueError, match="1,000 letters"):
            qr.svg("x" * (qr.LONGEST + 1))
        with pytest.raises(ValueError, match="1,000 letters"):
            qr.svg("é" * qr.LONGEST)


def drawing(image):
    """The SVG in an `<img>`."""
    address = unescape(re.search(r'src="([^"]+)"', image).group(1))
    return unquote(address.removeprefix("data:image/svg+xml;charset=utf-8,")).replace("'", '"')


def modules(image):
    """The matrix, read back from the lines of the picture."""
    drawn = drawing(image)
    side = int(re.search(r'viewBox="0 0 (\d+)', drawn).group(1))
    rows = [[0] * side for _ in range(side)]
    x, y = 0.0, 0.0
    path = re.search(r'class="qrline"[^>]* d="([^"]+)"', drawn).group(1)
    for command, numbers in re.findall(r"([Mmh])([^Mmh]*)", path):
        values = list(map(float, re.findall(r"-?[\d.]+", numbers)))
        if command == "h":
            for column in range(int(x), int(x + values[0])):
                rows[int(y)][column] = 1
            x += values[0]
        else:
            x, y = values if command == "M" else (x + values[0], y + values[1])
    return [row[4:-4] for row in rows[4:-4]]


class Network:
    """A socket that knows the way, or none; it can do nothing else: nothing is sent."""

    def __init__(self, own):
        self.own = own

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def connect(self, where):
        if self.own is None:
            raise OSError("network is unreachable")

    def getsockname(self):
        return self.own, 1


@pytest.fixture
def at(monkeypatch):
    """`at(url, own=…, option=…)`: what network_address says where these hold."""

    def address(url, own="192.168.1.7", **options):
        known = {"server.port": 8501, "server.baseUrlPath": "", "server.address": None}
        known |= {f"server.{name}": value for name, value in options.items()}
        monkeypatch.setattr(qr.socket, "socket", lambda *_: Network(own))
        monkeypatch.setattr(st, "context", SimpleNamespace(url=url))
        monkeypatch.setattr(st, "get_option", known.__getitem__)
        return qr.network_address()

    return address


class TestAddress:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("http://localhost:8501/", "http://192.168.1.7:8501/"),
            ("http://localhost:8501", "http://192.168.1.7:8501/"),
            ("http://localhost:8501/race", "http://192.168.1.7:8501/"),
            ("http://127.0.0.1:8600/glossary", "http://192.168.1.7:8600/"),
            ("http://[::1]:8501/", "http://192.168.1.7:8501/"),
            ("http://0.0.0.0:8501/", "http://192.168.1.7:8501/"),
            ("http://bnviz.localhost/", "http://192.168.1.7/"),
            ("https://localhost/bn/race", "https://192.168.1.7/bn/"),
            ("https://teach.example.org/", "https://teach.example.org/"),
            ("https://teach.example.org/bn/lab", "https://teach.example.org/bn/"),
            ("http://10.0.0.4:8501/race/", "http://10.0.0.4:8501/"),
            ("http://[fd00::4]:8501/race", "http://[fd00::4]:8501/"),
        ],
    )
    def test_is_the_front_door_as_a_class_types_it(self, at, url, expected):
        assert at(url) == expected

    def test_a_base_path_stays_even_where_it_is_called_like_a_lesson(self, at):
        assert at("http://localhost:8501/lab/", baseUrlPath="lab") == "http://192.168.1.7:8501/lab/"
        assert at("http://h/a/b/race", baseUrlPath="/a/b/") == "http://h/a/b/"

    def test_without_a_network_there_is_none(self, at):
        assert at("http://localhost:8501/", own=None) is None
        assert at("http://localhost:8501/", own="127.0.1.1") is None
        assert at("https://teach.example.org/", own=None) == "https://teach.example.org/"

    def test_a_server_that_listens_at_one_address_is_reached_there_alone(self, at):
        assert at("http://localhost:8501/", address="localhost") is None
        assert at("http://localhost:8501/", address="127.0.0.1") is None
        assert at("http://localhost:8501/", address="10.1.1.1") == "http://10.1.1.1:8501/"
        assert at("http://localhost:8501/", address="0.0.0.0") == "http://192.168.1.7:8501/"

    @pytest.mark.parametrize("url", [None, "", "http://[", "http://h:port/", "javascript:alert(1)"])
    def test_what_is_no_address_counts_as_localhost(self, at, url):
        assert at(url) == "http://192.168.1.7:8501/"
