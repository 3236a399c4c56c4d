"""Mini-batches for the lesson on the transform, whose run is a matter of a moment."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bnviz.experiments import transform
from bnviz.experiments.minibatch import READY, TRAINED
from bnviz.experiments.transform import TransformConfig
from bnviz.experiments.typed import write

SOURCES = (*READY, TRAINED)

batches = arrays.arrays(
    np.float64,
    st.tuples(st.integers(2, 12), st.integers(1, 4)),
    elements=st.floats(-1e3, 1e3) | st.sampled_from([0.0, 1.0, 1e-9, -1e-300, 7.0]),
)


def of(table=None, **changes):
    """A run on these numbers: a text, or rows."""
    if table is not None:
        text = table if isinstance(table, str) else write(np.array(table, dtype=float))
        changes["table"] = text
    return transform.run(TransformConfig(**changes))
