"""The convolutional network, beside torch.nn; and the normalizers on values with space."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.testing import assert_close

from bnviz.engine.batchnorm import Options, RunningStatistics, batch_norm, batch_renorm
from bnviz.engine.data import load
from bnviz.engine.images import (
    HALF,
    KINDS,
    ConvolutionalArchitecture,
    ConvolutionalCohort,
)
from bnviz.engine.networks import Intermediates
from bnviz.engine.normalization import NORMALIZERS, statistics_of
from bnviz.engine.parts import in_parts
from bnviz.engine.plan import Plan
from bnviz.engine.training import train

R, C, N = 2, 4, 5
FINE = {"rtol": 1e-10, "atol": 1e-10}
SPATIAL = [kind for kind in KINDS if kind != "none"]


def some_layer(samples=N, side=4):
    """Values with space, (R, C * pixels, samples), gamma, beta, running statistics, mixture."""
    draw = {"generator": torch.Generator().manual_seed(3), "dtype": torch.float64}
    x = 3 * torch.randn(R, C * side**2, samples, **draw) + 1
    running = RunningStatistics(torch.randn(R * C, **draw), torch.rand(R * C, **draw) + 0.5, 30)
    gamma, beta = torch.rand(R * C, **draw) + 0.5, torch.randn(R * C, **draw)
    return x, gamma, beta, running, torch.randn(6 * R, **draw)


def maps_of(x, replica, side=4):
    """One replica's values as torch.nn has them, (samples, C, side, side)."""
    return x[replica].view(C, side, side, -1).permute(3, 0, 1, 2)


def normalized(kind, layer, mode, options, side=4):
    """Each replica's normalized values as torch.nn has them."""
    x, gamma, beta, running, importance_logits = layer
    more = (importance_logits,) if kind == "switchable" else ()
    y = NORMALIZERS[kind](x, gamma, beta, running, mode, options, *more).view(x.shape)
    return [maps_of(y, replica, side) for replica in range(R)]


TWINS = {
    "batch": lambda: nn.BatchNorm2d(C, dtype=torch.float64),
    "layer": lambda: nn.GroupNorm(1, C, dtype=torch.float64),
    "instance": lambda: nn.InstanceNorm2d(C, affine=True, dtype=torch.float64),
    "group": lambda: nn.GroupNorm(2, C, dtype=torch.float64),
}


class TestNormalizersWithSpace:
    @pytest.mark.parametrize("mode", ["train", "batch", "inference"])
    @pytest.mark.parametrize("kind", TWINS)
    @pytest.mark.parametrize("samples", [1, N])
    def test_each_and_its_gradients_are_those_of_torch_nn(self, kind, mode, samples):
        x, gamma, beta, running, importance_logits = some_layer(samples)
        before = RunningStatistics(running.mean.clone(), running.variance.clone())
        ours = [one.clone().requires_grad_() for one in (x, gamma, beta)]
        theirs = x.clone().requires_grad_()
        y = normalized(kind, (*ours, running, importance_logits), mode, Options(groups=2))
        weights = torch.randn(y[0].shape, generator=torch.Generator().manual_seed(8)).double()
        gradients = torch.autograd.grad(sum((weights * one).sum() for one in y), ours)
        twins = []
        for replica in range(R):
            own = slice(replica * C, (replica + 1) * C)
            twin = TWINS[kind]().train(mode != "inference")
            with torch.no_grad():
                twin.weight.copy_(gamma[own])
                twin.bias.copy_(beta[own])
                if kind == "batch":
                    twin.running_mean.copy_(before.mean[own])
                    twin.running_var.copy_(before.variance[own])
            expected = twin(maps_of(theirs, replica))
            assert_close(y[replica], expected, **FINE)
            (expected * weights).sum().backward()
            twins.append(twin)
        assert_close(gradients[0], theirs.grad, **FINE)
        assert_close(gradients[1], torch.cat([twin.weight.grad for twin in twins]), **FINE)
        assert_close(gradients[2], torch.cat([twin.bias.grad for twin in twins]), **FINE)
        if kind == "batch" and mode == "train":
            assert_close(running.mean, torch.cat([twin.running_mean for twin in twins]), **FINE)
            assert_close(running.variance, torch.cat([twin.running_var for twin in twins]), **FINE)
        else:
            assert torch.equal(running.mean, before.mean)
            assert torch.equal(running.variance, before.variance)

    def test_layer_norm_is_torch_nn_layer_norm_over_channels_and_space(self):
        x, gamma, beta, running, importance_logits = some_layer()
        plain = (x, torch.ones_like(gamma), torch.zeros_like(beta), running, importance_logits)
        twin = nn.LayerNorm((C, 4, 4), elementwise_affine=False, dtype=torch.float64)
        for replica, y in enumerate(normalized("layer", plain, "train", Options())):
            assert_close(y, twin(maps_of(x, replica)), **FINE)

    @pytest.mark.parametrize("mode", ["train", "batch", "inference"])
    def test_renormalization_is_that_of_one_long_batch(self, mode):
        x, gamma, beta, running, _ = some_layer()
        other, options = some_layer()[3], Options(ramp=60)  # half way
        y = batch_renorm(x, gamma, beta, running, mode, options)
        flat = batch_renorm(x.reshape(R, C, -1), gamma, beta, other, mode, options)
        assert_close(y.flatten(), flat.flatten(), **FINE)
        assert running.updates == other.updates == (31 if mode == "train" else 30)

    @pytest.mark.parametrize("mode", ["train", "batch", "inference"])
    def test_switchable_norm_is_its_definition(self, mode):
        layer, before = some_layer(), some_layer()[3]
        for replica, y in enumerate(normalized("switchable", layer, mode, Options())):
            x, own = maps_of(layer[0], replica).numpy(), slice(replica * C, (replica + 1) * C)
            seen = [one[own].numpy()[None, :, None, None] for one in (before.mean, before.variance)]
            told = (one.view(R, -1)[replica].numpy() for one in (layer[1], layer[2], layer[4]))
            expected = switched(x, *told, seen if mode == "inference" else None)
            np.testing.assert_allclose(y.numpy(), expected, rtol=1e-9, atol=1e-9)
            count = N * 16
            unbiased = x.var((0, 2, 3)) * count / (count - 1)
            kept = 0.9 * before.variance[own].numpy() + 0.1 * unbiased
            wanted = kept if mode == "train" else before.variance[own].numpy()
            np.testing.assert_allclose(layer[3].variance[own].numpy(), wanted)

    @pytest.mark.parametrize("kind", SPATIAL)
    def test_the_statistics_shown_are_those_that_normalize(self, kind):
        x, gamma, beta, running, importance_logits = layer = some_layer()
        options = Options(groups=2, ramp=60)
        y = normalized(kind, layer, "batch", options)
        mean, variance = statistics_of(kind, x, running, options, importance_logits)
        assert mean.shape == variance.shape == (R, C, N)
        for replica in range(R):
            m, v = (one[replica].T[..., None, None] for one in (mean, variance))
            scale, shift = (one.view(R, C)[replica][None, :, None, None] for one in (gamma, beta))
            expected = scale * (maps_of(x, replica) - m) / (v + options.epsilon).sqrt() + shift
            assert_close(y[replica], expected, **FINE)

    def test_a_plain_layer_has_no_statistics(self):
        x, _, _, running, _ = some_layer()
        with pytest.raises(ValueError, match="none has no statistics"):
            statistics_of("none", x, running, Options())

    def test_on_one_pixel_instance_norm_gives_beta_and_no_gradient(self):
        x, gamma, beta, running, _ = some_layer(side=1)
        with pytest.raises(ValueError, match="more than 1 spatial element"):
            nn.InstanceNorm2d(C)(maps_of(x, 0, 1))  # torch.nn refuses
        x.requires_grad_()
        y = NORMALIZERS["instance"](x, gamma, beta, running, "train", Options())
        assert torch.equal(y, beta.view(R, C, 1).expand(-1, -1, N))
        assert not torch.autograd.grad(y.square().sum(), x)[0].any()

    @pytest.mark.parametrize("mode", ["train", "batch", "inference"])
    @pytest.mark.parametrize("kind", SPATIAL)
    def test_a_single_pixel_of_a_single_sample_has_an_answer(self, kind, mode):
        layer = some_layer(samples=1, side=1)
        y = torch.cat(normalized(kind, layer, mode, Options(groups=C), side=1))
        assert torch.isfinite(y).all()
        assert torch.isfinite(layer[3].variance).all()
        if mode != "inference" and kind == "batch":
            assert_close(y.flatten(), layer[2], **FINE)

    def test_groups_must_divide_the_channels_and_chunks_know_no_space(self):
        with pytest.raises(ValueError, match="groups is 3; it must divide the 4 units"):
            normalized("group", some_layer(), "train", Options(groups=3))
        for kind in ("batch", "renorm"):
            with pytest.raises(ValueError, match="chunks are of values without space"):
                normalized(kind, some_layer(), "train", Options(ghost_batch_size=5))
        x, gamma, beta, running, _ = some_layer(side=1)
        assert (
            batch_norm(x, gamma, beta, running, "train", Options(ghost_batch_size=N)).numel()
            == x.numel()
        )


def switched(x, gamma, beta, logits, seen=None):
    """Switchable norm of (samples, C, height, width), word by word; seen: running statistics."""
    shares = np.exp(logits.reshape(2, 3))
    shares /= shares.sum(1, keepdims=True)
    mixed = []
    for which, name in enumerate(("mean", "var")):
        kinds = [getattr(x, name)(axes, keepdims=True) for axes in ((2, 3), (1, 2, 3), (0, 2, 3))]
        if seen is not None:
            kinds[2] = seen[which]
        mixed.append(sum(share * kind for share, kind in zip(shares[which], kinds, strict=True)))
    scale, shift = (one[None, :, None, None] for one in (gamma, beta))
    return scale * (x - mixed[0]) / np.sqrt(mixed[1] + 1e-5) + shift


def a_network(**changes):
    described = {"inputs": 64, "outputs": 10, "depth": 3, "width": 4, "side": 2}
    return ConvolutionalArchitecture(**described | {"options": Options(ramp=3)} | changes)


class Switchable(nn.Module):
    """Switchable norm of one layer, as `switched`, in torch and in training."""

    def __init__(self):
        super().__init__()
        self.gamma, self.beta = nn.Parameter(torch.ones(4)), nn.Parameter(torch.zeros(4))
        self.importance_logits = nn.Parameter(torch.zeros(2, 3))
        self.running = [torch.zeros(1, 4, 1, 1).double(), torch.ones(1, 4, 1, 1).double()]

    def forward(self, x):
        mixed, count = [], x.numel() // 4
        for which, name in enumerate(("mean", "var")):
            more = {} if name == "mean" else {"correction": 0}
            by = [
                getattr(x, name)(axes, keepdim=True, **more)
                for axes in ((2, 3), (1, 2, 3), (0, 2, 3))
            ]
            if self.training:
                new = by[2].detach() * (count / (count - 1) if which else 1)
                self.running[which] = 0.9 * self.running[which] + 0.1 * new
            else:
                by[2] = self.running[which]
            mixed.append(
                sum(
                    a * b for a, b in zip(self.importance_logits[which].softmax(0), by, strict=True)
                )
            )
        y = (x - mixed[0]) / (mixed[1] + 1e-5).sqrt()
        return y * self.gamma[:, None, None] + self.beta[:, None, None]


class Shift(nn.Module):
    """A bias, behind the convolution, beside a gamma that does nothing."""

    def __init__(self):
        super().__init__()
        self.gamma, self.beta = nn.Parameter(torch.ones(4)), nn.Parameter(torch.zeros(4))

    def forward(self, x):
        return x + self.beta[:, None, None]


MODULES = {
    "none": Shift,
    "batch": lambda: nn.BatchNorm2d(4),
    "layer": lambda: nn.GroupNorm(1, 4),
    "group": lambda: nn.GroupNorm(2, 4),
    "instance": lambda: nn.InstanceNorm2d(4, affine=True),
    "switchable": Switchable,
}


def as_modules(cohort, kind):
    """A cohort of one replica, of depth 3, as ordinary torch.nn modules."""
    network, modules = cohort.architecture, []
    folded = (HALF // network.side) ** 2
    for index, layer in enumerate(cohort.layers[:-1], start=1):
        channels = {1: 1, 2: 4 * folded}.get(index, 4)
        size = 1 if index > 1 and network.side == 1 else 3
        conv = nn.Conv2d(channels, 4, size, padding=size // 2, bias=False, dtype=torch.float64)
        with torch.no_grad():
            conv.weight.copy_(layer.weight[0].view(4, channels, size, size))
        modules += [conv, MODULES[kind]().double(), nn.ReLU()]
        if index == 1:
            modules += [nn.AvgPool2d(2), nn.PixelUnshuffle(HALF // network.side)]
    last = nn.Linear(cohort.layers[-1].weight.shape[2], 10, dtype=torch.float64)
    with torch.no_grad():
        last.weight.copy_(cohort.layers[-1].weight[0])
        last.bias.zero_()
    return nn.Sequential(*modules, nn.Flatten(), last)


@pytest.mark.parametrize(
    ("kind", "side"),
    [*((kind, 2) for kind in MODULES), ("batch", 1), ("group", 4), ("switchable", 1)],
)
def test_training_is_that_of_torch_nn(kind, side):
    """Also in a company of other kinds."""
    data, kinds = load("digits"), ["renorm", kind, "none", kind]
    seeds = [3, 1, 5, 8]
    cohort = ConvolutionalCohort(a_network(side=side), kinds, seeds, dtype=torch.float64)
    slow, seen = as_modules(cohort.select([3]), kind), []

    def look(snapshot):
        seen.append((snapshot.inputs[3].T.reshape(-1, 1, 8, 8), snapshot.labels[3]))
        return {}

    plan = Plan((0.1, 0.1, 0.1, 0.2), 4, 16)
    history = train(cohort, seeds, data, plan, record_at=range(5), probes=[look])
    optimizer = torch.optim.SGD(slow.parameters(), 0.2)
    for step, (inputs, labels) in enumerate(seen[:4]):
        loss = F.cross_entropy(slow(inputs), labels)
        assert history.batch_losses[3, step] == pytest.approx(loss.item(), rel=1e-6)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    ours = cohort.select([3])
    test = torch.tensor(data.test_inputs, dtype=torch.float64)
    outputs = ours.forward(test.T[None], "inference")[0].T
    assert_close(outputs, slow.eval()(test.view(-1, 1, 8, 8)), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("side", "width", "depth", "batch", "activation"),
    [(1, 8, 2, 8, "relu"), (1, 4, 2, 1, "sigmoid"), (2, 6, 3, 3, "gelu"), (4, 8, 2, 5, "tanh")],
)
def test_a_replica_is_the_same_to_the_bit_in_any_company(side, width, depth, batch, activation):
    data = load("digits")
    network = a_network(side=side, width=width, depth=depth, activation=activation)
    kinds, seeds = [*KINDS, *KINDS], [4] * len(KINDS) + [1] * len(KINDS)
    rates = [0.1] * len(kinds)
    rates[2] = 3e38  # a neighbour leaves in the middle
    cohort = ConvolutionalCohort(network, kinds, seeds)
    plan = Plan(tuple(rates), 5, batch, "momentum")
    together = train(cohort, seeds, data, plan, record_at=[5])
    assert together.divergences[2] is not None
    for replica in range(len(KINDS), len(kinds)):
        one = ConvolutionalCohort(network, kinds[replica : replica + 1], [1])
        alone = train(one, [1], data, Plan((0.1,), 5, batch, "momentum"), record_at=[5])
        np.testing.assert_array_equal(together.batch_losses[replica], alone.batch_losses[0])
        np.testing.assert_array_equal(together.test_losses[replica], alone.test_losses[0])
        mine = cohort.select([replica])
        assert all(map(torch.equal, mine.buffers(), one.buffers()))
    inputs = torch.tensor(data.test_inputs).T.expand(len(kinds), -1, -1)
    with torch.no_grad():
        whole = cohort.forward(inputs, "inference")
        parts = [part.forward(inputs[: part.replicas], "inference") for part in in_parts(cohort, 3)]
    np.testing.assert_array_equal(whole.numpy(), torch.cat(parts).numpy())


@pytest.mark.parametrize("gone", [["switchable"], ["batch", "switchable"], ["none", "batch"]])
def test_those_that_are_left_go_on_when_a_kind_has_diverged(gone):
    kinds = ["none", "batch", "switchable"]
    rates = tuple(3e38 if kind in gone else 0.1 for kind in kinds)
    cohort = ConvolutionalCohort(a_network(), kinds, [0, 0, 0])
    history = train(cohort, [0, 0, 0], load("digits"), Plan(rates, 6, 8))
    for kind, divergence, losses in zip(
        kinds, history.divergences, history.batch_losses, strict=True
    ):
        assert (divergence is not None) == (kind in gone) == (not np.isfinite(losses).all())


def test_a_trace_holds_every_convolution_and_measuring_changes_nothing():
    cohort, intermediates = ConvolutionalCohort(a_network(), KINDS, range(7)), Intermediates()
    inputs = torch.randn(7, 64, 6, generator=torch.Generator().manual_seed(0))
    before = [one.clone() for one in (*cohort.parameters(), *cohort.buffers())]
    cohort.forward(inputs, "batch", intermediates)
    shapes = [z.shape for z in intermediates.pre_activations[:-1]]
    assert shapes == [(7, 4 * 64, 6), (7, 4 * 4, 6), (7, 4 * 4, 6)]
    maps, (mean, variance) = cohort.first_maps(inputs)
    assert torch.equal(maps, intermediates.pre_activations[0])
    shown = maps.view(7, 4, 64, 6)
    first = (shown - mean[:, :, None]) / (variance[:, :, None] + 1e-5).sqrt()
    assert torch.isnan(first[0]).all()  # plain: nothing is subtracted
    assert_close(
        first[1:], intermediates.normalized[0][1:].view(first[1:].shape), rtol=1e-4, atol=1e-5
    )
    after = [*cohort.parameters(), *cohort.buffers()]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert [layer.importance_logits.numel() for layer in cohort.layers[:-1]] == [7 * 6] * 3


def test_all_kinds_start_from_the_same_weights():
    cohort = ConvolutionalCohort(a_network(), KINDS, [5] * 7, [2.0] * 7)
    for layer in cohort.layers:
        assert all(torch.equal(layer.weight[0], weight) for weight in layer.weight)


@pytest.mark.parametrize(("name", "wanted"), [("he", (2 / 36) ** 0.5), ("glorot", (2 / 72) ** 0.5)])
def test_initial_weights_count_the_places_of_a_kernel(name, wanted):
    network = a_network(width=4, depth=3, side=4, initialization=name)
    assert network.initial_std(36, 4) == pytest.approx(wanted)
    if name == "glorot":  # fan in and fan out both count the kernel
        slow = torch.empty(200, 200, 3, 3)
        nn.init.xavier_normal_(slow, generator=torch.Generator().manual_seed(0))
        assert float(slow.std()) == pytest.approx((2 / (2 * 1800)) ** 0.5, rel=0.02)
    assert network.initial_std(64, 10) == pytest.approx(
        (2 / 64) ** 0.5 if name == "he" else (2 / 74) ** 0.5
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"side": 3}, {"inputs": 2}, {"skip": True}, {"dropout": 0.1}, {"placement": "after"},
        {"normalizer": "batch"},
    ],
)  # fmt: skip
def test_what_it_cannot_do_is_refused(wrong):
    with pytest.raises(ValueError, match=r"side|inputs|placement|normalizer"):
        a_network(**wrong)


def test_every_replica_needs_a_kind_that_there_is():
    with pytest.raises(ValueError, match="2 kinds for 3 seeds"):
        ConvolutionalCohort(a_network(), ["none"] * 2, [0, 1, 2])
    with pytest.raises(ValueError, match="kind is 'banana'"):
        ConvolutionalCohort(a_network(), ["banana"], [0])
