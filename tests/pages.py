"""A page without a browser: opened small, its knobs turned, its texts and figures read."""

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Widget

from bnviz.experiments.data_knobs import DATA_KNOBS
from bnviz.experiments.settings import knobs
from bnviz.ui import course
from tests.samples import BY_HAND, LESSONS, closed_sections, page_config

ROOT = Path(__file__).resolve().parents[1]
PAGES = {lesson.name: lesson.page for lesson in course.written() if lesson.knobs}
CONFIGS = {lesson: page_config(lesson) for lesson in LESSONS}
QUICK = {"depth": "2", "width": "8", "steps": "50", "seeds": "1"}  # small, and really trained
QUICK_ARMS = {
    "a-depth": "2", "a-width": "8", "b-depth": "2", "b-width": "8", "steps": "50", "seeds": "1",
}  # fmt: skip
"""The same where two runs have knobs of their own."""
HIDDEN = {"home": set(DATA_KNOBS)}  # for Python alone, beside what has one option only


def names(lesson):
    """The knobs on the page of this lesson."""
    declared = knobs(CONFIGS[lesson])
    hidden = HIDDEN.get(lesson, set())
    return [name for name in declared if len(declared[name].options) > 1 and name not in hidden]


def opened(lesson, *, small=True, **link):
    """The page in a fresh session, small and with all sections open, or as the link says.

    Or, if not `small`, at its defaults and with all sections closed.
    """
    at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    if lesson != "home":
        at.switch_page(PAGES[lesson])
    quick = {} if lesson in BY_HAND else QUICK_ARMS if lesson == "lab" else QUICK
    sections = dict.fromkeys(closed_sections(lesson), "true")
    asked = quick | sections | link if small else link
    for name, value in asked.items():
        at.query_params[f"{lesson}-{name}"] = value
    return checked(at.run())


def checked(at):
    """The page, which must stand: no exception, charts, each with words for those who listen."""
    assert not at.exception, [one.message for one in at.exception]
    assert not at.error, [one.value for one in at.error]
    charts = at.get("plotly_chart")
    assert charts
    for chart in charts:
        assert len(chart.proto.alt) > 20
        assert "**" not in chart.proto.alt
        assert "nan" not in chart.proto.alt.lower().split()
    return at


def widgets(at):
    """All knobs of the page; to look for one after the other takes longer than the page."""
    return {w.key: w for w in (*at.select_slider, *at.selectbox, *at.button_group)}


def places(at):
    """Where on the page each knob stands: what the reader turns must not move, or the browser
    no longer writes it into the link."""
    found = {}

    def look(node, path):
        if isinstance(node, Widget) and node.key:
            found[node.key] = path
        for place, child in getattr(node, "children", {}).items():
            look(child, (*path, place))

    look(at._tree, ())
    return found


def moved(before, after):
    """The knobs that stand on both pages, but at another place."""
    return {key for key in before.keys() & after.keys() if before[key] != after[key]}


def widget(at, lesson, name):
    found, key = widgets(at), f"{lesson}-{name}"
    assert key in found, f"{key} is not on the page"
    return found[key]


def default(lesson, name):
    return CONFIGS[lesson].model_fields[name].default


def value(at, lesson, name):
    return widget(at, lesson, name).value


def press(at, label):
    next(one for one in at.button if (one.label + " (").startswith(f"{label} (")).click()
    return checked(at.run())


def specs(at):
    return [chart.proto.spec for chart in at.get("plotly_chart")]


LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def page_texts(at):
    """The texts as they are read, without the addresses behind words."""
    return [LINK.sub(r"\1", one.value) for one in at.markdown]
