"""BN's relatives by hand: test accuracies at the end, the same in both seeds."""

import numpy as np

from bnviz.axes import NEVER
from bnviz.experiments.relatives import CHANNELS, KINDS, NORMALIZERS, SAMPLES, RelativesResult
from tests.samples import tiny

STEPS = np.array([0, 4, 8])
STACK = (len(STEPS), SAMPLES, CHANNELS)


def made(shares=(0.2, 0.5, 0.3), diverged=(), **ends):
    config = tiny("relatives", **ends.pop("config", {}))
    level = dict.fromkeys(KINDS, 0.9) | ends | dict.fromkeys(diverged, np.nan)
    random = np.random.default_rng(1)
    maps = {kind: random.normal(size=(*STACK, 8, 8)).astype(np.float32) for kind in KINDS}
    return RelativesResult(
        config=config,
        steps=STEPS,
        accuracy={k: np.full((2, len(STEPS)), end, np.float32) for k, end in level.items()},
        diverged_at={kind: np.full(2, 3 if kind in diverged else NEVER) for kind in KINDS},
        labels=np.arange(SAMPLES),
        maps=maps,
        mean={kind: maps[kind].mean((-1, -2)) for kind in NORMALIZERS},
        variance={kind: maps[kind].var((-1, -2)) for kind in NORMALIZERS},
        shares=np.broadcast_to(np.array(shares, np.float32), (2, len(STEPS), 2, 2, 3)).copy(),
    )
