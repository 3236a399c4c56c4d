"""Exact links: a lesson where one of its questions is asked, or answered already.

A question is asked from the page's defaults; one about a picture, beside that picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel

from bnviz.experiments.links import layers_in_link, name_in_link
from bnviz.experiments.settings import knobs
from bnviz.ui import options
from bnviz.ui.course import lesson as lesson_called
from bnviz.ui.foreseen import challenges_of
from bnviz.words.challenge import SHOWN, Challenge

Parameters = dict[str, list[str]]

OF_SEVERAL = {"landscape": ("bnviz.experiments.surface", "SurfaceConfig"),
              "lab": ("bnviz.ui.arms", "Page")}  # fmt: skip
"""Where a page has more knobs than the experiment of its name."""


def config_of(lesson: str) -> type[BaseModel]:
    """The Config whose knobs stand on a lesson's page."""
    usual = (f"bnviz.experiments.{lesson}", f"{lesson.title()}Config")
    module, name = OF_SEVERAL.get(lesson, usual)
    found: type[BaseModel] = getattr(import_module(module), name)
    return found


def position(lesson: str, name: str) -> int:
    """Which question of a lesson the challenge of this name is, from 1. ValueError: none is."""
    return [one.name for one in challenges_of(lesson)].index(name) + 1


def at_setting(lesson: str, values: Mapping[str, Any]) -> Parameters:
    """What the link has of these knobs, and of the toggles on layers."""
    config, declared = config_of(lesson), knobs(config_of(lesson))
    written: Parameters = {}
    for name, value in values.items():
        if name in declared:
            written[name_in_link(lesson, name)] = [declared[name].show(value)]
        elif name == "normalized":
            depth = values.get("depth", config.model_fields["depth"].default)
            written[layers_in_link(lesson, depth)] = [*map(str, value)]
        else:
            written[name_in_link(lesson, name)] = [str(value)]
    return written


def asked(lesson: str, number: int) -> Parameters:
    """Where question `number`, from 1, is asked and nobody has answered yet."""
    challenge = challenges_of(lesson)[number - 1]
    return (_where(lesson, challenge) if challenge.look else {}) | _question(lesson, number)


def answered(lesson: str, number: int) -> Parameters:
    """Where it is answered, with no guess: its run, and what the run says."""
    challenge = challenges_of(lesson)[number - 1]
    said = {name_in_link(lesson, "said"): [SHOWN]}
    return _where(lesson, challenge) | _question(lesson, number) | said


def address(lesson: str, parameters: Parameters, **chosen: str) -> str:
    """The link to it from any page, with these options and those of this page.

    chosen: options of its own; "": not even where this page has it.
    """
    carried = dict(options.kept()) | chosen
    return written(lesson, parameters, {name: text for name, text in carried.items() if text})


def written(lesson: str, parameters: Parameters, kept: Mapping[str, str]) -> str:
    """The link with these options and no others."""
    here = lesson_called(lesson)
    query = urlencode({**parameters, **kept}, doseq=True)
    return f"{here.address}?{query}" if query else here.address


def _where(lesson: str, challenge: Challenge) -> Parameters:
    opened = {name_in_link(lesson, challenge.opens): ["true"]} if challenge.opens else {}
    return at_setting(lesson, challenge.setting) | opened


def _question(lesson: str, number: int) -> Parameters:
    return {name_in_link(lesson, "ask"): [str(number)]}
