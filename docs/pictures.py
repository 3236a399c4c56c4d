"""The pictures of the README, taken anew from the app: make pictures. Look at each afterwards."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from tests.browser import CHROMIUM, free_port, serving, settled

HERE = Path(__file__).parent
WINDOW = (1400, 900)
TALL = (1400, 3000)  # the clock, at the foot of the window, is far from what is clipped
MARGIN = 4  # pixels around what is clipped


@dataclass(frozen=True)
class Picture:
    """What stands in docs/ under a name."""

    link: str
    parts: tuple[str, ...] = ()  # selectors of what is clipped, all in one; none: the window
    size: tuple[int, int] = TALL
    scheme: str = "light"
    clock: float = 1.0  # the moment, as a share of training
    top: str = ""  # a selector of what the window is scrolled to


def chart(key: str) -> str:
    """The charts whose key begins so."""
    return f'[class*="st-key-{key}"] .js-plotly-plot'


PICTURES = {
    "home": Picture("/?home-learning_rate=1", size=WINDOW),
    "race": Picture("/race", size=WINDOW),
    "phone": Picture("/race?race-dataset=spirals&race-width=32", size=(390, 960), scheme="dark"),
    "gradients": Picture("/gradients", (chart("needles"),)),
    "landscape": Picture(
        "/landscape?landscape-around=true&landscape-plane=path+of+training",
        (chart("surface"),),
        clock=0.5,
    ),
    "activations": Picture("/activations", (chart("ridges"),)),
    "noise": Picture("/noise", (chart("u"),)),
    "forgiveness": Picture("/forgiveness", (chart("forgiveness"),)),
    "batches": Picture("/batches", (chart("errors"),)),
    "relatives": Picture(
        "/relatives?relatives-stack=true",
        (".st-key-relatives-of", ".st-key-relatives-sample", chart("maps")),
    ),
    "lab": Picture("/lab?lab-kept=nlayer__nbatch_r1", (chart("lab-T"),)),
}

BOX = """parts => {
  const found = parts.map(part => [...document.querySelectorAll(part)]);
  if (found.some(some => !some.length)) return null;
  const boxes = found.flat().map(one => one.getBoundingClientRect());
  return [Math.min(...boxes.map(b => b.left)), Math.min(...boxes.map(b => b.top)),
          Math.max(...boxes.map(b => b.right)), Math.max(...boxes.map(b => b.bottom))];
}"""


def take(page: Page, address: str, name: str, wanted: Picture) -> None:
    """Write docs/<name>.png."""
    page.emulate_media(color_scheme=wanted.scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": wanted.size[0], "height": wanted.size[1]})
    page.goto(address + wanted.link)
    settled(page)
    page.evaluate("share => bnvizClock.goTo(Math.round(share * (bnvizClock.steps.length - 1)))",
                  wanted.clock)  # fmt: skip
    settled(page)
    if wanted.top:
        page.locator(wanted.top).first.evaluate(
            "one => { one.style.scrollMarginTop = '48px'; one.scrollIntoView() }"
        )
    page.mouse.move(wanted.size[0] - 1, wanted.size[1] // 2)  # over nothing that answers
    page.wait_for_timeout(500)
    path = str(HERE / f"{name}.png")
    if not wanted.parts:
        page.screenshot(path=path)
        return
    box = page.evaluate(BOX, list(wanted.parts))
    assert box, f"{name}: not all of {wanted.parts} are there"
    left, top, right, bottom = box
    clip = {"x": left - MARGIN, "y": top - MARGIN}
    clip |= {"width": right - left + 2 * MARGIN, "height": bottom - top + 2 * MARGIN}
    page.screenshot(path=path, clip=clip)  # type: ignore[arg-type]


def main(names: list[str]) -> None:
    """Those that are named, or all."""
    with (
        TemporaryDirectory() as folder,
        serving(free_port(), Path(folder) / "log") as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        for name in names or PICTURES:
            page = browser.new_page()
            page.set_default_timeout(120_000)
            take(page, address, name, PICTURES[name])
            page.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
