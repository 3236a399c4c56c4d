"""Batch sizes and sorted batches by hand: test accuracies at the end, the same in both seeds."""

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments import sorted_batches
from bnviz.experiments.batches import FULL, PERCENTS, SWEPT, BatchesResult, FullConfig, FullResult
from tests.samples import tiny

SIZES = (2, 8, 32)


def spread(values):
    return np.repeat(np.array(values, np.float32)[..., None], 2, axis=-1)


def over_time(values):
    return np.repeat(spread(values)[..., None], len(PERCENTS), axis=-1)


def made(
    batch=(0.5, 0.9, 0.92),
    layer=(0.9, 0.9, 0.9),
    plain=(0.91, 0.9, 0.9),
    precise=None,
    sizes=SIZES,
    **changes,
):
    """By batch size: plain, BN, layer norm, and BN with precise statistics."""
    return BatchesResult(
        config=tiny("batches", **changes),
        steps=np.array(PERCENTS),
        sizes=np.array(sizes),
        accuracy=dict(zip(SWEPT, over_time([plain, batch, layer]), strict=True)),
        precise=spread(batch if precise is None else precise),
        diverged_at={kind: np.full((len(sizes), 2), NEVER) for kind in SWEPT},
        test_samples=450,
    )


def made_sorted(
    few=(0.92, 0.7, 0.9, 0.92),
    mixed=(0.95, 0.95, 0.95, 0.95),
    own=0.4,
    among=0.95,
    classes=2,
    **changes,
):
    """Trained on sorted batches and on mixed ones: plain, BN, renormalization, layer norm."""
    kinds = sorted_batches.SORTED
    nobody = {kind: np.full(2, NEVER) for kind in kinds}
    return sorted_batches.SortedResult(
        config=sorted_batches.few_classes(tiny("batches", **changes), classes),
        steps=np.array(PERCENTS),
        accuracy=dict(zip(kinds, over_time(few), strict=True)),
        mixed=dict(zip(kinds, over_time(mixed), strict=True)),
        in_company={kind: over_time(own) for kind in kinds},
        mixed_in_company=over_time(own),
        among=over_time(among),
        diverged_at={kind: at.copy() for kind, at in nobody.items()},
        mixed_diverged_at=nobody,
    )


def made_full(size, batch, layer):
    """The whole training at one batch size."""
    piece = FullConfig(**tiny("batches").model_dump() | {"batch_size": size})
    ends = dict(zip(FULL, (0.9, batch, 0.8, layer), strict=True))
    accuracy = {kind: np.full(2, value, np.float32) for kind, value in ends.items()}
    return FullResult(config=piece, accuracy=accuracy, precise=np.full(2, batch, np.float32))
