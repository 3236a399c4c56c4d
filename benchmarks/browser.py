"""The answer to a knob, as a multiple of the same page drawn again from the cache.

Measured where the reader sits, in a browser, from the key press to the new charts on an idle
page; and on the server alone, by a script run without a browser.
"""

from __future__ import annotations

import importlib.util
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from streamlit.testing.v1 import AppTest

from benchmarks.timing import Spread, heading, row, verdict
from bnviz.experiments.settings import LEARNING_RATES
from bnviz.ui.course import written

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parent.parent
PAGES = {lesson.name: str(lesson.page) for lesson in written() if lesson.trains}
FIRST, NEW = LEARNING_RATES.index(0.01), 4  # where the slider stands; settings tried from there
BOUND, AIM = 3.0, 2.0
PATIENCE = 60_000  # milliseconds
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"

# Seconds from the next key press until the script has ended, every chart shows other data than
# at the press, and the browser has had the time to paint them.
ANSWERED = """
() => {
  const charts = () => [...document.getElementsByClassName("js-plotly-plot")];
  const shown = () => charts().map((chart) => JSON.stringify(chart.data ?? null));
  const before = new Set(shown());
  const idle = () => document.querySelector(`IDLE`);
  const count = charts().length;
  window.answered = new Promise((resolve) => {
    addEventListener("keydown", () => {
      const started = performance.now();
      const looking = setInterval(() => {
        if (!idle() || charts().length !== count) return;
        if (shown().some((data) => before.has(data) || data === "null")) return;
        clearInterval(looking);
        const painted = () => resolve((performance.now() - started) / 1000);
        requestAnimationFrame(() => setTimeout(painted));
      }, 10);
    }, { capture: true, once: true });
  });
}
""".replace("IDLE", IDLE)


@contextmanager
def server() -> Iterator[str]:
    """The app on a free port, as long as it is needed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += ["--server.headless=true", "--server.address=127.0.0.1", f"--server.port={port}"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def _press(page: Page, key: str) -> float:
    """Seconds from the key press to the answer."""
    page.get_by_role("slider", name="Learning rate").focus()
    page.evaluate(ANSWERED)
    page.keyboard.press(key)
    page.wait_for_function("() => window.answered.then(() => true)", timeout=PATIENCE)
    seconds: float = page.evaluate("window.answered")
    page.wait_for_timeout(300)  # what is left to settle is no part of the next answer
    return seconds


def _in_browser(page: Page, address: str, lesson: str) -> None:
    path = "" if lesson == "home" else lesson
    page.goto(f"{address}/{path}?{lesson}-learning_rate={LEARNING_RATES[FIRST]:g}")
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=PATIENCE)
    page.wait_for_selector(IDLE, timeout=PATIENCE)
    page.wait_for_timeout(1000)
    new, cached = [], []
    for _ in range(NEW):
        new.append(_press(page, "ArrowRight"))  # a rate nobody has asked for
        back, again = _press(page, "ArrowLeft"), _press(page, "ArrowRight")
        cached.append((back + again) / 2)
    _print(f"{lesson}, in the browser", new, cached)


def _on_server(lesson: str) -> None:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    if lesson != "home":
        at.switch_page(PAGES[lesson]).run()
    slider = f"{lesson}-learning_rate"

    def seconds(rate: float) -> float:
        at.select_slider(key=slider).set_value(rate)
        started = time.perf_counter()
        at.run()
        return time.perf_counter() - started

    rates = [rate for rate in LEARNING_RATES[FIRST:] if rate != at.select_slider(key=slider).value]
    seconds(rates[0])
    new, cached = [], []
    for before, rate in pairwise(rates[: NEW + 1]):
        new.append(seconds(rate))
        cached.append(seconds(before))
    _print(f"{lesson}, on the server alone", new, cached, judged=False)


def _print(name: str, new: list[float], cached: list[float], *, judged: bool = True) -> None:
    spread = Spread.ratio(new, cached)
    judgement = (
        f"aim {AIM:g}x: {verdict(spread.middle, AIM, at_most=True)},"
        f" bound {BOUND:g}x: {verdict(spread.middle, BOUND, at_most=True)}"
    )
    row(name, spread.text(), judgement if judged else "")
    for label, times in {"a new setting": new, "from the cache": cached}.items():
        row(f"  {label}, seconds", " ".join(f"{t:.2f}" for t in times))


def main() -> None:
    heading("The answer to a knob, as a multiple of the same page drawn again from the cache")
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    executable = executable or shutil.which("google-chrome")
    if executable is None or importlib.util.find_spec("playwright") is None:
        print("No chromium, or no playwright (`make test` installs it): no browser rows.")
    else:
        from playwright.sync_api import sync_playwright

        with server() as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=executable,
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            for lesson in PAGES:
                _in_browser(page, address, lesson)
            browser.close()
    for lesson in PAGES:
        _on_server(lesson)
