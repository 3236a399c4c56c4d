"""The knobs of two runs side by side: the arms of the lab, A and B.

In the link the knobs of an arm are called lab-a-depth, lab-b-depth, …; what both arms share is
lab-dataset, … They are all fields of one Config, `Page`, so that links, presets and resets work
as on every other page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Annotated, Any

import streamlit as st
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from streamlit.delta_generator import DeltaGenerator

from bnviz.experiments import lab
from bnviz.experiments.continuations import LONGEST, PIECES, Piece, written
from bnviz.experiments.data_knobs import POINTS
from bnviz.experiments.lab import LabelledResult
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.lab_knobs import ARMS, IN_COMMON, SHARED
from bnviz.experiments.settings import LEARNING_RATES, Value
from bnviz.experiments.settings import knobs as knobs_of
from bnviz.figures import Figure
from bnviz.ui import drawn_points, kept, knobs, lessons, lock, own_data, take_home
from bnviz.ui.answers import answer
from bnviz.ui.course import lesson
from bnviz.ui.knobs import name_in_link
from bnviz.ui.mishaps import safe
from bnviz.ui.prose import say, tell, warn
from bnviz.ui.show import show, theme
from bnviz.verdicts.lab_configs import differences, traits
from bnviz.words.lab import configs as words
from bnviz.words.lab.diagnostics import DIAGNOSTICS

LESSON = "lab"
MARKS = {"a": "◆", "b": "●"}  # as in the pictures
FIRST = ("normalizer", "learning_rate")
MORE: dict[str, tuple[str, ...]] = {
    "The network": ("activation", "depth", "width", "skip", "initialization", "gain"),
    "Its normalization": (
        "normalized_layers", "placement", "groups", "chunk", "momentum",
        "affine", "gamma_start", "bias_before", "normalize_inputs",
    ),
    "Its training": ("batch_size", "optimizer", "schedule", "weight_decay", "dropout"),
}  # fmt: skip
FURTHER = (50, 100, 200, 400, 800)  # steps of a continuation
NEXT_RATE, NEXT_STEPS = 0.01, 100
TEXT = 120  # characters of continuations that are looked at

ALLOWED = (
    "A continuation is a rate and its steps, such as `0.01x100`; several are joined by `_`, at"
    f" most {PIECES}, and a run has at most {LONGEST} steps in all."
)


def _page() -> type[BaseModel]:
    """A Config of all knobs of both arms, each labelled with the letter of its arm."""
    declared = knobs_of(LabConfig)
    fields: dict[str, Any] = {}
    for name in SHARED:
        known = LabConfig.model_fields[name]
        kind: Any = Annotated[known.annotation, declared[name]]
        fields[name] = (kind, known.default)
    fields[POINTS] = (str, "")
    for letter, preset in ARMS.items():
        for name in own_knobs():
            known = LabConfig.model_fields[name]
            knob = replace(declared[name], label=f"{declared[name].label} · {letter.upper()}")
            kind = Annotated[known.annotation, knob]
            fields[of(letter, name)] = (kind, preset.get(name, known.default))
        fields[of(letter, "then")] = (str, preset.get("then", ""))
    made: type[BaseModel] = create_model(
        "Page", __config__=ConfigDict(frozen=True, extra="forbid"), **fields
    )
    return made


def of(letter: str, name: str) -> str:
    """The field of `Page` that is this arm's."""
    return f"{letter}-{name}"


def own_knobs() -> list[str]:
    """The knobs that each arm has for itself and that offer a choice."""
    declared = knobs_of(LabConfig)
    return [name for name, knob in declared.items() if name not in SHARED and len(knob.options) > 1]


Page = _page()


def choose() -> tuple[dict[str, LabConfig], BaseModel]:
    """Show the knobs of both arms, and what changes them together.

    Gives arm -> what it trains, and all that is chosen, as a Page.
    """
    knobs.say_what_was_ignored(Page, LESSON)
    *places, third = st.columns((4, 4, 1.6))
    below = st.container()
    with third.container(horizontal=True, gap="xsmall", key=f"row-{LESSON}"):
        with st.popover("Data, steps, seeds", icon=":material/tune:"):
            shared = knobs.values(Page, LESSON, SHARED, per_row=2)
        with st.popover("Copy or swap", icon=":material/swap_horiz:"):
            _copies()
        knobs.reset(Page, LESSON)
        knobs.share(Page, LESSON)
    shared = own_data.settled(LabConfig, LESSON, shared, below)
    chosen = {
        letter: _arm(letter, shared, column) for letter, column in zip(ARMS, places, strict=True)
    }
    take_home.offer(LESSON, *chosen.values(), kept=kept.pictured())
    return chosen, _as_page(chosen)


def apart(chosen: Mapping[str, LabConfig]) -> None:
    """What the two runs differ in, and whether they begin alike."""
    tell(words.differences(differences(*chosen.values())))


def _as_page(chosen: Mapping[str, LabConfig]) -> BaseModel:
    one = chosen["a"]
    fields: dict[str, Any] = {name: getattr(one, name) for name in IN_COMMON}
    for letter, config in chosen.items():
        fields |= {of(letter, name): getattr(config, name) for name in (*own_knobs(), "then")}
    return Page(**fields)


def runs(chosen: Mapping[str, LabConfig]) -> list[LabelledResult]:
    """Train both arms, or take them from the cache."""
    trained = []
    for letter, config in chosen.items():
        result = answer(lab.run, config)
        ends = result.config.total_steps
        if result.config.then != config.then and result.config.steps == config.steps:
            cut = (
                f"{letter.upper()} would take too long for one visitor: it ends at step {ends}"
                f" of {config.total_steps}."
            )
            warn(cut, ":material/timer:")
        kept.know(config)
        trained.append(LabelledResult(letter.upper(), result))
    return trained


def _arm(letter: str, shared: Mapping[str, Value], column: DeltaGenerator) -> LabConfig:
    """One arm: its name, its first knobs, and behind buttons all others."""
    with column.container(border=True, gap="xsmall", key=f"arm-{letter}"):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="xsmall"):
            heading = st.container(width="stretch")
            further = st.container(width="content")
            on = st.container(width="content")
            keep = st.container(horizontal=True, wrap=False, gap="xsmall", width="content")
        complaint = st.container()
        chosen = _plain(letter, knobs.values(Page, LESSON, _fields(letter, FIRST)))
    with further, st.popover(f"More knobs · {letter.upper()}", icon=":material/tune:"):
        for title, names in MORE.items():
            st.markdown(f"**{title}**")
            more = knobs.values(Page, LESSON, _fields(letter, names), per_row=2)
            chosen |= _plain(letter, more)
    with on, st.popover(f"Go on · {letter.upper()}", icon=":material/fast_forward:"):
        text = _continuation(letter)
        config, wrong = usable(dict(shared) | chosen, text)
        if config.then:
            st.caption(f"So far: {words.going_on(config.pieces)}.")
        _undo(letter, config)
    with heading:
        _heading(letter, config)
    with keep:
        kept.button(letter.upper(), config)
    if wrong:
        complaint.warning(
            f"“Continuations · {letter.upper()}” cannot be used as it stands. {ALLOWED}"
            f" Taken instead: {words.going_on(config.pieces)}.",
            icon=":material/link_off:",
        )
    return config


def _fields(letter: str, names: Sequence[str]) -> list[str]:
    return [of(letter, name) for name in names]


def _plain(letter: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    return {field.removeprefix(of(letter, "")): value for field, value in chosen.items()}


def _heading(letter: str, config: LabConfig) -> None:
    """The arm's mark and letter, in the colour of its curves, and what it is."""
    colour, name = theme().colour(config.treatment), escape(words.described(traits(config)))
    st.html(f"<b style='color:{colour}'>{MARKS[letter]} {letter.upper()}</b>&ensp;{name}")


def _undo(letter: str, config: LabConfig) -> None:
    """A button that takes the last piece of a continued run away."""
    if config.then:
        st.button(
            f"Undo · {letter.upper()}",
            on_click=safe(_go_on),
            args=(letter, config.pieces[1:-1]),
            key=f"{LESSON}-{letter}-undo",
            help=f"Take the last piece of {letter.upper()} away.",
            disabled=lock.holds(LESSON, of(letter, "then")),
        )


def usable(chosen: Mapping[str, Any], text: str) -> tuple[LabConfig, bool]:
    """The run with as many of the continuations as can be used, and whether some cannot."""
    pieces = text[:TEXT].split("_") if text else []
    for count in range(len(pieces), 0, -1):
        try:
            config = LabConfig(**chosen, then="_".join(pieces[:count]))
        except ValidationError:
            continue
        return config, config.then != text
    return LabConfig(**chosen), bool(text)


def _continuation(letter: str) -> str:
    """What a run may go on with; its text as it stands in the link."""
    arm, key = letter.upper(), name_in_link(LESSON, of(letter, "then"))
    locked = lock.holds(LESSON, of(letter, "then"))
    rate_key, steps_key = f"{LESSON}-{letter}-next-rate", f"{LESSON}-{letter}-next-steps"
    st.markdown("Its first steps stay as they are; then it goes on from there at another rate.")
    rate = st.select_slider(f"Next rate · {arm}", LEARNING_RATES, value=NEXT_RATE, key=rate_key)
    steps = st.select_slider(f"Further steps · {arm}", FURTHER, value=NEXT_STEPS, key=steps_key)
    start = st.container()
    text: str = st.text_input(
        f"Continuations · {arm}",
        key=key,
        bind="query-params",
        help=f"As text. {ALLOWED}",
        disabled=locked,
    )
    lock.noted(LESSON, of(letter, "then"), text)
    known = text.split("_") if text else []
    full = len(known) >= PIECES
    start.button(
        f"Continue {arm}",
        icon=":material/play_arrow:",
        on_click=safe(_append),
        args=(letter, rate, steps),
        key=f"{LESSON}-{letter}-continue",
        disabled=full or locked,
        help=f"It has {PIECES} pieces already, which is all it may have." if full else None,
    )
    return text


def _append(letter: str, rate: float, steps: int) -> None:
    key = name_in_link(LESSON, of(letter, "then"))
    config, _ = usable({}, st.session_state.get(key) or "")
    _go_on(letter, [*config.pieces[1:], (rate, steps)])


def _go_on(letter: str, pieces: list[Piece]) -> None:
    st.session_state[name_in_link(LESSON, of(letter, "then"))] = written(pieces)


def _copies() -> None:
    """Buttons that make one arm what the other is."""
    labels = {"Make A like B": "ba", "Make B like A": "ab", "Swap A and B": ""}
    for label, way in labels.items():
        st.button(
            label,
            on_click=safe(_copy),
            args=(way,),
            key=f"{LESSON}-{label}",
            disabled=lock.any_of(LESSON),
        )


def _copy(way: str) -> None:
    """Copy all knobs from the first letter to the second; none: change both for one another."""
    for name in [*own_knobs(), "then"]:
        a, b = (name_in_link(LESSON, of(letter, name)) for letter in ARMS)
        now = {"a": st.session_state[a], "b": st.session_state[b]}
        source = now[way[0]] if way else None
        st.session_state[a] = source if way else now["b"]
        st.session_state[b] = source if way else now["a"]


def load(letter: str, config: LabConfig) -> None:
    """Set an arm's knobs, and the shared ones, to this run. For callbacks."""
    for name, value in config.model_dump().items():
        field = name if name in IN_COMMON else of(letter, name)
        key = name_in_link(LESSON, field)
        if key in st.session_state and not lock.holds(LESSON, field):
            st.session_state[key] = value
    drawn_points.bring(LESSON, config)


def inside(name: str, drawn: Mapping[str, Figure]) -> None:
    """What the diagnostic measured: what it is, its pictures, and where it is explained."""
    if name not in DIAGNOSTICS:
        st.markdown("Nothing was measured. Choose something under “Measure”, at the top.")
        return
    told = DIAGNOSTICS[name]
    say(told.about)
    for title, figure in drawn.items():
        show(figure, f"{title}. {told.about}", f"{LESSON}-inside-{title}")
    explained = lesson(told.lesson)
    if explained.page:
        label = f"Explained in: {explained.question}"
        lessons.lead(explained.name, label, {}, ":material/menu_book:")
