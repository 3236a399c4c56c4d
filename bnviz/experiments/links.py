"""What things of a lesson are called in the link, and what a link means by them.

A link is `…/race?race-depth=8&race-learning_rate=1`: the lesson, and what does not stand as the
lesson opens. The pages and Python read it by these rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

from bnviz.experiments.knob import Knob, Value
from bnviz.experiments.refusals import shortened
from bnviz.experiments.typed import NUMBER

FRONT = "home"  # the lesson whose address has no name
LONGEST = 20_000  # characters
PARAMETERS = 200

Asked = Mapping[str, list[str]]
"""What a link says of one lesson: the names without the lesson's, and what stands for them."""


def name_in_link(lesson: str, field: str) -> str:
    """What a knob is called in the link; the lesson's name keeps lessons from sharing values."""
    return f"{lesson}-{field}"


def toggles(depth: int) -> str:
    """The field of the toggles on layers; each depth has toggles of its own."""
    return f"bn-of-{depth}"


def layers_in_link(lesson: str, depth: int) -> str:
    """What the toggles on layers are called in the link."""
    return name_in_link(lesson, toggles(depth))


def same_number(text: str, offered: Mapping[str, Value]) -> str:
    """How the option is written that is this very number; the text itself if there is none."""
    if text in offered or not NUMBER.fullmatch(text.strip()):
        return text
    value = float(text)
    return next((shown for shown, option in offered.items() if option == value), text)


def offered(knob: Knob) -> dict[str, Value]:
    """The options of a knob, by what is written of them in the link."""
    return {knob.show(option): option for option in knob.options}


def meant(text: str, knob: Knob) -> Value | None:
    """The option that a text of the link means, as the pages read it; None: none is."""
    options = offered(knob)
    return options.get(same_number(text, options))


def value(name: str, text: str, knob: Knob) -> Value:
    """The same for Python. Raises ValueError, with what is offered."""
    option = meant(text, knob)
    if option is None:
        can_be = ", ".join(offered(knob))
        raise ValueError(f"{name}: {shortened(text)} is not offered; it can be {can_be}")
    return option


def text(name: str, option: Value, knob: Knob) -> str:
    """What the link has of an option. Raises ValueError where the page does not offer it."""
    if option not in knob.options:
        can_be = ", ".join(offered(knob))
        raise ValueError(f"{name}: no page offers {shortened(option)}; it can be {can_be}")
    return knob.show(option)


def parameters(link: str) -> dict[str, list[str]]:
    """All parameters of a link, with their values. Raises ValueError: it is too long."""
    if len(link) > LONGEST:
        raise ValueError(f"the link has {len(link)} characters; at most {LONGEST} are read")
    query = link.partition("?")[2].partition("#")[0]
    try:
        return parse_qs(query, keep_blank_values=True, max_num_fields=PARAMETERS)
    except ValueError as error:
        raise ValueError(f"the link has more than {PARAMETERS} parameters") from error


def asked(lesson: str, link: str) -> Asked:
    """What a link says of a lesson. Raises ValueError where it is a link to another one."""
    before, there = name_in_link(lesson, ""), parameters(link)
    own = {name.removeprefix(before): there[name] for name in there if name.startswith(before)}
    ends = urlsplit(link).path.split("/")[-2:]
    here = ends[-1] == "" if lesson == FRONT else lesson in ends
    if not own and (not here or any("-" in name for name in there)):  # of another lesson
        raise ValueError(f"{shortened(link)} is no link to the lesson “{lesson}”")
    return own


def address(lesson: str, said: Iterable[tuple[str, str]], app: str = "") -> str:
    """The link to a lesson that says so. app: where bnviz is; "": seen from another lesson."""
    query = urlencode([(name_in_link(lesson, name), text) for name, text in said])
    start = f"{app.rstrip('/')}/" if app else "./" if lesson == FRONT else ""
    return start + ("" if lesson == FRONT else lesson) + (f"?{query}" if query else "")
