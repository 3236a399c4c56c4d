"""The answer to a knob where the reader sits: in a browser, from the key press to the new pictures.

python -m benchmarks.browser [lesson ...]

Each new value is paired with the same knob turned between values whose answers are known by then,
so that what drawing and the machine take is in both.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.server import Server, serving
from benchmarks.timing import Spread, heading, row, verdict
from bnviz.ui.course import written

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

LESSONS = tuple(lesson.name for lesson in written() if lesson.knobs)
TRAINS = ("learning_rate", "Learning rate")
KNOBS = {
    "transform": ("epsilon", "ε"),
    "backward": ("gamma", "γ, the scale"),
    "rates": ("depth", "Hidden layers"),
    "forgiveness": ("batch_size", "Batch size"),
    "collapse": ("depth", "Hidden layers"),
    "lab": ("b-learning_rate", "Learning rate · B"),
}
"""A slider that asks for a new computation, and its label; in all others it is TRAINS."""
GROWS = {"forgiveness"}  # its pictures come coarse at first, which is what the reader sees
NEW = 2  # values in each lesson that nobody has asked for
RATIO, SECONDS = 2.0, 1.0
PATIENCE = 60_000  # milliseconds
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
STILL = 400  # milliseconds without a change, after which no further one is waited for

# Seconds from the next key press to the last change: the end of the script, or the paint of a
# picture that came with other data. Which pictures change nobody knows before: over when the
# script has ended, some picture has changed, and all have stood still; where they grow, with the
# first that has changed. A chart with other data has another array.
ANSWERED = """
grows => {
  const idle = () => document.querySelector(`IDLE`);
  const charts = () => [...document.getElementsByClassName("js-plotly-plot")].map((c) => c.data);
  let shown = charts(), last = Infinity, changed = false;
  window.answered = new Promise((resolve) => {
    addEventListener("keydown", () => {
      const started = performance.now();
      const painted = () => { last = performance.now(); };
      const looking = setInterval(() => {
        const now = charts();
        if (!idle()) last = performance.now();
        if (now.length !== shown.length || now.some((data, place) => data !== shown[place])) {
          shown = now;
          changed = true;
          last = Infinity; // until it is painted
          requestAnimationFrame(() => setTimeout(painted));
          return;
        }
        const over = grows ? last < Infinity : idle() && performance.now() - last > STILL;
        if (!changed || !over) return;
        clearInterval(looking);
        resolve((last - started) / 1000);
      }, 10);
    }, { capture: true, once: true });
  });
}
""".replace("IDLE", IDLE).replace("STILL", str(STILL))


def _slider(page: Page, label: str) -> Locator:
    return page.locator(f'input[type=range][aria-label="{label}"]')


def _press(page: Page, label: str, key: str, grows: bool) -> float:
    """Seconds from the key press to the answer."""
    _slider(page, label).focus()
    page.evaluate(ANSWERED, grows)
    page.keyboard.press(key)
    page.wait_for_function("() => window.answered.then(() => true)")
    seconds: float = page.evaluate("window.answered")
    _settle(page)  # what still grows is no part of the next answer
    return seconds


def _settle(page: Page) -> None:
    page.wait_for_function(
        f"() => document.querySelector(`{IDLE}`)"
        " && !document.querySelector('[class*=-stop] button:not(:disabled)')"
    )
    page.wait_for_timeout(STILL)


def _answers(page: Page, server: Server, lesson: str) -> tuple[list[float], list[float]]:
    """Seconds of new values, and for each of the known ones that were turned to next."""
    name, label = KNOBS.get(lesson, TRAINS)
    path = "" if lesson == "home" else lesson
    start = f"?{lesson}-{name}=0.01" if name.endswith("learning_rate") else ""
    page.goto(f"{server.address}/{path}{start}")
    page.wait_for_selector(".js-plotly-plot .main-svg")
    _settle(page)
    page.wait_for_timeout(1000)
    if not _slider(page, label).count():
        page.get_by_role("button", name="More knobs").click()
    new, known = [], []
    for _ in range(NEW):
        new.append(_press(page, label, "ArrowRight", lesson in GROWS))
        back = _press(page, label, "ArrowLeft", lesson in GROWS)
        known.append((back + _press(page, label, "ArrowRight", lesson in GROWS)) / 2)
    return new, known


def _row(page: Page, server: Server, lesson: str) -> tuple[list[float], float] | None:
    """Seconds of new values, and the ratio to known ones; printed. None: it failed."""
    from playwright.sync_api import Error

    try:
        new, known = _answers(page, server, lesson)
    except Error as error:
        row(lesson, "failed", str(error).splitlines()[0])
        return None
    ratio = Spread.ratio(new, known)
    row(lesson, ratio.text(), f"aim {RATIO:g}x: {verdict(ratio.middle, RATIO, at_most=True)}")
    seconds = (" ".join(f"{t:.2f}" for t in times) for times in (new, known))
    row("  seconds to a new value; from the cache", "; ".join(seconds))
    return new, ratio.middle


def main(asked: Sequence[str] = ()) -> None:
    lessons = [lesson for lesson in LESSONS if lesson in (asked or LESSONS)]
    heading(
        "The answer to a knob in a browser, from the key press to the new pictures",
        "As a multiple of the same knob turned between values whose answers are known.",
    )
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    executable = executable or shutil.which("google-chrome")
    if executable is None or importlib.util.find_spec("playwright") is None:
        print("No chromium, or no playwright (`make test` installs it): no browser rows.")
        return
    from playwright.sync_api import sync_playwright

    with serving() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(PATIENCE)
        rows = [found for lesson in lessons if (found := _row(page, server, lesson))]
        browser.close()
    if not rows:
        return
    seconds = median(median(new) for new, _ in rows)
    largest = max(ratio for _, ratio in rows)
    row(
        f"the median of {len(rows)} of {len(lessons)} lessons",
        f"{seconds:.2f} s",
        f"aim {SECONDS:g} s: {verdict(seconds, SECONDS, at_most=True)}",
    )
    row(
        "the largest ratio",
        f"{largest:.2f}x",
        f"aim {RATIO:g}x: {verdict(largest, RATIO, at_most=True)}",
    )


if __name__ == "__main__":
    main(sys.argv[1:])
