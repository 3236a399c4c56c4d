"""Several processes behind the proxy of deploy/, under a path: as plain processes, on loopback."""

import re
import signal
import urllib.request

import pytest
import yaml
from websockets.exceptions import ConnectionClosed

from tests.browser import (
    IN_A_BROWSER,
    QUICK,
    ROOT,
    end,
    free_port,
    query,
    smallest,
    start,
    wait_for,
)
from tests.protocol import visiting
from tests.proxy import BEHIND_THE_PROXY, CONFIG, proxied, wait_for_all
from tests.waiting import until

PREFIX = "/bnviz"
LINK = query("race", smallest("race") | {"cost": "false"})[1:]
"""Without what was measured in seconds, which no two processes agree on."""

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("deploy"), BEHIND_THE_PROXY]


class App:
    """One app process; it may be killed and started again."""

    def __init__(self, log):
        self.port = free_port()
        self.log = log
        self.start()

    def start(self):
        place = {"server.address": "127.0.0.1", "server.baseUrlPath": PREFIX}
        self.process = start(self.port, self.log, **place)

    def wait(self):
        health = f"http://127.0.0.1:{self.port}{PREFIX}/_stcore/health"
        wait_for(self.process, health, self.log)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def readers(self):
        """How many pages are open in it."""
        metrics = f"http://127.0.0.1:{self.port}{PREFIX}/_stcore/metrics?families=active_sessions"
        with urllib.request.urlopen(metrics) as answer:
            return int(re.search(r"^active_sessions (\d+)$", answer.read().decode(), re.M)[1])


@pytest.fixture(scope="module")
def apps(tmp_path_factory):
    """Two app processes, as the proxy calls them."""
    logs = tmp_path_factory.mktemp("apps")
    started = {name: App(logs / name) for name in ("app1", "app2")}
    yield started
    for app in started.values():
        end(app.process)
        assert "Traceback" not in app.log.read_text(), app.log.read_text()


@pytest.fixture(scope="module")
def server(apps, tmp_path_factory):
    """Where readers come in: the address of the front door behind the proxy."""
    log = tmp_path_factory.mktemp("proxy") / "log"
    with proxied([app.port for app in apps.values()], log, PREFIX) as address:
        for app in apps.values():
            app.wait()
        wait_for_all(log)
        yield address


def get(address, **headers):
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request) as answer:
        return answer.headers, answer.read()


def test_readers_are_spread_and_a_link_shows_everyone_the_same(server):
    with visiting(server) as one, visiting(server) as other:
        assert {one.cookie, other.cookie} == {"bnviz=app1", "bnviz=app2"}
        seen, seen_too = one.opens("race", LINK), other.opens("race", LINK)
    assert seen.figures
    assert seen.figures == seen_too.figures
    assert seen.knobs == seen_too.knobs == {f"race-{knob}": value for knob, value in QUICK.items()}


def test_a_reader_stays_with_one_process(server, apps):
    for name, app in apps.items():
        cookie = f"bnviz={name}"
        before = app.readers()
        headers, _ = get(server + "/race", Cookie=cookie)
        assert "Set-Cookie" not in headers
        with visiting(server, cookie), visiting(server, cookie), visiting(server, cookie):
            assert app.readers() == before + 3


def test_files_come_packed_and_browsers_keep_them(server):
    headers, page = get(server + "/")
    (script,) = re.findall(r'src="\./(static/js/index\.[^"]+\.js)"', page.decode())
    _, whole = get(f"{server}/{script}")
    headers, packed = get(f"{server}/{script}", **{"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip"
    assert len(packed) < len(whole) / 3
    assert {"public", "immutable"} < set(headers["Cache-Control"].split(", "))
    headers, packed = get(server + "/", **{"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip"
    assert len(packed) < len(page)
    assert headers["Cache-Control"] == "no-cache"  # it names the others


def test_every_answer_has_the_safe_headers(server):
    for path in ("/", "/race", "/_stcore/host-config"):
        headers, _ = get(server + path)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "://" not in policy
        assert "*" not in policy
        assert "Server" not in headers


def test_numbers_about_the_server_are_not_for_readers(server):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(server + "/_stcore/metrics")


def test_a_process_that_dies_and_comes_back_loses_nobodys_settings(server, apps):
    with visiting(server, "bnviz=app1") as one, visiting(server, "bnviz=app2") as other:
        before = one.opens("race", LINK)
        apps["app1"].kill()
        with pytest.raises(ConnectionClosed):
            one.opens("race", LINK)
        with visiting(server, "bnviz=app1") as again:  # as the browser does by itself
            assert again.cookie == "bnviz=app2"
            assert again.opens("race", LINK) == before
        assert other.opens("race", LINK) == before  # and noticed nothing
        apps["app1"].start()
        apps["app1"].wait()

        def returned():
            with visiting(server) as another:
                return another.cookie == "bnviz=app1"

        until(returned, 60, look=0.1)
        with visiting(server, "bnviz=app1") as back:
            assert back.opens("race", LINK) == before


class TestInABrowser:
    pytestmark = IN_A_BROWSER

    def test_pages_work_under_a_path_and_ask_no_other_host(self, server, reader, tab):
        asked = []
        tab.on("request", lambda request: asked.append(request.url))
        page = reader("race")
        assert page.url.startswith(server + "/race?")
        page.get_by_test_id("stSidebar").get_by_text("Why is depth hard?").click()
        page.wait_for_url(server + "/signals*")
        page.get_by_role("heading", name="Why is depth hard?", level=1).wait_for()
        here = page.locator("[data-testid=stSidebar] a[aria-current=page]")
        assert here.inner_text() == "Why is depth hard?"
        word = page.locator("a[href^='glossary#']").first
        assert word.evaluate("link => link.href").startswith(server + "/glossary#")
        page.get_by_test_id("stSidebar").get_by_text("What does batch norm").click()
        page.wait_for_url(server + "/")
        assert asked
        assert all(url.startswith((server, "data:", "blob:", "about:")) for url in asked), asked


def test_a_process_that_is_asked_to_end_does_so_with_open_pages_and_while_it_trains(server, apps):
    """The last that needs two processes."""
    ending = apps["app2"].process
    with visiting(server, "bnviz=app2") as idle, visiting(server, "bnviz=app2") as waiting:
        idle.opens("glossary")
        waiting.ask("race", "race-width=256&race-depth=20&race-seeds=8")
        waiting.hears("new_session")
        ending.terminate()
        ending.wait(timeout=10)


def test_the_proxy_knows_the_containers():
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
    known = re.findall(r'"\$\{BNVIZ_APP\d-([^}:]+):(\d+)\}"', CONFIG.read_text())
    assert known == [(f"{compose['name']}-app-{number}", "8501") for number in range(1, 9)]
    assert compose["services"]["app"]["deploy"]["replicas"] <= len(known)
