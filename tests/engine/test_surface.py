"""The loss on a plane, against ordinary torch.nn code that visits one point after the other."""

import math
import threading
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from bnviz.engine import surface as module
from bnviz.engine.architecture import Architecture
from bnviz.engine.batchnorm import Options
from bnviz.engine.networks import Cohort, losses
from bnviz.engine.surface import along, path_directions, random_directions, surface
from bnviz.engine.threads import one_thread

FEATURES, CLASSES, WIDTH, DEPTH, SAMPLES = 5, 3, 6, 3, 11
PLAIN = Architecture(FEATURES, CLASSES, DEPTH, WIDTH)
NORMALIZED = replace(PLAIN, normalizer="batch")
XS, YS = [-1.0, 0.0, 0.3], [0.0, 0.5]

MODULES = {
    "relu": nn.ReLU,
    "leaky relu": nn.LeakyReLU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "identity": nn.Identity,
}


def normal(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


INPUTS = normal(SAMPLES, FEATURES, seed=50)
LABELS = torch.arange(SAMPLES) % CLASSES


def used(architecture, dtype=torch.float64):
    """A network with nothing left at its first value; a gamma of zero and a negative one."""
    cohort = Cohort(architecture, [0], dtype=dtype)
    with torch.no_grad():
        for index, parameter in enumerate(cohort.parameters()):
            parameter.add_(0.5 * normal(*parameter.shape, seed=index))
        for index, buffer in enumerate(cohort.buffers()):
            buffer.copy_(0.5 + normal(*buffer.shape, seed=index).abs())
        for layer in cohort.layers:
            if layer.gamma is not None:
                layer.gamma[0], layer.gamma[1], layer.gamma[2] = 0.0, -0.7, -0.0
    return cohort


def somewhere(cohort, seed):
    """A direction in which every parameter moves."""
    return [
        normal(*p.shape, seed=seed + index).to(p.dtype)
        for index, p in enumerate(cohort.parameters())
    ]


def state(cohort):
    tensors = [t.detach().clone() for t in cohort.parameters() + cohort.buffers()]
    return tensors + [g.get_state() for g in cohort.generators]


def assert_equal(some, others):
    assert len(some) == len(others)
    assert all(torch.equal(a, b) for a, b in zip(some, others, strict=True))


# ------------------------------------------------------------------ the loop everyone writes


class Hidden(nn.Module):
    def __init__(self, architecture, index, inputs):
        super().__init__()
        width, normalized = architecture.width, architecture.is_normalized(index)
        self.before = architecture.placement == "before"
        self.linear = nn.Linear(inputs, width, bias=not (normalized and self.before))
        self.norm = nn.BatchNorm1d(width) if normalized else nn.Identity()
        self.activation = MODULES[architecture.activation]()
        self.skip = architecture.skip and index > 1

    def forward(self, h):
        z = self.linear(h)
        out = self.activation(self.norm(z)) if self.before else self.norm(self.activation(z))
        return out + h if self.skip else out


def ordinary_network(architecture):
    sizes = [inputs for inputs, _ in architecture.sizes()]
    layers = [Hidden(architecture, i, sizes[i - 1]) for i in range(1, architecture.depth + 1)]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], architecture.outputs)).double()


def load_into(tensors, values):
    with torch.no_grad():
        for tensor, value in zip(tensors, values, strict=True):
            tensor.copy_(value.view(tensor.shape))


def slow_surface(cohort, directions, mode):
    network = ordinary_network(cohort.architecture)
    network.train(mode == "batch")
    buffers = [b for name, b in network.named_buffers() if "running" in name]
    load_into(buffers, cohort.buffers())
    values = np.empty((len(YS), len(XS)))
    for i, y in enumerate(YS):
        for j, x in enumerate(XS):
            theta = zip(cohort.parameters(), *directions, strict=True)
            load_into(network.parameters(), [p + x * d + y * e for p, d, e in theta])
            with torch.no_grad():
                values[i, j] = nn.functional.cross_entropy(network(INPUTS), LABELS)
    return values


def check(architecture, mode):
    cohort = used(architecture)
    directions = [somewhere(cohort, 100), somewhere(cohort, 200)]
    with one_thread():
        expected = slow_surface(cohort, directions, mode)
    found = surface(cohort, directions, XS, YS, INPUTS, LABELS, mode)
    assert found.dtype == np.float32
    assert expected.std() > 0.02
    np.testing.assert_allclose(found, expected, rtol=2e-7)  # float32 rounds at 6e-8


NORMALIZED_LAYERS = {"no layer": (), "all layers": None, "layer 2": (2,), "every second": (1, 3)}


@pytest.mark.parametrize("mode", ["batch", "inference"])
@pytest.mark.parametrize("skip", [False, True], ids=["", "skip"])
@pytest.mark.parametrize("placement", ["before", "after"])
@pytest.mark.parametrize("layers", NORMALIZED_LAYERS)
@pytest.mark.parametrize("activation", MODULES)
def test_every_point_is_that_of_ordinary_code(activation, layers, placement, skip, mode):
    architecture = replace(
        NORMALIZED,
        activation=activation,
        normalized=NORMALIZED_LAYERS[layers],
        placement=placement,
        skip=skip,
    )
    check(architecture, mode)


@pytest.mark.parametrize("mode", ["batch", "inference"])
def test_the_plain_network_without_any_normalizer(mode):
    check(PLAIN, mode)


@pytest.mark.parametrize(
    "change",
    [{"dropout": 0.5}, {"noise_after": True}, {"options": Options(chunk=4)}],
    ids=["dropout", "noise", "ghost batches"],
)
def test_chance_is_off_and_the_statistics_are_those_of_all_samples(change):
    cohort, noisy = used(NORMALIZED), used(replace(NORMALIZED, **change))
    directions = [somewhere(cohort, 100), somewhere(cohort, 200)]
    calm = surface(cohort, directions, XS, YS, INPUTS, LABELS, "batch")
    found = surface(noisy, directions, XS, YS, INPUTS, LABELS, "batch")
    assert np.array_equal(calm, found)


def test_epsilon_is_that_of_the_options():
    wide = replace(NORMALIZED, options=Options(epsilon=0.5))
    for mode in ("batch", "inference"):
        cohort = used(wide)
        with torch.no_grad():
            logits = cohort.forward(INPUTS.T[None].contiguous(), mode)
        still = [[torch.zeros_like(p) for p in cohort.parameters()]] * 2
        found = surface(cohort, still, [0.0], [0.0], INPUTS, LABELS, mode)
        expected = losses(logits, LABELS[None]).item()
        assert found.item() == pytest.approx(expected, rel=2e-7)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 5),
    st.integers(1, 4),
    st.sampled_from(["batch", "inference"]),
    st.booleans(),
    st.integers(0, 10**6),
)
def test_float32_agrees_with_the_forward_pass_for_any_size(samples, wide, high, mode, skip, seed):
    cohort = used(replace(NORMALIZED, skip=skip), torch.float32)
    directions = [somewhere(cohort, seed), somewhere(cohort, seed + 1000)]
    inputs = normal(samples, FEATURES, seed=seed, dtype=torch.float32)
    labels = torch.arange(samples) % CLASSES
    xs, ys = np.linspace(-0.5, 0.5, wide), np.linspace(-0.2, 0.6, high)
    found = surface(cohort, directions, xs, ys, inputs, labels, mode)
    assert found.shape == (high, wide)
    lines = [along(cohort, directions[1], np.array([ys])).select([i]) for i in range(high)]
    for line, row in zip(lines, found, strict=True):
        there = along(line, directions[0], xs[None])
        shared = inputs.T.expand(wide, FEATURES, samples)
        with torch.no_grad():
            logits = there.forward(shared, mode)
        expected = losses(logits, labels.expand(wide, samples)).numpy()
        # a unit that hardly varies, or a single sample, is divided by sqrt(eps) = 1/316
        close = 1e-3 if mode == "batch" and samples < 5 else 1e-4
        np.testing.assert_allclose(row, expected, rtol=close, atol=close)


@pytest.mark.parametrize("mode", ["batch", "inference"])
def test_gamma_and_beta_that_are_constants_stay_where_they_are(mode):
    cohort = used(replace(NORMALIZED, affine="frozen"))
    one, other = somewhere(cohort, 1), somewhere(cohort, 2)
    found = surface(cohort, [one, other], XS, [0.0], INPUTS, LABELS, mode)[0]
    moved = along(cohort, one, [XS])
    logits = moved.forward(INPUTS.T.expand(len(XS), -1, -1), mode)
    expected = losses(logits, LABELS.expand(len(XS), -1)).detach()
    np.testing.assert_allclose(found, expected, rtol=1e-6)


# ------------------------------------------------------------------ what it leaves and reports


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
