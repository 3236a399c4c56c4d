"""Directions through the space of all parameters: at random, along a path, along a gradient."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close

from bnviz.engine.networks import Cohort, losses
from bnviz.engine.surface import along, path_directions, random_directions, surface
from bnviz.engine.threads import one_thread
from tests.engine.planes import (
    INPUTS,
    LABELS,
    NORMALIZED,
    PLAIN,
    assert_equal,
    normal,
    somewhere,
    state,
    used,
)


# ------------------------------------------------------------------ random directions
def weights_of(cohort, direction):
    paired = zip(cohort.parameters(), direction, strict=True)
    by_id = {id(p): d for p, d in paired}
    return [by_id[id(layer.weight)] for layer in cohort.layers]


@pytest.mark.parametrize("architecture", [PLAIN, NORMALIZED])
def test_every_row_has_the_norm_of_the_networks_row_and_the_rest_stays(architecture):
    cohort = used(architecture)
    directions = random_directions(cohort, 7, count=3)
    assert len(directions) == 3
    for direction in directions:
        assert [d.shape for d in direction] == [p.shape for p in cohort.parameters()]
        matrices = weights_of(cohort, direction)
        for layer, matrix in zip(cohort.layers, matrices, strict=True):
            assert_close(matrix.norm(dim=2), layer.weight.detach().norm(dim=2))
        others = [d for d in direction if not any(d is m for m in matrices)]
        assert others
        assert not any(d.any() for d in others)
        assert not any(d.requires_grad for d in direction)


def test_both_networks_of_a_pair_look_along_the_same_draw():
    plain, other = Cohort(PLAIN, [4]), Cohort(NORMALIZED, [4])  # the same first weights
    some, others = random_directions(plain, 9), random_directions(other, 9)
    for a, b in zip(some, others, strict=True):
        assert_equal(weights_of(plain, a), weights_of(other, b))
    trained = used(NORMALIZED)  # other weights: the rows are as long as these, and as before
    moved = weights_of(trained, random_directions(trained, 9)[1])
    for a, b in zip(weights_of(plain, some[1]), moved, strict=True):
        assert_close(nn.functional.normalize(a.double(), dim=2), nn.functional.normalize(b, dim=2))


def test_seeds_and_generators_draw_alike_and_each_direction_is_another():
    cohort = Cohort(PLAIN, [0])
    before = torch.get_rng_state()
    first, second = random_directions(cohort, 11)
    again = random_directions(cohort, torch.Generator().manual_seed(11))
    assert_equal(first + second, again[0] + again[1])
    assert torch.equal(before, torch.get_rng_state())
    cosine = torch.cosine_similarity(first[0].flatten(), second[0].flatten(), 0)
    assert cosine.abs() < 0.6
    assert not torch.equal(first[0], random_directions(cohort, 12)[0][0])


def test_rows_of_zeros_get_rows_of_zeros():
    cohort = Cohort(NORMALIZED, [0])
    with torch.no_grad():
        cohort.layers[1].weight[0, 2] = 0.0
        cohort.layers[-1].weight.zero_()
    for direction in random_directions(cohort, 1):
        matrices = weights_of(cohort, direction)
        assert all(torch.isfinite(d).all() for d in direction)
        assert not matrices[1][0, 2].any()
        assert matrices[1][0, 1].any()
        assert not matrices[-1].any()


def test_weights_whose_squares_overflow_still_have_a_norm():
    cohort = Cohort(PLAIN, [0], gains=[1e25])
    for matrix, layer in zip(
        weights_of(cohort, random_directions(cohort, 1)[0]), cohort.layers, strict=True
    ):
        assert_close(matrix.double().norm(dim=2), layer.weight.detach().double().norm(dim=2))


# ------------------------------------------------------------------ along a path
def path(steps, seed=0):
    return [[normal(1, 4, 3, seed=seed + t), normal(4, seed=seed + 90 + t)] for t in range(steps)]


def flat(tensors):
    return torch.cat([t.detach().flatten() for t in tensors]).numpy()


@pytest.mark.parametrize("steps", [3, 8, 30])
def test_the_plane_of_a_path_is_that_of_the_singular_vectors(steps):
    snapshots = path(steps)
    directions, coordinates, explained = path_directions(snapshots)
    matrix = np.stack([flat(s) for s in snapshots]) - flat(snapshots[-1])
    _, sizes, axes = np.linalg.svd(matrix, full_matrices=False)
    np.testing.assert_allclose(explained, sizes[:2] ** 2 / (sizes**2).sum(), rtol=1e-9)
    for k, direction in enumerate(directions):
        assert [d.shape for d in direction] == [s.shape for s in snapshots[0]]
        sign = np.sign(flat(direction) @ axes[k])
        np.testing.assert_allclose(flat(direction), sign * axes[k], atol=1e-9)
        np.testing.assert_allclose(coordinates[:, k], sign * (matrix @ axes[k]), atol=1e-9)
        assert coordinates[np.abs(coordinates[:, k]).argmax(), k] > 0
    both = np.stack([flat(d) for d in directions])
    np.testing.assert_allclose(both @ both.T, np.eye(2), atol=1e-12)
    assert not coordinates[-1].any()


def test_a_path_in_a_plane_is_found_again_at_its_coordinates():
    snapshots = path(12)
    a, b = (np.linspace(3, 0, 12) ** 2, np.sin(np.linspace(3, 0, 12)))
    end, some, other = snapshots[0], snapshots[1], snapshots[2]
    flatland = [
        [e + x * s + y * o for e, s, o in zip(end, some, other, strict=True)]
        for x, y in zip(a, b, strict=True)
    ]
    directions, coordinates, explained = path_directions(flatland)
    assert explained.sum() == pytest.approx(1)
    for place, snapshot in zip(coordinates, flatland, strict=True):
        rebuilt = flat(end) + place @ np.stack([flat(d) for d in directions])
        np.testing.assert_allclose(rebuilt, flat(snapshot), atol=1e-9)


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_a_path_that_does_not_move_has_no_directions(steps):
    directions, coordinates, explained = path_directions(path(1) * steps)
    assert coordinates.shape == (steps, 2)
    assert not coordinates.any()
    assert not explained.any()
    assert not any(d.any() for direction in directions for d in direction)


@pytest.mark.parametrize("lengths", [[1, 0], [3, 1, 0], [-1, 2, 5, 0]])
def test_a_path_along_a_line_has_one_direction(lengths):
    end, way = path(2)
    line = [[e + x * w for e, w in zip(end, way, strict=True)] for x in lengths]
    (first, second), coordinates, explained = path_directions(line)
    size = np.linalg.norm(flat(way))
    sign = np.sign(lengths[np.abs(lengths).argmax()])
    np.testing.assert_allclose(flat(first), sign * flat(way) / size, atol=1e-9)
    np.testing.assert_allclose(coordinates[:, 0], sign * size * np.array(lengths), atol=1e-9)
    assert not any(d.any() for d in second)
    assert not coordinates[:, 1].any()
    np.testing.assert_allclose(explained, [1, 0], atol=1e-12)


def test_directions_are_orthogonal_even_where_the_path_hardly_leaves_a_line():
    end, way, aside = path(3)
    lengths = zip([1.0, 0.7, 0.2, 0.0], [0.0, 1e-5, -1e-5, 0.0], strict=True)
    snapshots = [
        [e + x * w + y * a for e, w, a in zip(end, way, aside, strict=True)] for x, y in lengths
    ]
    first, second = (flat(d) for d in path_directions(snapshots)[0])
    assert abs(first @ second) < 1e-13
    assert np.linalg.norm(second) == pytest.approx(1)


def test_directions_of_a_path_belong_to_the_surface():
    """In float32, with all parameters moving: the plane goes through every snapshot of a line."""
    cohort = used(NORMALIZED, torch.float32)
    away = along(cohort, somewhere(cohort, 300), [[0.05]])
    directions, coordinates, _ = path_directions([away.parameters(), cohort.parameters()])
    assert all(d.dtype == torch.float32 for d in directions[0])
    found = surface(cohort, directions, coordinates[:, 0], [0.0], INPUTS, LABELS, "batch")
    for place, network in enumerate((away, cohort)):
        with torch.no_grad():
            logits = network.forward(INPUTS.T[None].float().contiguous(), "batch")
        expected = losses(logits, LABELS[None]).item()
        assert found[0, place] == pytest.approx(expected, rel=1e-4)


def test_the_plane_of_a_path_does_not_depend_on_the_threads():
    snapshots = [[normal(1, 60, 60, seed=t)] for t in range(20)]
    with one_thread():
        alone = path_directions(snapshots)
    found = path_directions(snapshots)
    assert np.array_equal(alone[1], found[1])
    assert_equal(alone[0][0] + alone[0][1], found[0][0] + found[0][1])


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_path_that_is_not_finite_or_empty_is_refused(bad):
    snapshots = path(3)
    snapshots[1][0][0, 1, 1] = bad
    with pytest.raises(ValueError, match="a snapshot is not finite"):
        path_directions(snapshots)
    with pytest.raises(ValueError, match="there is no snapshot"):
        path_directions([])


# ------------------------------------------------------------------ along a line
def test_along_moves_each_replica_by_its_lengths():
    cohort = Cohort(NORMALIZED, [1, 2], dtype=torch.float64)
    with torch.no_grad():
        for index, buffer in enumerate(cohort.buffers()):
            buffer.copy_(normal(*buffer.shape, seed=index))
    before, direction = state(cohort), somewhere(cohort, 0)
    lengths = np.array([[0.0, 1.0, -2.0], [0.5, 0.0, 3.0]])
    moved = along(cohort, direction, lengths)
    assert moved.replicas == 6
    assert moved.architecture == cohort.architecture
    assert_equal(before, state(cohort))
    for r in range(2):
        for a in range(3):
            there = moved.select([r * 3 + a])
            here = [p.detach() for p in cohort.select([r]).parameters()]
            step = [d.view(2, -1)[r] for d in direction]
            for now, p, d in zip(there.parameters(), here, step, strict=True):
                assert_close(now.detach(), p + lengths[r, a] * d.view(p.shape))
            assert_equal(there.buffers(), cohort.select([r]).buffers())
            assert torch.equal(there.generators[0].get_state(), cohort.generators[r].get_state())
    assert all(p.requires_grad and p.is_leaf for p in moved.parameters())


def test_along_a_gradient_the_loss_falls_as_the_gradient_says():
    cohort = Cohort(replace(NORMALIZED, activation="tanh"), [1, 2], dtype=torch.float64)
    inputs, labels = INPUTS.T.expand(2, -1, -1), LABELS.expand(2, -1)
    loss = losses(cohort.forward(inputs, "batch"), labels)
    gradients = list(torch.autograd.grad(loss.sum(), cohort.parameters()))
    tiny = torch.tensor([[-1e-6, 1e-6], [-1e-6, 1e-6]])
    with torch.no_grad():
        near = losses(
            along(cohort, gradients, tiny).forward(INPUTS.T.expand(4, -1, -1), "batch"),
            LABELS.expand(4, -1),
        ).view(2, 2)
    slope = (near[:, 1] - near[:, 0]) / 2e-6
    squares = sum(g.view(2, -1).square().sum(1) for g in gradients)
    assert_close(slope, squares, rtol=1e-5, atol=0)


def test_along_asks_for_lengths_and_directions_of_every_replica():
    cohort = Cohort(NORMALIZED, [1, 2])
    direction = somewhere(cohort, 0)
    with pytest.raises(ValueError, match=r"the shape \(1, 2\); it must be \(2, A\)"):
        along(cohort, direction, [[1.0, 2.0]])
    with pytest.raises(ValueError, match="shapes of the cohort's parameters"):
        along(cohort, somewhere(cohort.select([0]), 0), [[1.0], [2.0]])
