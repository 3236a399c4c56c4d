"""A mini-batch that the reader types in, with numbers of each feature; and the ready-made ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from bnviz.experiments.config import Config
from bnviz.experiments.knob import knobs
from bnviz.experiments.typed import COLUMNS, Table, TableError, numbers, read

Vector = NDArray[np.float64]

OWN = "own_"
"""Before the name of a knob: what is typed instead, one number for each feature."""
OWN_LONGEST = 200  # characters


Typed = Annotated[
    str, Field(description="Typed instead, one number for each feature: 1, 2, 3; empty: the knob.")
]


class ByHand(Config):
    """What the lessons by hand can choose: their own knobs, and a table of the reader's."""

    COLUMNS: ClassVar[tuple[int, int]] = (1, COLUMNS)  # a table may have, from and to
    source: str = ""  # the name of the ready-made mini-batch
    table: Annotated[
        str, Field(description="Typed rows instead, as in the link: 1~2_3~4; empty: ready-made.")
    ] = ""

    @field_validator("table")
    @classmethod
    def _fits(cls, text: str) -> str:
        if text:
            cls.fits(read(text))
        return text

    @model_validator(mode="after")
    def _own_fit(self) -> Self:
        for name in self.can_be_typed():
            try:
                self.of_each(name)
            except TableError as refused:
                raise ValueError(f"{OWN}{name}: {str(refused).removesuffix('.')}") from refused
        return self

    @classmethod
    def fits(cls, table: Table) -> Table:
        """The table, if it has as many columns as the lesson can use. Raises TableError."""
        low, high = cls.COLUMNS
        if not low <= table.shape[1] <= high:
            allowed = f"{low}" if low == high else f"{low} to {high}"
            raise TableError(f"A row has {table.shape[1]} numbers; here it has {allowed}.")
        return table

    @classmethod
    def can_be_typed(cls) -> tuple[str, ...]:
        """The knobs that may have a number of their own for each feature."""
        fields = cls.model_fields
        return tuple(name.removeprefix(OWN) for name in fields if name.startswith(OWN))

    def features(self) -> int:
        """How many columns are normalized."""
        return 1

    @property
    def scale_chosen(self) -> bool:
        """Whether γ, and β, come from a choice of the page, and not from their knobs."""
        return False

    def of_each(self, name: str) -> Vector:
        """A knob's number for each feature, as typed or as the knob says, (features,)."""
        text = getattr(self, OWN + name)
        if text:
            return self.own(name, text, self.features())
        return np.full(self.features(), float(getattr(self, name)))

    @classmethod
    def own(cls, name: str, text: str, features: int) -> Vector:
        """The numbers typed for a knob, (features,); a single one is for all of them.

        Raises TableError: as numbers(), and for a wrong count, or one beyond the knob's bounds.
        """
        if len(text) > OWN_LONGEST:
            raise TableError(f"It has {len(text)} characters; {OWN_LONGEST} are the most.")
        some, knob = numbers(text), knobs(cls)[name]
        if len(some) not in (1, features):
            one = "1, for all features," if features > 1 else "1"
            many = f" or {features}, one for each" if features > 1 else ""
            raise TableError(f"It has {len(some) or 'no'} numbers; it may have {one}{many}.")
        if any(not knob.accepts(value) for value in some):
            raise TableError(f"Each has to be {knob.allowed()}.")
        return np.resize(np.array(some), features)


def _columns(*columns: Sequence[float]) -> Table:
    return np.array(columns, dtype=np.float64).T


_GOOD = (2, 4, 4, 4, 5, 5, 7, 9)  # mean 5, variance 4: numbers for doing sums by hand
_ALIKE = (10, 30, 20, 30, 40, 30, 40, 40)  # mean 30, variance 100; correlated with the others

TRAINED = "trained units"

READY: dict[str, Table] = {
    "well-behaved": _columns(_GOOD, _ALIKE),
    "far from zero": _columns([48 + x for x in _GOOD], _ALIKE),
    "different scales": _columns(
        [x / 10 for x in _GOOD], (1.1, 0.2, 0.8, 1.9, 1.2, 0.4, 1.5, 0.9), _ALIKE
    ),
    "heavy tails": _columns(
        (0.1, -0.3, 0.2, 0.4, -0.1, 0.6, -0.5, 9, 0.3, -0.2, -7, 0.5, 0.1, -0.4, 0.2, 3)
    ),
    "one outlier": _columns((2, 4, 4, 4, 5, 5, 7, 100)),
    "constant feature": _columns(_GOOD, (7,) * 8),
    "two rows": _columns((3, 3.5), (10, 40)),
    "a single row": _columns((3,), (10,)),
}
"""The ready-made mini-batches, beside the units of a trained network."""
