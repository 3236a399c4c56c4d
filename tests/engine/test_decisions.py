"""The map of the plane: what each replica alone would say of every point."""

import pytest
import torch

from bnviz.engine.architecture import Architecture
from bnviz.engine.data import load
from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.probes import decisions
from bnviz.engine.training import train

SPIRALS = load("spirals")
SEEDS = (3, 4, 5)
NETWORK = Architecture(2, 2, depth=3, width=16, normalizer="batch")
POINTS = torch.linspace(-2, 2, 31).repeat(2, 7).T.contiguous()[:200]


@pytest.mark.parametrize("replicas", [(0,), (1, 2), (0, 1, 2)])
def test_each_replica_is_asked_alone_and_the_others_are_not_asked(replicas):
    cohort = Cohort(NETWORK, SEEDS)
    plan = Plan((0.1,) * 3, 5, 16)
    history = train(
        cohort, SEEDS, SPIRALS, plan, record_at=[5], probes=[decisions(POINTS, replicas)]
    )
    for replica in range(3):
        ours = history.probes["decision"][replica, 0]
        if replica not in replicas:
            assert torch.tensor(ours).isnan().all()
            continue
        logits = cohort.select([replica]).forward(POINTS.T[None], "inference")[0]
        expected = (logits[1] - logits[0]).sigmoid().detach()
        torch.testing.assert_close(torch.tensor(ours), expected)


def test_one_that_diverged_has_no_map_and_the_others_keep_their_own():
    plan = Plan((0.1, 3e38, 0.1), 12, 16)
    probes = [decisions(POINTS, (0, 1, 2))]
    history = train(Cohort(NETWORK, SEEDS), SEEDS, SPIRALS, plan, record_at=[12], probes=probes)
    assert history.divergences[1] is not None
    found = torch.tensor(history.probes["decision"][:, 0])
    assert found[1].isnan().all()
    assert found[[0, 2]].isfinite().all()
    assert not torch.equal(found[0], found[2])
