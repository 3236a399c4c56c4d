"""The base of all Configs: readable in a notebook, and the same thing as the link of a page."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator

from bnviz.experiments import links
from bnviz.experiments.knob import knobs
from bnviz.experiments.links import Asked
from bnviz.experiments.refusals import shortened

WIDTH = 88  # letters of a line in a help text


class Config(BaseModel):
    """What an experiment can choose: a frozen set of fields, each checked as it is given."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Pydantic's own signature is one line of all declarations."""
        super().__pydantic_init_subclass__(**kwargs)
        cls.__signature__ = _signature(cls)
        cls.__doc__ = "\n".join([inspect.cleandoc(cls.__doc__ or ""), "", *_told(cls)])

    @model_validator(mode="before")
    @classmethod
    def _known(cls, given: Any) -> Any:
        """A name that is no field's is told with the nearest one; pydantic says less."""
        for name in given if isinstance(given, Mapping) else ():
            if name not in cls.model_fields:
                near = get_close_matches(str(name), cls.model_fields, n=1)
                hint = f"did you mean {near[0]}?" if near else f"help({cls.__name__}) has them all"
                raise ValueError(f"there is no {shortened(name)}; {hint}")
        return given

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        """What is not at its default."""
        for name, field in type(self).model_fields.items():
            if getattr(self, name) != field.default:
                yield name, getattr(self, name)

    @classmethod
    def lesson(cls) -> str:
        """The lesson on whose page these knobs stand. Raises ValueError where there is none."""
        name = cls.__module__.rpartition(".")[2]
        if cls.__name__ != f"{name.title()}Config":
            raise ValueError(f"{cls.__name__} has no page of its own, and so no link")
        return name

    @classmethod
    def from_link(cls, link: str) -> Self:
        """The Config of a page's link: `RaceConfig.from_link("https://…/race?race-depth=8")`.

        What the link does not set is at its default; what is no knob, such as a section that is
        open, says nothing of a Config. Raises ValueError: a link to another lesson, a value that
        the page does not offer, or what the Config refuses.
        """
        return cls(**cls.of_link(links.asked(cls.lesson(), link)))

    def link(self, app: str = "") -> str:
        """The link of the page at these settings: `race?race-depth=8`.

        app: where bnviz is served, such as "http://localhost:8501". Raises ValueError where the
        page does not offer what this Config has.
        """
        return links.address(self.lesson(), self.in_link(), app)

    @classmethod
    def of_link(cls, asked: Asked) -> dict[str, Any]:
        """The fields that a link sets, with their values. Raises ValueError."""
        declared = knobs(cls)
        found: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            said = asked.get(name, [""])[-1]
            if name in declared and said:
                found[name] = links.value(name, said, declared[name])
            elif field.annotation is str and said:
                found[name] = said
        return found

    def in_link(self) -> Iterator[tuple[str, str]]:
        """The fields that are not as the page opens, and how the link writes them."""
        declared = knobs(type(self))
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if value == field.default:
                continue
            if name in declared:
                yield name, links.text(name, value, declared[name])
            elif isinstance(value, str):
                yield name, value


class _Signature(inspect.Signature):
    """One parameter a line."""

    def __str__(self) -> str:
        return self.format()

    def format(self, **_: Any) -> str:
        """As it is called from Python 3.13 on."""
        some = (f"    {one.name}={one.default!r}," for one in self.parameters.values())
        return "\n".join(["(*,", *some, ")"])


def _signature(config: type[BaseModel]) -> inspect.Signature:
    kind = inspect.Parameter.KEYWORD_ONLY
    fields = config.model_fields.items()
    return _Signature(
        [inspect.Parameter(name, kind, default=field.default) for name, field in fields]
    )


def _told(config: type[BaseModel]) -> Iterator[str]:
    """Every field: its default, what it may be, and what it is."""
    declared = knobs(config)
    yield "Fields, with their defaults:"
    for name, field in config.model_fields.items():
        yield f"\n{name} = {field.default!r}"
        said = field.description or ""
        if knob := declared.get(name):
            said = f"{knob.label}: {knob.allowed()}. {knob.help}"
        lines = textwrap.wrap(said, WIDTH, break_on_hyphens=False, break_long_words=False)
        yield from (f"    {line}" for line in lines)
