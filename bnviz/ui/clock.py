"""One clock for a page: a time slider that moves every picture together.

The clock lives in the browser. It looks for the charts of the page that carry Plotly frames
and shows, in each of them, the frame named after the training step the reader stands on.
The server hears nothing of it, so scrubbing and playing are as fast as the charts can draw.
"""

from collections.abc import Collection, Sequence

import streamlit as st

from bnviz.ui import gathered
from bnviz.ui.browser import browser_file

HTML = """
<div class="bnviz-clock" role="group">
  <button type="button"></button>
  <input type="range" min="0" step="1">
  <output></output>
</div>
"""
_mount = st.components.v2.component(
    "bnviz.clock",
    html=HTML,
    css=browser_file("clock.css"),
    js=browser_file("clock.js"),
    isolate_styles=False,  # the bar sticks to the window, so it styles Streamlit's wrapper too
)


def clock(
    steps: Collection[int],
    *,
    key: str = "clock",
    label: str = "Training step",
    names: Sequence[str] = (),
    by_hand: bool = False,
    play: str = "",
) -> None:
    """Show the page's clock over the recorded training steps, in increasing order.

    Every chart whose frames are named after these steps ("0", "1", "2", "5", …) follows it.
    Call it once on a page, outside of columns; it stays at the foot of the window. It starts
    at the last step, so a chart's own ``data`` should be its last frame. With `names`, one
    for each step, the clock shows these and not the number of the step. `by_hand`: it goes through
    a computation, not a training, so that nothing has an end to be told before its time. A new
    `play` plays the run once, from its first step: it names the answer to a question, see Quiz.
    """
    if len(steps) > 1:  # a single moment needs no clock
        numbers = [int(step) for step in steps]
        told = {"label": label, "names": list(names), "trains": not by_hand}
        gathered.clock({"key": key, "steps": numbers, **told})
        _mount(key=key, data={"key": key, "steps": numbers, "play": play, **told})
