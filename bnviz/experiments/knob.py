"""A knob: one thing that can be chosen, declared once, for the page, the link and Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import TypeGuard

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import core_schema

from bnviz.experiments.refusals import shortened

Value = str | int | float


def number(value: Value) -> str:
    """A number the way the pages write it: 0.1, 5.6, 100."""
    return value if isinstance(value, str) else f"{value:g}"


@dataclass(frozen=True)
class Knob:
    """One thing the reader can choose.

    A page offers `options`. Python may also use any number from `low` to `high`, which hold the
    cost of a run within bounds on the server's side; without them, the options alone. A Config
    refuses everything else with a ValueError that names the field, the value and what is allowed.

    In a Config: `depth: Annotated[int, Knob("Hidden layers", (4, 8), "How deep.", 1, 50)] = 8`.
    """

    label: str  # of the widget, and what a screen reader says
    options: tuple[Value, ...]  # in the order of the widget; all words or all numbers
    help: str  # a sentence behind the question mark
    low: float | None = None  # the least and the largest number; both or neither
    high: float | None = None
    show: Callable[[Value], str] = number  # how an option is written on the page and in a link

    @property
    def whole(self) -> bool:
        """Whether all that may be chosen are whole numbers."""
        return all(isinstance(option, int) for option in self.options)

    def allowed(self) -> str:
        """What may be given, in words."""
        if self.low is None:
            return "one of " + ", ".join(self.show(option) for option in self.options)
        return f"a {'whole ' if self.whole else ''}number from {self.low:g} to {self.high:g}"

    def accepts(self, value: object) -> bool:
        """Whether a Config may hold this value."""
        if self.low is None or self.high is None:
            return (isinstance(value, str) or _is_number(value)) and value in self.options
        if not _is_number(value) or not self.low <= value <= self.high:
            return False
        return not self.whole or value % 1 == 0

    def checked(self, value: object) -> object:
        """The value. Raises ValueError, with what is allowed, if a Config may not hold it."""
        if not self.accepts(value):
            raise ValueError(f"{shortened(value)} is refused; allowed is {self.allowed()}")
        return float(value) if _is_number(value) and not isinstance(value, int) else value

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Before pydantic would take "8" for 8, or True for 1."""
        return core_schema.no_info_before_validator_function(self.checked, handler(source))


def _is_number(value: object) -> TypeGuard[float]:
    """True and False are none, for all that Python counts with them."""
    return isinstance(value, Real) and not isinstance(value, bool)


def percent(value: Value) -> str:
    return f"{100 * float(value):g} %"


def knobs(config: type[BaseModel]) -> dict[str, Knob]:
    """The knobs of a Config class, by field name."""
    return {
        name: knob
        for name, field in config.model_fields.items()
        for knob in field.metadata
        if isinstance(knob, Knob)
    }
