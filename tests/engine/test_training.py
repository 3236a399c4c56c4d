"""Training a cohort: replicas do not mix, threads do not meet, and what is asked for is told."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from bnviz.engine.batchnorm import Options
from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.threads import one_thread
from bnviz.engine.training import train
from tests.engine.runs import (
    BN,
    DIGITS,
    EVERYTHING,
    PLAIN,
    TOO_HIGH,
    assert_same_replica,
    last_weights,
    run,
)

# ------------------------------------------------------------------ replicas do not mix
AWKWARD = [  # sizes that do not fill the processor's vectors
    *[(name, 7, 13, "sgd", BN) for name in ("relu", "leaky relu", "gelu", "tanh", "identity")],
    ("sigmoid", 7, 13, "sgd", PLAIN),
    ("sigmoid", 7, 13, "adam", BN),
    ("sigmoid", 7, 13, "momentum", replace(BN, placement="after")),
    ("sigmoid", 100, 60, "adam", BN),
    ("sigmoid", 100, 60, "sgd", PLAIN),
    ("gelu", 100, 60, "momentum", replace(BN, placement="after")),
    ("gelu", 33, 5, "adam", replace(BN, normalized=(2,), skip=True)),
    ("tanh", 33, 5, "adam", replace(BN, dropout=0.3)),
    ("relu", 17, 31, "momentum", replace(BN, noise_after=True, placement="after")),
    ("sigmoid", 13, 12, "sgd", replace(BN, options=Options(ghost_batch_size=4), noise_after=True)),
    ("relu", 7, 12, "adam", replace(BN, options=Options(ghost_batch_size=1))),
    ("relu", 2, 2, "adam", BN),
]


@pytest.mark.parametrize(("activation", "width", "batch", "optimizer", "base"), AWKWARD)
def test_a_replica_is_the_same_to_the_bit_in_any_company(activation, width, batch, optimizer, base):
    architecture = replace(base, activation=activation, width=width)
    rates, seeds = (0.05, TOO_HIGH, 0.02), (4, 1, 9)
    plan = Plan(rates, 8, batch, optimizer, weight_decay=0.01)
    more = {"record_at": [0, 4, 8], "probes": [last_weights]}
    together = run(architecture, seeds, plan, **more)
    assert 0 < together.divergences[1].step < 8, "the neighbour leaves in the middle"
    for replica in range(3):
        alone = replace(plan, learning_rates=(rates[replica],))
        single = run(architecture, seeds[replica : replica + 1], alone, **more)
        assert_same_replica(together, replica, single, 0)


def test_a_replica_may_stand_at_any_place():
    plan = Plan((0.1,) * 3, 6, 13)
    one, other = run(BN, (1, 2, 3), plan), run(BN, (3, 1, 2), plan)
    for here, there in ((0, 1), (1, 2), (2, 0)):
        assert_same_replica(one, here, other, there)


@pytest.mark.parametrize("architecture", [PLAIN, BN, replace(BN, activation="sigmoid")])
def test_one_row_and_one_replica_alone_are_off_by_rounding(architecture):
    """The exception: a product with a single column in all goes to another kernel of the BLAS."""
    together = run(architecture, (1, 2), Plan((0.01, 0.01), 2, 1))
    alone = run(architecture, (1,), Plan((0.01,), 2, 1))
    np.testing.assert_allclose(alone.batch_losses[0], together.batch_losses[0], rtol=1e-5)


def busy_run(_=None):
    return run(EVERYTHING, (1, 2), Plan((0.1, 0.2), 12, 24, "adam"), probes=[last_weights])


def test_the_same_plan_gives_the_same_bits_every_time():
    first, second = busy_run(), busy_run()
    for replica in range(2):
        assert_same_replica(first, replica, second, replica)


def test_two_threads_at_once_give_the_same_bits():
    expected = busy_run()
    with ThreadPoolExecutor(2) as pool:
        for history in pool.map(busy_run, range(4)):
            for replica in range(2):
                assert_same_replica(expected, replica, history, replica)


# ------------------------------------------------------------------ progress, threads, denormals
def flushes_denormals():
    return (torch.tensor([1e-310], dtype=torch.float64) * 1.0 == 0).item()


@pytest.fixture
def _two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_progress_counts_every_step_and_stops_at_the_last():
    finished = []
    run(PLAIN, (1,), Plan((0.1,), 9), progress=finished.append)
    assert finished == list(range(1, 10))


@pytest.mark.usefixtures("_two_threads")
def test_an_exception_from_progress_ends_the_run_and_leaves_the_thread_as_it_was():
    inside = []

    def stop(finished):
        inside.append((torch.get_num_threads(), flushes_denormals()))
        if finished == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(PLAIN, (1,), Plan((0.1,), 9), progress=stop)
    assert inside == [(1, True)] * 3
    assert torch.get_num_threads() == 2
    assert not flushes_denormals()


@pytest.mark.usefixtures("_two_threads")
def test_one_thread_may_be_nested():
    with one_thread():
        with one_thread():
            pass
        assert torch.get_num_threads() == 1
        assert flushes_denormals()
    assert torch.get_num_threads() == 2
    assert not flushes_denormals()


def test_one_thread_keeps_denormals_off_where_they_were_off():
    torch.set_flush_denormal(True)
    try:
        with one_thread():
            pass
        assert flushes_denormals()
    finally:
        torch.set_flush_denormal(False)


# ------------------------------------------------------------------ bad arguments


@pytest.mark.parametrize(("seeds", "rates"), [((1,), (0.1, 0.1)), ((1, 2), (0.1,)), ((), ())])
def test_one_seed_and_one_rate_for_each_replica_are_asked_for(seeds, rates):
    with pytest.raises(ValueError, match="for 2 replicas; one each"):
        train(Cohort(PLAIN, (1, 2)), seeds, DIGITS, Plan(rates))


@pytest.mark.parametrize("record_at", [[-1, 2], [0, 6]])
def test_a_record_outside_the_run_is_refused(record_at):
    with pytest.raises(ValueError, match="each must be from 0 to 5"):
        run(PLAIN, (1,), Plan((0.1,), 5), record_at=record_at)


def test_a_chunk_that_does_not_divide_the_batch_is_refused():
    with pytest.raises(ValueError, match="ghost_batch_size is 5; it must divide the batch of 64"):
        run(replace(BN, options=Options(ghost_batch_size=5)), (1,), Plan((0.1,), 5))
