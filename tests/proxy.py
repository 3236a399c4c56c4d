"""The proxy of deploy/ before app processes, on loopback."""

import os
import shutil
import subprocess
from contextlib import contextmanager

import pytest

from tests.browser import ROOT, end, free_port, wait_for
from tests.waiting import until

HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
CONFIG = ROOT / "deploy" / "haproxy.cfg"

BEHIND_THE_PROXY = pytest.mark.skipif(
    not HAPROXY and not os.environ.get("CI"), reason="no haproxy here"
)


@contextmanager
def proxied(ports, log, prefix=""):
    """Where readers come in to the processes that listen on these ports, as app1, app2, ….

    prefix: the path of all of it, as "/bnviz". The processes may still be starting.
    """
    door = free_port()
    places = {f"BNVIZ_APP{n}": f"127.0.0.1:{port}" for n, port in enumerate(ports, start=1)}
    places |= {"BNVIZ_LISTEN": f"127.0.0.1:{door}", "BNVIZ_PREFIX": prefix}
    command = [HAPROXY or "haproxy", "-f", str(CONFIG)]
    with log.open("w") as out:
        proxy = subprocess.Popen(command, env=os.environ | places, stdout=out, stderr=out)
    address = f"http://127.0.0.1:{door}{prefix}"
    try:
        wait_for(proxy, address + "/_stcore/health", log)
        yield address
    finally:
        end(proxy)


def wait_for_all(log):
    """Until the proxy has found every process again that it had given up."""
    until(lambda: log.read_text().count("is UP") >= log.read_text().count("is DOWN"), 60)
