"""What a surface leaves untouched, reports and refuses."""

import threading
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

from bnviz.engine import surface as module
from bnviz.engine.architecture import Architecture
from bnviz.engine.networks import Cohort, losses
from bnviz.engine.surface import random_directions, surface
from tests.engine.planes import (
    INPUTS,
    LABELS,
    NORMALIZED,
    WIDTH,
    assert_equal,
    normal,
    somewhere,
    state,
    used,
)


def large():
    """Enough points and samples for several chunks."""
    cohort = Cohort(Architecture(8, 4, 2, 64, normalizer="batch"), [3])
    inputs = normal(300, 8, dtype=torch.float32)
    return cohort, random_directions(cohort, 5), inputs, torch.arange(300) % 4


GRID = np.linspace(-1, 1, 9)


@pytest.mark.parametrize("mode", ["batch", "inference"])
def test_the_bits_do_not_depend_on_the_workers(mode):
    cohort, directions, inputs, labels = large()
    runs = [
        surface(cohort, directions, GRID, GRID, inputs, labels, mode, workers=workers)
        for workers in (1, 2, 3, 1)
    ]
    assert np.isfinite(runs[0]).all()
    assert runs[0].std() > 0
    assert all(np.array_equal(runs[0], run) for run in runs[1:])


def test_the_middle_is_the_loss_of_the_network_itself():
    cohort, directions, inputs, labels = large()
    with torch.no_grad():
        expected = losses(cohort.forward(inputs.T[None].contiguous(), "batch"), labels[None])
    found = surface(cohort, directions, GRID, GRID, inputs, labels, "batch")
    assert found[4, 4] == pytest.approx(expected.item(), rel=1e-6)


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_counts_up_to_all_points_in_the_thread_that_asked(workers):
    cohort, directions, inputs, labels = large()
    seen, threads = [], set()

    def progress(points):
        seen.append(points)
        threads.add(threading.current_thread())

    surface(cohort, directions, GRID, GRID, inputs, labels, "batch", progress, workers)
    assert seen == sorted(seen)
    assert seen[-1] == 81
    assert threads == {threading.current_thread()}


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("fails", [False, True])
def test_the_cohort_is_left_untouched_even_after_an_exception(fails, workers):
    cohort, directions, inputs, labels = large()
    before, random = state(cohort), torch.get_rng_state()
    arguments = [inputs.clone(), labels.clone(), *(t.clone() for d in directions for t in d)]
    threads, active = torch.get_num_threads(), threading.active_count()

    def progress(points):
        if fails:
            raise RuntimeError("enough")

    def run():
        surface(cohort, directions, GRID, GRID, inputs, labels, "batch", progress, workers)

    if fails:
        with pytest.raises(RuntimeError, match="enough"):
            run()
    else:
        run()
    assert_equal(before, state(cohort))
    assert_equal(arguments, [inputs, labels, *(t for d in directions for t in d)])
    assert all(p.requires_grad for p in cohort.parameters())
    assert torch.equal(random, torch.get_rng_state())
    assert torch.get_num_threads() == threads
    assert threading.active_count() == active


def test_what_goes_wrong_in_another_thread_comes_out_here(monkeypatch):
    cohort, directions, inputs, labels = large()
    here, right = threading.current_thread(), module.Evaluator

    def evaluator(plane):
        if threading.current_thread() is not here:
            raise MemoryError("over there")
        return right(plane)

    monkeypatch.setattr(module, "Evaluator", evaluator)
    with pytest.raises(MemoryError, match="over there"):
        surface(cohort, directions, GRID, GRID, inputs, labels, "batch", workers=2)


@pytest.mark.parametrize("mode", ["batch", "inference"])
@pytest.mark.parametrize("change", [{}, {"skip": True}, {"placement": "after"}, {"normalized": ()}])
def test_a_loss_that_is_not_finite_comes_back_without_a_warning(change, mode):
    cohort = used(replace(NORMALIZED, **change), torch.float32)
    directions = [somewhere(cohort, 100), somewhere(cohort, 200)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = surface(cohort, directions, [0, 1e-3, 1e25], [0, 1e30], INPUTS, LABELS, mode)
    assert np.isfinite(found[0, :2]).all()
    assert not np.isfinite(found[1]).any()
    assert not np.isfinite(found[0, 2])


def test_squares_that_overflow_do_not_pass_for_a_unit_that_gives_nothing():
    """Values of 1e20 are finite in float32 and their squares are not: 1 / inf would be zero."""
    cohort = Cohort(replace(NORMALIZED, depth=1), [0])
    with torch.no_grad():
        cohort.layers[0].beta.fill_(1.0)
    up = [torch.full_like(p, 1e20 if p.dim() == 3 and p.shape[1] == WIDTH else 0) for p in
          cohort.parameters()]  # fmt: skip
    found = surface(cohort, [up, up], [0, 1], [0], INPUTS, LABELS, "batch")
    assert np.isfinite(found[0, 0])
    assert not np.isfinite(found[0, 1])


def test_points_that_do_not_fill_a_chunk_are_in_their_places():
    cohort, directions, inputs, labels = large()
    whole = surface(cohort, directions, GRID, GRID, inputs, labels, "batch")
    for row, y in zip(whole, GRID, strict=True):
        alone = surface(cohort, directions, GRID, [y], inputs, labels, "batch")
        np.testing.assert_allclose(row, alone[0], rtol=1e-5)
    assert len(np.unique(whole[-1])) == len(GRID)


def test_read_only_arrays_and_no_points_at_all_are_fine():
    cohort, directions, inputs, labels = large()
    frozen = [inputs.numpy().copy(), labels.numpy().copy()]
    for array in frozen:
        array.flags.writeable = False
    found = surface(cohort, directions, GRID, [0.5], *frozen, "batch")
    assert np.array_equal(found, surface(cohort, directions, GRID, [0.5], inputs, labels, "batch"))
    assert surface(cohort, directions, [], GRID, *frozen, "batch").shape == (9, 0)


def test_what_does_not_fit_is_told():
    cohort, directions, inputs, labels = large()
    pair, mode = cohort.select([0, 0]), "batch"
    with pytest.raises(ValueError, match="the cohort has 2 replicas; it must have 1"):
        surface(pair, directions, GRID, GRID, inputs, labels, mode)
    with pytest.raises(ValueError, match="the cohort has 2 replicas; it must have 1"):
        random_directions(pair, 0)
    with pytest.raises(ValueError, match="1 directions; a plane has 2"):
        surface(cohort, directions[:1], GRID, GRID, inputs, labels, mode)
    with pytest.raises(ValueError, match="shapes of the cohort's parameters"):
        surface(cohort, [directions[0], directions[1][1:]], GRID, GRID, inputs, labels, mode)
    with pytest.raises(ValueError, match="mode is 'train'; it must be batch or inference"):
        surface(cohort, directions, GRID, GRID, inputs, labels, "train")
    with pytest.raises(ValueError, match=r"inputs have the shape \(300, 7\)"):
        surface(cohort, directions, GRID, GRID, inputs[:, :7], labels, mode)
    with pytest.raises(ValueError, match="one or more samples"):
        surface(cohort, directions, GRID, GRID, inputs[:0], labels[:0], mode)
