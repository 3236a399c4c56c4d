"""A reader's own samples in a Config: told apart by their content, and by nothing else.

They travel with the Config, to another process too, but in no link: what a Config is written as,
and what its results are kept under, has their digest alone. So a result is shared by those who
gave the very same numbers, and by nobody else. A process holds them as long as somebody uses them.
"""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import ArrayLike
from pydantic import (
    Field,
    GetCoreSchemaHandler,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import core_schema

from bnviz.engine.data import Dataset, Scaling, prepared
from bnviz.engine.samples import Samples, given
from bnviz.experiments import drawn_points
from bnviz.experiments.data_knobs import DRAWN, OWN, POINTS, OwnOrNamed
from bnviz.experiments.links import Asked
from bnviz.experiments.settings import Settings

OWN_FILE = "bnviz-own-data.npz"  # how a script calls what `OwnSamples.file` holds
READY = 4  # ways in which the samples are kept prepared: as the knobs of one page ask for them


class OwnSamples:
    """Samples of no name, (samples, features), with their classes: see `samples.given`.

    Made by `own_samples`. Two are equal if they hold the same numbers.
    """

    def __init__(self, samples: Samples, digest: str) -> None:
        self.samples, self.digest = samples, digest
        self._ready: dict[tuple[Any, ...], Dataset] = {}
        self._lock = Lock()

    def prepared(self, size: int | None, wrong_labels: float, scaling: Scaling) -> Dataset:
        """As `data.prepared`, and kept no longer than the samples themselves."""
        asked = (size, wrong_labels, scaling)
        with self._lock:
            if asked not in self._ready:
                while len(self._ready) >= READY:
                    del self._ready[next(iter(self._ready))]
                self._ready[asked] = prepared.__wrapped__(self.samples, *asked)
            return self._ready[asked]

    def file(self) -> bytes:
        """As a file of NumPy, for who takes them to a script: features, labels, is_test."""
        held = BytesIO()
        of = self.samples
        np.savez_compressed(held, features=of.inputs, labels=of.labels, is_test=of.is_test)
        return held.getvalue()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OwnSamples) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"OwnSamples({self.digest})"

    def __reduce__(self) -> tuple[Any, ...]:
        return own_samples, (self.samples.inputs, self.samples.labels)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """As text, the digest; in Python, the samples themselves."""
        digest = core_schema.plain_serializer_function_ser_schema(
            lambda own: own.digest, when_used="json"
        )
        return core_schema.is_instance_schema(cls, serialization=digest)


_KNOWN: WeakValueDictionary[str, OwnSamples] = WeakValueDictionary()
_KNOWING = Lock()


def own_samples(inputs: ArrayLike, labels: ArrayLike) -> OwnSamples:
    """These samples, and within a process the same object for the same numbers.

    Raises ValueError as `samples.given` does.
    """
    samples = given(OWN, inputs, labels)
    content = sha256(repr(samples.inputs.shape).encode())
    for array in (samples.inputs, samples.labels):
        content.update(np.ascontiguousarray(array).tobytes())
    digest = content.hexdigest()
    with _KNOWING:
        known = _KNOWN.get(digest)
        if known is None:
            known = _KNOWN[digest] = OwnSamples(samples, digest)
        return known


class OwnDataSettings(Settings):
    """The shared settings, with points that the reader draws, or brings, as further data sets."""

    dataset: OwnOrNamed = "digits"
    points: str = Field(
        default="",
        description="of a drawn dataset: see experiments/drawn_points.py; empty: two arcs",
    )
    own_data: OwnSamples | None = Field(
        default=None,
        description=f"Samples of your own, made by own_samples(…): with dataset={OWN!r} alone.",
    )

    @field_validator(POINTS)
    @classmethod
    def _points_where_asked_for(cls, text: str, info: ValidationInfo) -> str:
        if text and info.data.get("dataset", DRAWN) != DRAWN:
            raise ValueError(f"they go with dataset={DRAWN!r} alone")
        return "" if drawn_points.usable(text) == drawn_points.USUAL else text

    @model_validator(mode="after")
    def _own_data_where_asked_for(self) -> OwnDataSettings:
        if (self.dataset == OWN) != (self.own_data is not None):
            needs = "needs own_data=own_samples(…), which no link holds"
            raise ValueError(f"dataset={OWN!r} {needs}; no other data set has them")
        return self

    @classmethod
    def of_link(cls, asked: Asked) -> dict[str, Any]:
        """As Config.of_link; like the page, it reads no points where other data are chosen."""
        other = asked.get("dataset", [""])[-1] != DRAWN
        kept = {name: texts for name, texts in asked.items() if name != POINTS}
        return super().of_link(kept if other else asked)

    def raw_samples(self) -> Samples:
        if self.dataset == DRAWN:
            return drawn_points.samples(self.points)
        return super().raw_samples() if self.own_data is None else self.own_data.samples

    def training_memory(self, looking: float = 0.0, **changes: Any) -> float:
        """As Settings.training_memory; of many tested samples the system keeps some memory."""
        needed = super().training_memory(looking, **changes)
        if self.own_data is None:
            return needed
        cost, tested = self.cost(**changes), len(self.data().test_labels)
        return needed + self.own_data.samples.inputs.nbytes + cost.passing(self.seeds, tested)

    def prepare(
        self, samples: Samples, size: int | None, wrong_labels: float, scaling: Scaling
    ) -> Dataset:
        if self.own_data is None:
            return super().prepare(samples, size, wrong_labels, scaling)
        return self.own_data.prepared(size, wrong_labels, scaling)
