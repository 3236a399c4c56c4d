"""The list of runs that the reader kept: named, overlaid, hidden, removed, loaded back.

The text in the link is the one truth: every click changes the text, and the list is read from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape

import streamlit as st

from bnviz.experiments import lab
from bnviz.experiments.kept import (
    DRAWN,
    LENGTH,
    LIMIT,
    MOST,
    Kept,
    clean,
    drawn,
    place_of,
    read,
    refused,
    renamed,
    write,
)
from bnviz.experiments.lab import LabelledResult
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_knobs import ARMS
from bnviz.ui import gathered, stage
from bnviz.ui.answers import answer
from bnviz.ui.company import COMPANY
from bnviz.ui.knobs import name_in_link, run_again
from bnviz.ui.mishaps import safe
from bnviz.ui.pasted import join, paste, say
from bnviz.ui.prose import remark, warn
from bnviz.ui.show import theme
from bnviz.verdicts import lab as verdicts
from bnviz.verdicts.lab_configs import traits, unshared
from bnviz.words import kept as words
from bnviz.words.lab import configs as lab_configs

KEY = name_in_link("lab", "kept")
OTHER = "lab-other"  # in the session: which of the runs that are not drawn has a row
KNOWN = "lab-known"  # in the session: the runs that are trained, so that they need no waiting
ABOUT = (
    f"Up to {MOST} runs in {LIMIT} characters: this is how the list stands in the link. Only what"
    " differs from the defaults is written."
)
NARROW = "\u00a0%"  # a line does not end before it


def now() -> list[Kept]:
    """The list as it is; in the first run of a session the link has it."""
    return read(_text())[0]


def pictured() -> dict[str, LabConfig]:
    """The runs that are in the pictures, by number and name."""
    several = now()
    return {
        f"kept {place + 1}: {_name(several[place])}": several[place].config
        for place in drawn(several)
    }


def _text() -> str:
    text = st.session_state.get(KEY, st.query_params.get(KEY))
    return str(text or "")


def know(config: LabConfig) -> None:
    """This run is trained: if it is kept, it is drawn at once."""
    st.session_state.setdefault(KNOWN, set()).add(config.model_dump_json())


def button(arm: str, config: LabConfig) -> None:
    """Keep what the arm is; the button says why, where that cannot be. In a class, also send it."""
    several = now()
    reason = refused(several, config)
    why_not = words.refusal(reason, place_of(several, config)) if reason else ""
    st.button(
        f"Keep {arm}",
        icon=":material/bookmark_add:",
        on_click=safe(_put),
        args=([*several, Kept("", config)],),
        key=f"lab-keep-{arm}",
        disabled=bool(why_not),
        help=why_not or "Put this run into the list below, into the pictures and into the link.",
    )
    if company := COMPANY.get():
        company.beside_run(arm, config)


def _put(several: Sequence[Kept]) -> None:
    st.session_state[KEY] = write(several)


Load = Callable[[str, LabConfig], None]


class Shelf:
    """The list on the page, with what can be done with each run.

    Made before anything is trained, so that a click during a training finds the list in the link.
    `runs` then draws it, with those that are trained; `go_on`, last on the page, trains the others
    (of a link that was just opened) and draws the page again.
    """

    def __init__(self, load: Load) -> None:
        self._load = load
        st.subheader("Kept runs", anchor=False)
        complaints, self._rows, self._progress = st.container(), st.container(), st.container()
        with st.container(horizontal=True, gap="small", key="named-lab-list"):
            with st.popover("As text", icon=":material/content_paste:"):
                text = st.text_area(
                    "The kept runs as text", key=KEY, bind="query-params", help=ABOUT
                )
            paste(now, _put)
            if company := COMPANY.get():
                company.beside_list(lambda lines: join(lines, now, _put))
        self.kept, wrong = read(text or "")
        self._drawn = drawn(self.kept)
        self._told: list[tuple[str, str, str]] = []  # of those in the pictures
        with complaints:
            say(self.kept)
            for sentence in wrong:
                warn(sentence, ":material/link_off:")

    def runs(self, arm: LabConfig) -> list[LabelledResult]:
        """Draw the list; the runs that are to be in the pictures, and are trained.

        `arm` is one of the arms: where a run does not share its data, steps or seeds, the list
        says so. Of a long list the runs in the pictures have a row each, and all others share one.
        """
        found: list[LabelledResult] = []
        with self._rows:
            self._caption()
            short = len(self.kept) <= DRAWN
            for place in range(len(self.kept)) if short else self._drawn:
                with st.container():
                    found += self._row(place, self.kept[place], arm)
            if not short:
                self._other(arm)
        return found

    def _caption(self) -> None:
        shown = sum(one.shown for one in self.kept)
        if not self.kept:
            st.markdown(words.EMPTY)
        elif len(self.kept) <= DRAWN:
            st.caption(words.SOME)
        else:
            remark(words.of_many(len(self._drawn), shown, len(self.kept) - shown))

    def _other(self, arm: LabConfig) -> None:
        """One of the runs that are not in the pictures, chosen by its number."""
        rest = [place for place in range(len(self.kept)) if place not in self._drawn]
        if st.session_state.get(OTHER) not in rest:
            st.session_state.pop(OTHER, None)
        place = st.selectbox(
            "Another run of the list",
            rest,
            format_func=lambda place: f"{place + 1} {_name(self.kept[place])}",
            key=OTHER,
            width=360,
        )
        self._row(place, self.kept[place], arm)

    def go_on(self) -> None:
        """Train what is to be drawn and is not trained yet, and run the page again.

        What has its number in the pictures is taken home with them.
        """
        if self._told and not stage.holds():
            gathered.put(gathered.Table(words.HEAD, self._told))
        asked = [self.kept[place].config for place in self._drawn]
        waiting = [config for config in asked if not _known(config)]
        if not waiting:
            return
        with self._progress:
            for config in waiting:
                answer(lab.run, config)
                know(config)
        run_again()

    def _row(self, place: int, one: Kept, arm: LabConfig) -> list[LabelledResult]:
        """One line of the list; its run, if it is to be drawn."""
        line = st.container(horizontal=True, wrap=False, vertical_alignment="center")
        known = place in self._drawn and _known(one.config)
        result = answer(lab.run, one.config) if known else None
        said = _ended(result) if result else self._without_result(place)
        colour = theme().colour(one.config.treatment)
        other = lab_configs.unshared(unshared(one.config, arm))
        with line:
            told = f"{escape(_name(one))}: {said.replace(' %', NARROW)}"
            other = f" <small>({escape(other)})</small>" if other else ""
            st.html(f"<b style='color:{colour}'>{place + 1}</b>&ensp;{told}{other}")
            with st.popover(f"Run {place + 1}", icon=":material/edit:"):
                self._tools(place, one)
        if not result:
            return []
        self._told.append((str(place + 1), _name(one), said))
        return [LabelledResult(str(place + 1), result)]

    def _without_result(self, place: int) -> str:
        if not self.kept[place].shown:
            return "hidden"
        return "is being trained" if place in self._drawn else "in the class board, below"

    def _tools(self, place: int, one: Kept) -> None:
        key = f"lab-run-{place}-{write([one])}"  # of another run: other widgets

        def rename() -> None:
            typed = clean(st.session_state[f"{key}-name"])
            _put(renamed(self.kept, place, "" if typed == _name(Kept("", one.config)) else typed))

        def change(*instead: Kept) -> None:
            _put([*self.kept[:place], *instead, *self.kept[place + 1 :]])

        st.text_input(
            f"Name of run {place + 1}",
            value=_name(one),
            max_chars=LENGTH,
            key=f"{key}-name",
            on_change=safe(rename),
        )
        with st.container(horizontal=True):
            for letter in ARMS:
                st.button(
                    f"Load into {letter.upper()}",
                    on_click=safe(self._load),
                    args=(letter, one.config),
                    key=f"{key}-to-{letter}",
                    help="Sets its knobs, and data, steps and seeds, which both arms share.",
                )
            st.button(
                "Hide" if one.shown else "Show",
                icon=":material/visibility_off:" if one.shown else ":material/visibility:",
                on_click=safe(change),
                args=(replace(one, shown=not one.shown),),
                key=f"{key}-show",
            )
            st.button(
                "Remove", icon=":material/delete:", on_click=safe(change), key=f"{key}-remove"
            )


def _known(config: LabConfig) -> bool:
    return config.model_dump_json() in st.session_state.get(KNOWN, set())


def _name(one: Kept) -> str:
    """What the reader called a run, or what describes it."""
    return one.name or lab_configs.described(traits(one.config))


def _ended(result: lab.LabResult) -> str:
    return words.ended(verdicts.kept(result))
