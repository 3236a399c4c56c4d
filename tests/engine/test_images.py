"""The convolutional network and its normalizers, beside torch.nn and their definitions."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close

from bnviz.engine.data import load
from bnviz.engine.images import (
    HALF,
    IMAGE_NORMALIZERS,
    SIDE,
    ConvolutionalArchitecture,
    ConvolutionalCohort,
    Maps,
    as_images,
    statistics_of,
)
from bnviz.engine.networks import Trace
from bnviz.engine.normalization import Options, Running, batch_renorm
from bnviz.engine.training import Plan, train

R, C, N = 2, 4, 5
FINE = {"rtol": 1e-10, "atol": 1e-10}


def some_maps(samples=N, side=4):
    draw = {"generator": torch.Generator().manual_seed(3), "dtype": torch.float64}
    channels = R * C
    running = Running(torch.randn(channels, **draw), torch.rand(channels, **draw) + 0.5, 30)
    return Maps(
        3 * torch.randn(samples, channels, side, side, **draw) + 1,
        R,
        torch.rand(channels, **draw) + 0.5,
        torch.randn(channels, **draw),
        running,
        torch.randn(6 * R, **draw),
    )


def of_replica(maps, replica):
    """What belongs to one replica: values, gamma, beta, running mean and variance."""
    own = slice(replica * C, (replica + 1) * C)
    vectors = (maps.gamma, maps.beta, maps.running.mean, maps.running.variance)
    return maps.values[:, own], *(one[own].clone() for one in vectors)


TWINS = {
    "batch": lambda: nn.BatchNorm2d(C, dtype=torch.float64),
    "layer": lambda: nn.GroupNorm(1, C, dtype=torch.float64),
    "instance": lambda: nn.InstanceNorm2d(C, affine=True, dtype=torch.float64),
    "group": lambda: nn.GroupNorm(2, C, dtype=torch.float64),
}


class TestNormalizers:
    @pytest.mark.parametrize("mode", ["train", "batch", "inference"])
    @pytest.mark.parametrize("kind", TWINS)
    @pytest.mark.parametrize("samples", [1, N])
    def test_each_is_its_torch_nn_twin(self, kind, mode, samples):
        maps = some_maps(samples)
        expected, kept = [], []
        for replica in range(R):
            values, gamma, beta, mean, variance = of_replica(maps, replica)
            twin = TWINS[kind]().train(mode != "inference")
            with torch.no_grad():
                twin.weight.copy_(gamma)
                twin.bias.copy_(beta)
                if kind == "batch":
                    twin.running_mean.copy_(mean)
                    twin.running_var.copy_(variance)
            expected.append(twin(values).detach())
            if kind == "batch":
                kept.append((twin.running_mean, twin.running_var))
        y = IMAGE_NORMALIZERS[kind](maps, mode, Options(groups=2))
        assert_close(y, torch.cat(expected, 1), **FINE)
        if kind == "batch" and mode == "train":
            assert_close(maps.running.mean, torch.cat([one[0] for one in kept]), **FINE)
            assert_close(maps.running.variance, torch.cat([one[1] for one in kept]), **FINE)
        else:
            assert torch.equal(maps.running.mean, some_maps(samples).running.mean)

    def test_layer_norm_is_torch_nn_layer_norm_over_channels_and_space(self):
        maps = some_maps()
        plain = Maps(
            maps.values, R, torch.ones_like(maps.gamma), torch.zeros_like(maps.beta), maps.running
        )
        y = IMAGE_NORMALIZERS["layer"](plain, "train", Options())
        twin = nn.LayerNorm((C, 4, 4), elementwise_affine=False, dtype=torch.float64)
        for replica in range(R):
            own = slice(replica * C, (replica + 1) * C)
            assert_close(y[:, own], twin(maps.values[:, own]), **FINE)

    @pytest.mark.parametrize("mode", ["train", "batch", "inference"])
    def test_renormalization_is_that_of_one_long_batch(self, mode):
        maps, other = some_maps(), some_maps()
        options = Options(ramp=60)  # half way
        y = IMAGE_NORMALIZERS["renorm"](maps, mode, options)
        for sample in range(N):  # every pixel of every sample is one of the batch
            assert y[sample].shape == maps.values[sample].shape
        rows = other.values.permute(1, 0, 2, 3).reshape(R, C, -1)
        flat = batch_renorm(rows, other.gamma, other.beta, other.running, mode, options)
        assert_close(y.permute(1, 0, 2, 3).reshape(-1), flat.reshape(-1), **FINE)
        assert maps.running.updates == (31 if mode == "train" else 30)

    @pytest.mark.parametrize("mode", ["train", "batch", "inference"])
    def test_switchable_norm_is_its_definition(self, mode):
        maps = some_maps()
        before = [of_replica(maps, replica)[3:] for replica in range(R)]
        y = IMAGE_NORMALIZERS["switchable"](maps, mode, Options())
        for replica in range(R):
            x, gamma, beta, _, variance = (one.numpy() for one in of_replica(maps, replica))
            logits = maps.mix.view(R, 2, 3)[replica].numpy()
            w, w2 = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
            seen = [one.numpy()[None, :, None, None] for one in before[replica]]
            batch = [
                getattr(x, name)((0, 2, 3), keepdims=True) if mode != "inference" else seen[place]
                for place, name in enumerate(("mean", "var"))
            ]
            axes = ((2, 3), (1, 2, 3))
            mu = sum(
                share * part
                for share, part in zip(
                    w, [*(x.mean(a, keepdims=True) for a in axes), batch[0]], strict=True
                )
            )
            v = sum(
                share * part
                for share, part in zip(
                    w2, [*(x.var(a, keepdims=True) for a in axes), batch[1]], strict=True
                )
            )
            scale, shift = (one[None, :, None, None] for one in (gamma, beta))
            expected = scale * (x - mu) / np.sqrt(v + 1e-5) + shift
            own = slice(replica * C, (replica + 1) * C)
            np.testing.assert_allclose(y[:, own].numpy(), expected, rtol=1e-9, atol=1e-9)
            if mode == "train":
                count = N * 16
                unbiased = x.var((0, 2, 3)) * count / (count - 1)
                old = before[replica][1].numpy()
                np.testing.assert_allclose(variance, 0.9 * old + 0.1 * unbiased)

    @pytest.mark.parametrize("kind", IMAGE_NORMALIZERS)
    def test_the_statistics_shown_are_those_that_normalize(self, kind):
        maps, options = some_maps(), Options(groups=2, ramp=60)
        y = IMAGE_NORMALIZERS[kind](maps, "batch", options)
        mean, variance = statistics_of(maps, kind, options)
        assert mean.shape == variance.shape == (N, R, C)
        deviation = (variance + options.epsilon).sqrt()[..., None, None]
        rows = (maps.values.view(N, R, C, 4, 4) - mean[..., None, None]) / deviation
        expected = rows * maps.gamma.view(R, C, 1, 1) + maps.beta.view(R, C, 1, 1)
        assert_close(y, expected.view_as(y), **FINE)

    def test_on_one_pixel_instance_norm_gives_beta(self):
        maps = some_maps(side=1)
        with pytest.raises(ValueError, match="more than 1 spatial element"):
            nn.InstanceNorm2d(R * C)(maps.values)  # torch.nn refuses
        y = IMAGE_NORMALIZERS["instance"](maps, "train", Options())
        assert_close(y[..., 0, 0], maps.beta.expand(N, -1), **FINE)

    @pytest.mark.parametrize("mode", ["train", "batch", "inference"])
    @pytest.mark.parametrize("kind", IMAGE_NORMALIZERS)
    def test_a_single_pixel_of_a_single_sample_has_an_answer(self, kind, mode):
        maps = some_maps(samples=1, side=1)
        y = IMAGE_NORMALIZERS[kind](maps, mode, Options(groups=C))
        assert torch.isfinite(y).all()
        assert torch.isfinite(maps.running.variance).all()
        if mode != "inference" and kind == "batch":
            assert_close(y.flatten(), maps.beta, **FINE)

    def test_groups_that_do_not_divide_the_channels_are_refused(self):
        with pytest.raises(ValueError, match="groups is 3; it must divide the 4 channels"):
            IMAGE_NORMALIZERS["group"](some_maps(), "train", Options(groups=3))


def a_network(kind, **changes):
    described = {"inputs": 64, "outputs": 10, "depth": 3, "width": 4, "normalizer": kind}
    return ConvolutionalArchitecture(**described | {"side": 2} | changes)


def as_modules(cohort, replica):
    """One replica, of depth 3, without normalization, or with BN, as ordinary torch.nn modules."""
    network, modules = cohort.architecture, []
    folded = (HALF // network.side) ** 2
    for index, layer in enumerate(cohort.layers[:-1], start=1):
        channels = {1: 1, 2: 4 * folded}.get(index, 4)
        size = 1 if index > 1 and network.side == 1 else 3
        plain = layer.bias is not None
        conv = nn.Conv2d(channels, 4, size, padding=size // 2, bias=plain, dtype=torch.float64)
        with torch.no_grad():
            conv.weight.copy_(layer.weight[replica].view(4, channels, size, size))
        if plain:
            nn.init.zeros_(conv.bias)
        modules += [conv, *([] if plain else [nn.BatchNorm2d(4, dtype=torch.float64)]), nn.ReLU()]
        if index == 1:
            modules += [nn.AvgPool2d(2), nn.PixelUnshuffle(HALF // network.side)]
    last = nn.Linear(cohort.layers[-1].weight.shape[2], 10, dtype=torch.float64)
    with torch.no_grad():
        last.weight.copy_(cohort.layers[-1].weight[replica])
        last.bias.zero_()
    return nn.Sequential(*modules, nn.Flatten(), last)


@pytest.mark.parametrize("side", [1, 2, 4])
@pytest.mark.parametrize("kind", ["none", "batch"])
def test_training_is_that_of_torch_nn(kind, side):
    data = load("digits")
    cohort = ConvolutionalCohort(a_network(kind, side=side), [3, 8], dtype=torch.float64)
    start, seen = cohort.select([0, 1]), []
    assert type(start) is ConvolutionalCohort

    def look(moment):
        seen.append((moment.inputs[1].T.reshape(-1, 1, 8, 8), moment.labels[1]))
        return {}

    plan = Plan((0.1, 0.2), 4, 16)
    history = train(cohort, [3, 8], data, plan, record_at=range(5), probes=[look])
    slow = as_modules(start, 1)
    optimizer = torch.optim.SGD(slow.parameters(), 0.2)
    for step, (inputs, labels) in enumerate(seen[:4]):
        loss = nn.functional.cross_entropy(slow(inputs), labels)
        assert history.batch_losses[1, step] == pytest.approx(loss.item(), rel=1e-6)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        slow(seen[4][0])  # the last look, after the last update, is a training pass too
    ours = cohort.select([1])
    for mine, other in zip(ours.parameters(), slow.parameters(), strict=True):
        assert_close(mine.detach().view(-1), other.detach().view(-1), rtol=1e-8, atol=1e-10)
    test = torch.tensor(data.test_inputs, dtype=torch.float64)
    outputs = ours.forward(test.T[None], "inference")[0].T
    assert_close(outputs, slow.eval()(test.view(-1, 1, 8, 8)), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("kind", ["none", *IMAGE_NORMALIZERS])
def test_a_trace_holds_every_convolution_and_measuring_changes_nothing(kind):
    cohort, trace = ConvolutionalCohort(a_network(kind), [0, 1]), Trace()
    inputs = torch.randn(2, 64, 6, generator=torch.Generator().manual_seed(0))
    before = [one.clone() for one in (*cohort.parameters(), *cohort.buffers())]
    cohort.forward(inputs, "batch", trace)
    assert [z.shape[1:] for z in trace.pre_activations[:-1]] == [(8, 8, 8), (8, 2, 2), (8, 2, 2)]
    after = [*cohort.parameters(), *cohort.buffers()]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    mixes = [layer.mix for layer in cohort.layers if layer.mix is not None]
    assert [mix.numel() for mix in mixes] == ([12] * 3 if kind == "switchable" else [])


def test_all_kinds_start_from_the_same_weights():
    cohorts = [ConvolutionalCohort(a_network(kind), [5]) for kind in ("none", "group", "batch")]
    for layers in zip(*(cohort.layers for cohort in cohorts), strict=True):
        assert all(torch.equal(layers[0].weight, layer.weight) for layer in layers)


@pytest.mark.parametrize(("name", "wanted"), [("he", (2 / 36) ** 0.5), ("glorot", (2 / 72) ** 0.5)])
def test_initial_weights_count_the_places_of_a_kernel(name, wanted):
    network = a_network("none", width=4, depth=3, side=4, initialization=name)
    assert network.initial_deviation(36, 4) == pytest.approx(wanted)
    slow = torch.empty(400, 400, 3, 3)
    if name == "glorot":  # fan in and fan out both count the kernel
        nn.init.xavier_normal_(slow, generator=torch.Generator().manual_seed(0))
        assert float(slow.std()) == pytest.approx((2 / (2 * 3600)) ** 0.5, rel=0.01)
    assert network.initial_deviation(64, 10) == pytest.approx(
        (2 / 64) ** 0.5 if name == "he" else (2 / 74) ** 0.5
    )


@pytest.mark.parametrize(
    "wrong",
    [{"side": 3}, {"inputs": 2}, {"skip": True}, {"dropout": 0.1}, {"placement": "after"}],
)
def test_what_it_cannot_do_is_refused(wrong):
    with pytest.raises(ValueError, match=r"side|inputs|placement"):
        a_network("batch", **wrong)
    with pytest.raises(ValueError, match="normalizer"):
        a_network("batch, constants")


class TestAsImages:
    def test_digits_are_images_already(self):
        assert as_images(load("digits")) is load("digits")

    def test_points_are_spots_at_their_place(self):
        points, images = load("moons"), as_images(load("moons"))
        assert images.train_inputs.shape == (1000, SIDE * SIDE)
        assert images.train_inputs.mean() == pytest.approx(0, abs=1e-3)
        assert images.train_inputs.std() == pytest.approx(1, abs=1e-3)
        far = int(points.test_inputs[:, 0].argmax()), int(points.test_inputs[:, 1].argmax())
        right, above = (images.test_inputs[place].reshape(8, 8) for place in far)
        assert right.max(0)[4:].max() > right.max(0)[:3].max()
        assert above.max(1)[:4].max() > above.max(1)[5:].max()
        assert (images.test_labels == points.test_labels).all()
