"""Noise: ghost batches against torch.nn, and what is trained beside what."""

import numpy as np
import pytest
import torch
from torch import nn

from bnviz.engine.batches import BatchOrder
from bnviz.engine.data import load
from bnviz.engine.networks import Architecture, Cohort
from bnviz.engine.normalization import Options
from bnviz.engine.training import Plan, train
from bnviz.experiments import noise, other_noises
from bnviz.experiments.noise import NoiseConfig
from bnviz.experiments.settings import WORK_LIMIT, knobs
from tests.samples import tiny


def config(**changes):
    return tiny("noise", **changes)


@pytest.fixture(scope="module")
def small():
    return noise.run(config(steps=40))


class TestConfig:
    @pytest.mark.parametrize(
        ("batch", "chunks"),
        [
            (64, (2, 4, 8, 16, 32, 64)),
            (1, (1,)),
            (2, (2,)),
            (3, (3,)),
            (12, (2, 4, 12)),
            (100, (2, 4, 100)),
        ],
    )
    def test_chunks_divide_the_batch_and_end_with_it(self, batch, chunks):
        assert config(batch_size=batch).chunks() == chunks

    def test_a_batch_is_no_larger_than_the_training_set(self):
        assert config(batch_size=512, train_size=128).chunks()[-1] == 128

    @pytest.mark.parametrize("name", ["digits", "moons"])
    def test_samples_and_wrong_labels(self, name):
        few = config(dataset=name, train_size=256, wrong_labels=0.1).data()
        clean = load(name, 256)
        assert len(few.train_labels) == 256
        assert (few.train_labels != clean.train_labels).sum() == 26
        np.testing.assert_array_equal(few.test_labels, clean.test_labels)

    def test_all_samples_are_as_many_as_there_are(self):
        assert len(config(train_size=1347, dataset="moons").data().train_labels) == 1000
        assert len(config(train_size=1347).data().train_labels) == 1347
        shown = knobs(NoiseConfig)["train_size"].show
        assert [shown(size) for size in (512, 1347)] == ["512", "all"]

    def test_the_rate_falls_to_zero(self):
        plan = config(steps=100, learning_rate=0.5).plan(3)
        assert plan.learning_rates == (0.5, 0.5, 0.5)
        assert plan.factor(0) == 1
        assert plan.factor(50) == pytest.approx(0.5)
        assert plan.factor(99) < 0.001

    def test_all_chunk_sizes_are_in_the_estimate_and_within_the_limit(self):
        one, many = (NoiseConfig(batch_size=64), other_noises.dropouts(NoiseConfig())[0])
        assert one.work() > 2.5 * many.work()
        assert NoiseConfig().affordable() == NoiseConfig()
        huge = NoiseConfig(depth=50, width=256, batch_size=512, train_size=1347, seeds=3)
        assert huge.work() > WORK_LIMIT
        assert huge.affordable().work() < 1.2 * WORK_LIMIT


class Ghost(nn.Module):
    """BatchNorm1d, one chunk after the other, each from the same old running statistics."""

    def __init__(self, width, chunk):
        super().__init__()
        self.norm, self.chunk = nn.BatchNorm1d(width), chunk

    def forward(self, z):
        named = dict(self.norm.named_parameters())
        parts, statistics = [], []
        for part in z.split(self.chunk):
            old = {name: buffer.clone() for name, buffer in self.norm.named_buffers()}
            parts.append(torch.func.functional_call(self.norm, named | old, part))
            statistics.append(old)  # by now, with this chunk in them
        for name in ("running_mean", "running_var"):
            getattr(self.norm, name).copy_(torch.stack([one[name] for one in statistics]).mean(0))
        return torch.cat(parts)


@pytest.mark.parametrize("chunk", [2, 4, 8, 16])
def test_ghost_batches_are_batch_norm_chunk_by_chunk(chunk):
    """Some steps of the lesson's training in float64 against torch.nn and torch.optim."""
    data = config(train_size=32).data()
    options = Options(chunk=chunk)
    architecture = Architecture(64, 10, 2, 6, normalizer="batch", options=options)
    cohort = Cohort(architecture, [1], dtype=torch.float64)
    layers = [
        nn.Linear(64, 6, bias=False), Ghost(6, chunk), nn.ReLU(),
        nn.Linear(6, 6, bias=False), Ghost(6, chunk), nn.ReLU(), nn.Linear(6, 10),
    ]  # fmt: skip
    slow = nn.Sequential(*layers).double()
    with torch.no_grad():
        for ours, theirs in zip(cohort.layers, (layers[0], layers[3], layers[6]), strict=True):
            theirs.weight.copy_(ours.weight[0])
        layers[6].bias.zero_()
    plan = Plan((0.1,), 3, 16, "momentum", "cosine")
    history = train(cohort, [1], data, plan, record_at=[])
    order, optimizer = BatchOrder([1], 32, 16), torch.optim.SGD(slow.parameters(), 0.1, 0.9)
    inputs, labels = torch.tensor(data.train_inputs).double(), torch.tensor(data.train_labels)
    for step in range(3):
        batch = order.at(step)[0]
        loss = nn.functional.cross_entropy(slow(inputs[batch]), labels[batch])
        assert history.batch_losses[0, step] == pytest.approx(loss.item(), rel=1e-6)
        optimizer.param_groups[0]["lr"] = 0.1 * plan.factor(step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    for ours, theirs in zip(cohort.layers, (layers[0], layers[3], layers[6]), strict=True):
        torch.testing.assert_close(ours.weight[0], theirs.weight, rtol=1e-8, atol=1e-10)
    for ours, theirs in zip(cohort.layers[:2], (layers[1].norm, layers[4].norm), strict=True):
        torch.testing.assert_close(ours.running.mean, theirs.running_mean, rtol=1e-8, atol=1e-10)
        torch.testing.assert_close(ours.running.variance, theirs.running_var, rtol=1e-8, atol=1e-10)


class TestRun:
    def test_shapes(self, small):
        rows, records = 1 + len(small.chunks), len(small.steps)
        for values in (small.train_loss, small.test_loss, small.test_accuracy):
            assert values.shape == (rows, 2, records)
        assert small.diverged_at.shape == (rows, 2)
        assert small.chunks.tolist() == [2, 4, 8, 16, 32]
        assert small.steps[-1] == 40

    def test_same_config_same_bits(self, small):
        again = noise.run(small.config, workers=1)
        for name in ("train_loss", "test_loss", "test_accuracy", "diverged_at"):
            np.testing.assert_array_equal(getattr(again, name), getattr(small, name))

    def test_reports_up_to_the_end_and_can_be_stopped(self):
        def stop(share):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            noise.run(config(steps=2000), stop)
