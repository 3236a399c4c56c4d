"""From the fields of a Config to widgets that live in the link, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeVar

import streamlit as st
from pydantic import BaseModel
from streamlit.delta_generator import DeltaGenerator

from bnviz.experiments.data_knobs import DATA_KNOBS, POINTS
from bnviz.experiments.links import layers_in_link, name_in_link, same_number
from bnviz.experiments.minibatch import ByHand
from bnviz.experiments.quoting import quoted
from bnviz.experiments.settings import Knob, Value
from bnviz.experiments.settings import knobs as knobs_of
from bnviz.experiments.typed import NUMBER
from bnviz.ui import for_class, gathered, idle, lock, own_data, take_home
from bnviz.ui.mishaps import safe
from bnviz.ui.prose import remark, warn
from bnviz.ui.share import copy_link

Config = TypeVar("Config", bound=BaseModel)

Option = TypeVar("Option", bound=str)
Preset = Mapping[str, Any]
PER_ROW = 4
FIT = 10  # toggles beside the buttons
TOGGLES = "BN in layers"
TYPED = {
    "table": "The table",
    "own_gamma": "γ, typed",
    "own_beta": "β, typed",
    "own_epsilon": "ε, typed",
    "a-then": "Continuations · A",
    "b-then": "Continuations · B",
    POINTS: "Drawn points",
}
"""What is typed, and is no knob of a Config's."""
AGAIN = "bnviz-again"  # in the session: this run was not asked for by the reader
FAR = 1e12  # beyond any knob
LISTED = 30  # options; of more, a warning names the first and the last


def choose(config: type[Config], lesson: str, first: Sequence[str], more: Sequence[str]) -> Config:
    """Show the knobs and return the Config they describe.

    `first` stand in a row, `more` fold away at its end; with the data set, so does what else can be
    chosen of the data.
    """
    say_what_was_ignored(config, lesson)
    named = (*first, *more)
    of_data = [name for name in _of_data(config) if "dataset" in named and name not in named]
    with row(lesson):
        chosen = values(config, lesson, first)
        chosen |= folded(config, lesson, [*more, *of_data])[0]
    made = config(**own_data.settled(config, lesson, chosen, st.container()))
    if not isinstance(made, ByHand):  # there, a table is still to come
        take_home.offer(lesson, made)
    return made


def _of_data(config: type[BaseModel]) -> list[str]:
    """The knobs of the data that offer a choice."""
    declared = knobs_of(config)
    return [name for name in DATA_KNOBS if name in declared and len(declared[name].options) > 1]


def row(lesson: str) -> DeltaGenerator:
    """Where the first knobs and the buttons beside them stand."""
    return st.container(horizontal=True, vertical_alignment="bottom", key=f"row-{lesson}")


def folded(
    config: type[BaseModel], lesson: str, names: Sequence[str]
) -> tuple[dict[str, Any], DeltaGenerator]:
    """The knobs that most readers leave alone, behind one button; beside it: reset, copy link.

    And a place among them, for what else is folded away.
    """
    with st.popover("More knobs", icon=":material/tune:", help="More knobs"):
        place = st.container(horizontal=True, gap="xsmall")
        chosen = values(config, lesson, names, per_row=2)
    reset(config, lesson)
    share(config, lesson)
    return chosen, place


def share(config: type[BaseModel], lesson: str) -> None:
    """Buttons that copy the page's link, and build one for a class; a place for what is to take."""
    gathered.knobs(config)
    copy_link(lesson)
    take_home.keep_place()
    for_class.button(lesson, lambda: _on_the_page(config, lesson))


def _on_the_page(config: type[BaseModel], lesson: str) -> dict[str, str]:
    """By name, what the reader can set here now, and its label."""
    toggles = {lock.LAYERS: TOGGLES} if _depths(lesson) else {}
    there = _labels(config, lesson).items()
    return {n: label for n, label in there if name_in_link(lesson, n) in st.session_state} | toggles


def _labels(config: type[BaseModel], lesson: str) -> dict[str, str]:
    """By name, what a link may keep of a lesson, and its label."""
    declared = knobs_of(config)
    labels = {name: knob.label for name, knob in declared.items() if len(knob.options) > 1}
    return labels | {name: label for name, label in TYPED.items() if name in config.model_fields}


def values(
    config: type[BaseModel], lesson: str, names: Sequence[str], per_row: int = PER_ROW
) -> dict[str, Any]:
    """Show knobs in rows, on a phone two in each; field -> chosen value.

    The frame's style makes the rows: columns of Streamlit's would be an element more for each knob.
    """
    declared, across = knobs_of(config), min(per_row, len(names))
    with st.container(key=f"knobs-{across}-{lesson}-{names[0]}"):
        some = lock.any_of(lesson)  # asked once: the lab has 52 knobs
        held = [name for name in names if some and lock.holds(lesson, name)]
        return {name: _widget(config, lesson, name, declared[name], name in held) for name in names}


def _widget(config: type[BaseModel], lesson: str, name: str, knob: Knob, held: bool) -> Value:
    default, why_idle = config.model_fields[name].default, idle.why(config, lesson, name)
    common: dict[str, Any] = {
        "key": name_in_link(lesson, name),
        "help": why_idle or knob.help,
        "bind": "query-params",
        "format_func": knob.show,
        "disabled": bool(why_idle or held or idle.replaced(config, lesson, name)),
    }
    if knob.low is None:
        index = knob.options.index(default)
        chosen = st.selectbox(knob.label, knob.options, index=index, **common)
    else:
        chosen = st.select_slider(knob.label, knob.options, value=default, **common)
    return lock.noted(lesson, name, chosen) if held else chosen


def say_what_was_ignored(config: type[BaseModel], lesson: str) -> None:
    """A sentence for each knob of which the link asks for something not offered.

    In a container, as all that comes and goes above a knob: where a knob stands twice for a
    moment, at its old place and its new one, the browser no longer writes it into the link.
    """
    _take_numbers(config, lesson)
    said, asked = [], set(st.query_params)
    for name, knob in knobs_of(config).items():
        if (key := name_in_link(lesson, name)) in asked:
            offered = [knob.show(option) for option in knob.options]
            default = knob.show(config.model_fields[name].default)
            said.append(_ignored(key, knob.label, offered, default))
    if st.session_state.pop(AGAIN, False):  # meanwhile the widgets have taken it from the link
        said = st.session_state.get(f"{lesson}-ignored", [])
    st.session_state[f"{lesson}-ignored"] = said
    with st.container():
        for sentence in filter(None, said):
            warn(sentence, ":material/link_off:")
        if said_of_lock := lock.sentence(lesson, _labels(config, lesson)):
            remark(said_of_lock)


def _take_numbers(config: type[BaseModel], lesson: str) -> None:
    """A number that the link writes in another way, 1.0 or 1e-2, is the option of the same value.

    The link is written anew, and the page drawn again, before any widget has read it.
    """
    asked = set(st.query_params)
    taken = [
        take_number(key, {knob.show(one): one for one in knob.options})
        for name, knob in knobs_of(config).items()
        if (key := name_in_link(lesson, name)) in asked
    ]
    if any(taken):
        st.rerun()


def take_number(key: str, offered: Mapping[str, Value]) -> bool:
    """Whether the link has had to be written anew. What no option equals stays, to be told."""
    texts = st.query_params.get_all(key)
    if key in st.session_state or not texts:
        return False
    meant = [same_number(text, offered) for text in texts]
    if meant == texts:
        return False
    st.query_params[key] = meant
    return True


def _ignored(key: str, label: str, offered: Sequence[str], instead: str) -> str:
    wrong = [text for text in st.query_params.get_all(key) if text and text not in offered]
    if not wrong:
        return ""
    few = offered if len(offered) <= LISTED else [*offered[:3], "…", offered[-1]]
    return (
        f"The link asks for “{label}” = {quoted(wrong[0])}, which is not offered."
        f" It can be {', '.join(few)}. Taken instead: {instead}."
    )


def _compare(key: str, label: str, offered: Sequence[str], instead: str) -> None:
    with st.container():
        if sentence := _ignored(key, label, offered, instead):
            warn(sentence, ":material/link_off:")


def run_again() -> NoReturn:
    """Run the page again without the reader having done anything."""
    st.session_state[AGAIN] = True
    st.rerun()


def one_of(lesson: str, name: str, label: str, options: Sequence[Option]) -> Option:
    """A choice about the picture alone; it does not train anything."""
    key = name_in_link(lesson, name)
    chosen = st.segmented_control(
        label, options, default=options[0], key=key, bind="query-params", required=True, wrap=True
    )
    chosen = chosen or options[0]  # a link with `key=` chooses nothing, required or not
    gathered.view(label, chosen, chosen != options[0])
    return chosen


def pick(lesson: str, name: str, label: str, options: Sequence[str]) -> str:
    """The same among many options, on a slider; the first one is the default."""
    key = name_in_link(lesson, name)
    if take_number(key, {one: float(one) for one in options if NUMBER.fullmatch(one)}):
        run_again()
    _compare(key, label, options, options[0])
    chosen = st.select_slider(label, options, value=options[0], key=key, bind="query-params")
    gathered.view(label, chosen, chosen != options[0])
    return chosen


def look_at(
    lesson: str, name: str, label: str, options: Sequence[str], sizes: Mapping[str, int]
) -> tuple[str, list[int]]:
    """One of some options, and a place in a picture, from 0, along each of its sides; in a row.

    sizes: the name of a side -> how many places it has.
    """
    first, *others = st.columns((3, *[1] * len(sizes)))
    with first:
        option = one_of(lesson, name, label, options)
    place = []
    for column, (side, count) in zip(others, sizes.items(), strict=True):
        with column:
            numbers = [str(number + 1) for number in range(count)]
            place.append(int(pick(lesson, side, side.capitalize(), numbers)) - 1)
    return option, place


def point(lesson: str, choices: Mapping[str, str]) -> None:
    """Make choices about the picture, by a click in it. For callbacks."""
    for name, option in choices.items():
        key = name_in_link(lesson, name)
        if key in st.session_state:
            st.session_state[key] = option


def layers(
    lesson: str,
    depth: int,
    few: DeltaGenerator,
    many: DeltaGenerator,
    shortcuts: DeltaGenerator,
) -> tuple[int, ...] | None:
    """Toggles on the layers: which hidden layers of the second network have BN. None: all of them.

    They stand in the container `few`, or in `many` if they are more than fit there.
    """
    key, everyone = layers_in_link(lesson, depth), list(range(1, depth + 1))
    if take_number(key, {str(layer): layer for layer in everyone}):
        run_again()
    with many:
        _compare(key, "BN in layer", [*map(str, everyone)], "the layers it names rightly")
    with many if depth > FIT else few:
        chosen = st.pills(
            TOGGLES,
            everyone,
            selection_mode="multi",
            default=everyone,
            key=key,
            bind="query-params",
            help="Each toggle switches batch normalization on or off in one hidden layer.",
            disabled=lock.holds(lesson, lock.LAYERS),
        )
    lock.noted(lesson, lock.LAYERS, chosen)
    for label, some in {"All": everyone, "Every second": everyone[1::2], "None": []}.items():
        shortcuts.button(
            label,
            on_click=safe(set_layers),
            args=(lesson, depth, some),
            key=f"{key}-{label}",
            disabled=lock.holds(lesson, lock.LAYERS),
        )
    return None if len(chosen) == depth else tuple(sorted(chosen))


def set_layers(lesson: str, depth: int, some: Sequence[int]) -> None:
    """Switch BN on in these layers and off in all others."""
    st.session_state[layers_in_link(lesson, depth)] = list(some)


def turn(config: type[BaseModel], lesson: str, asked: Mapping[str, Any]) -> None:
    """Set knobs to the options nearest to what was asked for, by a click in a picture.

    For callbacks. What comes from a browser may be anything: what is no number, or belongs to
    no knob of numbers on the page, is left out.
    """
    for name, knob in knobs_of(config).items():
        key, wanted = name_in_link(lesson, name), asked.get(name)
        numbers = [option for option in knob.options if not isinstance(option, str)]
        if key not in st.session_state or not numbers or isinstance(wanted, bool):
            continue
        if lock.holds(lesson, name):
            continue
        if isinstance(wanted, int | float) and abs(wanted) < FAR:  # and not nan
            st.session_state[key] = min(numbers, key=lambda one: abs(one - wanted))


def reset(config: type[BaseModel], lesson: str) -> None:
    """A button that puts every knob back to its default."""
    st.button(
        "Reset",
        icon=":material/restart_alt:",
        on_click=safe(back),
        args=(config, lesson),
        key=f"{lesson}-reset",
        help="Reset: put every knob back to where it was.",
    )


def back(config: type[BaseModel], lesson: str) -> None:
    """Every knob as at first: at its default, or as a link has locked it. For callbacks."""
    put(config, lesson, lock.first(lesson))


def put(config: type[BaseModel], lesson: str, values: Preset, opened: str | None = None) -> None:
    """Set some knobs, and put all others back to their defaults. For callbacks.

    opened: the closed section that shows what this is about.
    """
    if opened:
        st.session_state[name_in_link(lesson, opened)] = True
    declared = knobs_of(config)
    for name, field in config.model_fields.items():
        key, asked = name_in_link(lesson, name), name in values and name in declared
        if asked and key not in st.session_state:  # as a link would: its section opens;
            # a knob that is only coming does not write itself into the address
            st.query_params[key] = declared[name].show(values[name])
        if asked or key in st.session_state:
            st.session_state[key] = values.get(name, field.default)
    _put_toggles(lesson, values)


def _put_toggles(lesson: str, values: Preset) -> None:
    """Of the layers of every depth that was on the page; the setting says which have BN."""
    some = values.get("normalized")
    for depth in _depths(lesson):
        set_layers(lesson, depth, range(1, depth + 1) if some is None else some)


def _depths(lesson: str) -> list[int]:
    """Those of whose layers there are toggles."""
    toggles = layers_in_link(lesson, 0).removesuffix("0")
    known = [key for key in map(str, st.session_state) if key.startswith(toggles)]
    depths = (key.removeprefix(toggles) for key in known)
    return [int(depth) for depth in depths if depth.isdecimal()]


def shown(config: type[BaseModel], lesson: str) -> dict[str, str]:
    """Every knob on the page, and the toggles on layers, as they are written there. For callbacks.

    By name, as in the link; the toggles of another depth are other ones.
    """
    written = {
        name: knob.show(st.session_state[name_in_link(lesson, name)])
        for name, knob in knobs_of(config).items()
        if name_in_link(lesson, name) in st.session_state
    }
    for depth in _depths(lesson):
        key = layers_in_link(lesson, depth)
        some = sorted(st.session_state[key])
        told = "all" if len(some) == depth else ", ".join(map(str, some)) or "none"
        written[key.removeprefix(f"{lesson}-")] = told
    return written


def spoken(config: type[BaseModel], name: str) -> str:
    """What a knob, or the toggles on layers, are called within a sentence."""
    declared = knobs_of(config)
    if name not in declared:
        return TOGGLES
    label = declared[name].label
    return label[0].lower() + label[1:]
