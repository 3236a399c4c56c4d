"""Scale invariance: the identities of the paper, and what is measured, against torch.nn."""

import copy
import math

import numpy as np
import pytest
import torch
from torch import nn

from bnviz.engine.architecture import Architecture
from bnviz.engine.batchnorm import Options
from bnviz.engine.data import Dataset, load
from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.scales import PERCENTILES, growth, inference_accuracy, rescaled
from bnviz.engine.threads import one_thread
from bnviz.engine.training import Snapshot, train

FACTORS = (1e-3, 0.1, 7.0)


@pytest.fixture(autouse=True)
def alone():
    """Two threads for so small a network would wait for one another most of the time."""
    with one_thread():
        yield


def cohort(normalizer="batch", epsilon=1e-14, dtype=torch.float64, seeds=(0, 1), **changes):
    described = {"inputs": 5, "outputs": 3, "depth": 3, "width": 6} | changes
    architecture = Architecture(
        **described, normalizer=normalizer, options=Options(epsilon=epsilon)
    )
    made = Cohort(architecture, seeds, dtype=dtype)
    shaken(made)
    return made


def shaken(made):
    """Biases, gamma and beta that are not what they start as."""
    random = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for layer in made.layers:
            for parameter in (layer.bias, layer.gamma, layer.beta):
                if parameter is not None:
                    noise = torch.randn(parameter.shape, generator=random, dtype=torch.float64)
                    parameter += 0.2 * noise.to(parameter.dtype)


def samples(count=24, features=5, classes=3):
    random = torch.Generator().manual_seed(2)
    inputs = torch.randn(count, features, generator=random)
    return inputs, torch.randint(classes, (count,), generator=random)


def in_torch(made, replica):
    """The replica as ordinary torch.nn modules, BN in training mode."""
    modules, width = [], made.architecture.width
    for layer in made.layers:
        rows, columns = layer.weight.shape[1:]
        linear = nn.Linear(columns, rows, bias=layer.bias is not None, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(layer.weight[replica])
            if layer.bias is not None:
                linear.bias.copy_(layer.bias[replica, :, 0])
        modules.append(linear)
        if layer is made.layers[-1]:
            break
        if layer.gamma is not None:
            norm = nn.BatchNorm1d(width, eps=made.architecture.options.epsilon).double()
            part = slice(replica * width, (replica + 1) * width)
            with torch.no_grad():
                norm.weight.copy_(layer.gamma[part])
                norm.bias.copy_(layer.beta[part])
            modules.append(norm)
        modules.append(nn.ReLU())
    return nn.Sequential(*modules)


def linears(network):
    return [module for module in network if isinstance(module, nn.Linear)]


def slow(network, layers, factor, inputs, labels):
    """Outputs and the norm of the gradient of the multiplied weights, by autograd."""
    network = copy.deepcopy(network)
    chosen = [linears(network)[layer - 1].weight for layer in layers]
    with torch.no_grad():
        for weight in chosen:
            weight *= factor
    outputs = network(inputs.double())
    nn.functional.cross_entropy(outputs, labels).backward()
    return outputs.detach(), math.sqrt(sum(float((w.grad**2).sum()) for w in chosen))


class TestRescaled:
    @pytest.mark.parametrize(
        ("normalizer", "epsilon"), [("none", 1e-5), ("batch", 1e-5), ("batch", 1e-14)]
    )
    @pytest.mark.parametrize("layers", [(3,), (1, 2, 3)])
    def test_is_what_torch_computes(self, normalizer, epsilon, layers):
        made, (inputs, labels) = cohort(normalizer, epsilon), samples()
        found = rescaled(made, layers, FACTORS, inputs, labels)
        for replica in range(2):
            network = in_torch(made, replica)
            outputs, norm = slow(network, layers, 1.0, inputs, labels)
            for place, factor in enumerate(FACTORS):
                there, longer = slow(network, layers, factor, inputs, labels)
                change = float((there - outputs).norm() / outputs.norm())
                assert float(found.output_change[replica, place]) == pytest.approx(
                    change, rel=1e-6, abs=1e-9
                )
                assert float(found.gradient_ratio[replica, place]) == pytest.approx(
                    longer / norm, rel=1e-6
                )

    @pytest.mark.parametrize("layers", [(2,), (1, 2, 3)])
    def test_identities_without_epsilon(self, layers):
        """BN((aW)u) = BN(Wu), and the gradient with respect to aW is 1/a that of W."""
        found = rescaled(cohort(), layers, FACTORS, *samples())
        assert float(found.output_change.max()) < 1e-6
        expected = 1 / torch.tensor(FACTORS, dtype=torch.float64)
        torch.testing.assert_close(
            found.gradient_ratio, expected.expand(2, -1), rtol=1e-6, atol=0.0
        )

    def test_the_gradient_of_what_goes_in_is_unchanged(self):
        """For the inputs u of the multiplied layer: dL/du stays (Sec. 3.3)."""
        made, (inputs, labels) = cohort(), samples()
        network = in_torch(made, 0)
        slopes = []
        for factor in (1.0, 50.0):
            multiplied = copy.deepcopy(network)
            with torch.no_grad():
                linears(multiplied)[0].weight.mul_(factor)
            rows = inputs.double().requires_grad_()
            nn.functional.cross_entropy(multiplied(rows), labels).backward()
            slopes.append(rows.grad)
        torch.testing.assert_close(*slopes, rtol=1e-6, atol=1e-12)

    def test_the_usual_epsilon_breaks_it_for_small_weights_alone(self):
        found = rescaled(cohort(epsilon=1e-5), (1, 2, 3), (1e-3, 0.01, 100.0), *samples())
        small, less, large = found.output_change.T
        assert float(small.min()) > 0.5
        assert 0.005 < float(less.min()) < float(small.min())
        assert float(large.max()) < 1e-3

    def test_plain_is_not_invariant(self):
        found = rescaled(cohort("none"), (1, 2, 3), (0.1, 10.0), *samples())
        assert float(found.output_change.min()) > 0.3

    def test_nothing_changes_at_one(self):
        found = rescaled(cohort("none"), (1, 2), (1.0,), *samples())
        assert float(found.output_change.abs().max()) == 0
        assert torch.equal(found.gradient_ratio, torch.ones(2, 1, dtype=torch.float64))

    def test_the_variance_is_that_of_the_median_unit(self):
        made, (inputs, labels) = cohort(), samples()
        found = rescaled(made, (1,), (1.0,), inputs, labels)
        for replica in range(2):
            values = inputs.double().numpy() @ made.layers[0].weight[replica].detach().numpy().T
            ordered = sorted(values.var(axis=0))
            assert float(found.variance[replica]) == pytest.approx(ordered[(len(ordered) - 1) // 2])

    def test_leaves_the_cohort_as_it_was(self):
        made = cohort(dtype=torch.float32)
        before = [t.detach().clone() for t in made.parameters() + made.buffers()]
        rescaled(made, (1, 2), (5.0,), *samples())
        for one, other in zip(before, made.parameters() + made.buffers(), strict=True):
            assert torch.equal(one, other)

    def test_with_weights_beyond_all_numbers(self):
        made = cohort("none", depth=3)
        with torch.no_grad():
            for layer in made.layers:
                layer.weight *= 1e150
        found = rescaled(made, (1, 2, 3), (1e4,), *samples())
        assert not torch.isfinite(found.output_change).all()


def few(count=40, features=5, classes=3):
    inputs, labels = samples(count, features, classes)
    rows, names = inputs.numpy(), labels.numpy()
    return Dataset(
        name="few",
        train_inputs=rows,
        train_labels=names,
        test_inputs=rows[:10],
        test_labels=names[:10],
        classes=classes,
        kind="table",
    )


def trained(normalizer, steps=12, rate=0.5, decay=0.0, shown=None, epsilon=1e-14):
    made, data = cohort(normalizer, epsilon), few()
    plan = Plan((rate, rate), steps=steps, batch_size=20, weight_decay=decay)
    every = range(steps + 1)
    probe = growth(every if shown is None else shown)
    return train(made, (0, 1), data, plan, record_at=every, probes=[probe])


class TestGrowth:
    def snapshot(self, normalizer="batch", dtype=torch.float64, **changes):
        """A moment with the gradients of one batch."""
        made, (inputs, labels) = cohort(normalizer, dtype=dtype, **changes), samples()
        rows, targets = inputs.to(dtype).T.expand(2, 5, 24), labels.expand(2, 24)
        loss = nn.functional.cross_entropy(
            made.forward(rows, "batch"), targets, reduction="none"
        ).mean(1)
        gradients = list(torch.autograd.grad(loss.sum(), made.parameters()))
        return Snapshot(
            step=3,
            cohort=made,
            kept=[0, 1],
            inputs=rows,
            labels=targets,
            losses=loss.detach(),
            gradients=gradients,
        )

    @pytest.mark.parametrize("normalizer", ["none", "batch"])
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_is_what_torch_and_numpy_compute(self, normalizer, dtype):
        snapshot, (inputs, labels) = self.snapshot(normalizer, dtype), samples()
        found = growth({3})(snapshot)
        near = {"rtol": 1e-3 if dtype == torch.float32 else 1e-7}
        for replica in range(2):
            network = in_torch(snapshot.cohort, replica)
            nn.functional.cross_entropy(network(inputs.double()), labels).backward()
            for place, linear in enumerate(linears(network)):
                w, g = (t.detach().numpy() for t in (linear.weight, linear.weight.grad))
                np.testing.assert_allclose(found["square"][replica, place], (w**2).sum(), **near)
                np.testing.assert_allclose(
                    found["gradient_square"][replica, place], (g**2).sum(), **near
                )
                alive = np.linalg.norm(g, axis=1) > 1e-12
                w, g = w[alive], g[alive]
                cosines = (w * g).sum(1) / np.linalg.norm(w, axis=1) / np.linalg.norm(g, axis=1)
                expected = np.quantile(np.degrees(np.arccos(cosines)), PERCENTILES)
                np.testing.assert_allclose(
                    found["angle"][replica, place], expected, atol=0.02, rtol=0
                )

    def test_gradients_are_orthogonal_to_normalized_weights_unit_by_unit(self):
        """<w, dL/dw> = 0, in float64 at an epsilon of 1e-14."""
        snapshot = self.snapshot()
        gradients = dict(
            zip(map(id, snapshot.cohort.parameters()), snapshot.gradients, strict=True)
        )
        for layer in snapshot.cohort.layers[:-1]:
            products = (layer.weight.detach() * gradients[id(layer.weight)]).sum(2)
            assert float(products.abs().max()) < 1e-11
        output = snapshot.cohort.layers[-1].weight
        assert float((output.detach() * gradients[id(output)]).sum(2).abs().max()) > 1e-3

    @pytest.mark.parametrize("decay", [0.0, 0.1])
    def test_norms_follow_pythagoras_where_there_is_bn(self, decay):
        """|W'|^2 = (1 - lr decay)^2 |W|^2 + lr^2 |grad|^2."""
        for normalizer, holds in (("batch", True), ("none", False)):
            probes = trained(normalizer, decay=decay).probes
            square, slope = (
                probes[n].astype(float)[..., :-1] for n in ("square", "gradient_square")
            )
            kept = (1 - 0.5 * decay) ** 2
            expected = kept * square[:, :-1] + 0.25 * slope[:, :-1]
            off = np.abs(square[:, 1:] / expected - 1).max()
            assert (off < 1e-6) == holds

    def test_without_decay_normalized_weights_only_grow(self):
        square = trained("batch").probes["square"][..., :-1]
        assert (np.diff(square, axis=1) > 0).all()
        assert (np.diff(trained("none").probes["square"], axis=1) < 0).any()

    def test_angles_are_right_with_bn_alone(self):
        angles = trained("batch").probes["angle"]
        np.testing.assert_allclose(angles[:, :, :-1], 90, atol=1e-3)
        assert np.abs(angles[:, :, -1] - 90).max() > 1
        assert np.abs(trained("none").probes["angle"] - 90).max() > 5

    def test_angles_at_the_shown_steps_alone(self):
        history = trained("batch", shown={0, 5, 12})
        known = np.isfinite(history.probes["angle"]).all(axis=(0, 2, 3))
        np.testing.assert_array_equal(np.flatnonzero(known), [0, 5, 12])
        assert np.isfinite(history.probes["square"]).all()

    def test_units_without_a_gradient_do_not_count(self):
        snapshot = self.snapshot("none")
        dead = snapshot.gradients[0]
        dead[:, 1:] = 0
        dead[0, 0] = snapshot.cohort.layers[0].weight[0, 0].detach() * 1e-30  # the one left: at 0
        dead[1] = 0
        angle = growth({3})(snapshot)["angle"]
        np.testing.assert_allclose(angle[0, 0], 0.0, atol=1e-3)
        assert torch.isnan(angle[1, 0]).all()

    def test_changes_nothing(self):
        snapshot = self.snapshot()
        before = [t.detach().clone() for t in snapshot.cohort.parameters() + snapshot.gradients]
        growth({3})(snapshot)
        for one, other in zip(
            before, snapshot.cohort.parameters() + snapshot.gradients, strict=True
        ):
            assert torch.equal(one, other)


class TestInferenceAccuracy:
    def test_is_what_training_records(self):
        made, data = cohort("batch", dtype=torch.float32, inputs=2, outputs=2), load("moons")
        plan = Plan((0.1, 0.1), steps=5)
        history = train(made, (0, 1), data, plan, record_at=[5])
        found = inference_accuracy(history.cohort, data)
        np.testing.assert_allclose(found.numpy(), history.test_accuracies[:, 0])
        assert history.cohort.parameters()[0].requires_grad
