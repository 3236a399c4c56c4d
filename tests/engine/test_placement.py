"""The probes of the lesson on placement, against slow code that follows their definitions."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from bnviz.engine.architecture import Architecture
from bnviz.engine.networks import Cohort, losses
from bnviz.engine.placement import bias_gradients, constant_share, moved_gammas, variance_ratios
from bnviz.engine.training import Snapshot

FEATURES, CLASSES, DEPTH, WIDTH, SAMPLES = 5, 3, 3, 8, 64
BN = Architecture(FEATURES, CLASSES, DEPTH, WIDTH, normalizer="batch")
PLAIN = replace(BN, normalizer="none")


def normal(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


ROWS = normal(SAMPLES, FEATURES, seed=9)


def used(architecture, seeds=(0, 1)):
    """A cohort with nothing left at its first value."""
    cohort = Cohort(architecture, seeds, dtype=torch.float64)
    with torch.no_grad():
        for index, parameter in enumerate(cohort.parameters()):
            parameter.add_(0.3 * normal(*parameter.shape, seed=index))
    return cohort


def snapshot(cohort):
    inputs = normal(cohort.replicas, FEATURES, 16, seed=4)
    labels = torch.arange(16).remainder(CLASSES).expand(cohort.replicas, 16)
    loss = losses(cohort.forward(inputs, "train"), labels)
    gradients = list(torch.autograd.grad(loss.sum(), cohort.parameters()))
    kept = list(range(cohort.replicas))
    return Snapshot(
        step=0,
        cohort=cohort,
        kept=kept,
        inputs=inputs,
        labels=labels,
        losses=loss.detach(),
        gradients=gradients,
    )


def state(cohort):
    tensors = [t.detach().clone() for t in cohort.parameters() + cohort.buffers()]
    return tensors, [g.get_state() for g in cohort.generators]


@pytest.mark.parametrize(
    "probe", [constant_share(ROWS), bias_gradients, moved_gammas, variance_ratios(ROWS)]
)
@pytest.mark.parametrize("change", [{}, {"normalizer": "none"}, {"dropout": 0.3}])
def test_a_probe_changes_nothing(probe, change):
    here = snapshot(used(replace(BN, **change)))
    before, options = state(here.cohort), here.cohort.architecture
    probe(here)
    after = state(here.cohort)
    assert all(torch.equal(a, b) for x, y in zip(before, after, strict=True)
               for a, b in zip(x, y, strict=True))  # fmt: skip
    assert here.cohort.architecture is options


# ------------------------------------------------------------------ the same for every sample


@pytest.mark.parametrize("placement", ["before", "after"])
def test_the_share_that_is_the_same_for_every_sample(placement):
    cohort = used(replace(BN, placement=placement))
    shares = constant_share(ROWS)(snapshot(cohort))["constant"].numpy()
    for replica in range(2):
        h = ROWS.numpy()
        for place, layer in enumerate(cohort.layers[:-1]):
            part = slice(replica * WIDTH, (replica + 1) * WIDTH)
            gamma, beta = (t[part].detach().numpy() for t in (layer.gamma, layer.beta))

            def normalized(x, gamma=gamma, beta=beta):
                return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5) + beta

            z = h @ layer.weight[replica].detach().numpy().T
            if placement == "before":
                h = np.maximum(normalized(z), 0)
            else:
                h = normalized(np.maximum(z + layer.bias[replica, :, 0].detach().numpy(), 0))
            expected = (h.mean(0) ** 2).sum() / (h**2).mean(0).sum()
            assert shares[replica, place] == pytest.approx(expected, rel=1e-9)


def test_a_layer_that_hands_on_nothing_has_no_share():
    cohort = used(PLAIN)
    with torch.no_grad():
        cohort.layers[1].weight.zero_()
        cohort.layers[1].bias.fill_(-1.0)
        cohort.layers[2].bias.fill_(1.0)
    shares = constant_share(ROWS)(snapshot(cohort))["constant"]
    assert shares[:, 1].isnan().all()
    assert shares[:, 2].numpy() == pytest.approx([1.0, 1.0])


# ------------------------------------------------------------------ biases and gammas


def test_gradients_of_biases_and_of_beta():
    here = snapshot(used(replace(BN, bias_before="kept")))
    measured = bias_gradients(here)["bias"].numpy()
    found = dict(zip(map(id, here.cohort.parameters()), here.gradients, strict=True))
    for replica in range(2):
        hidden = here.cohort.layers[:-1]
        own = np.concatenate([found[id(one.bias)][replica].numpy().ravel() for one in hidden])
        part = slice(replica * WIDTH, (replica + 1) * WIDTH)
        beta = np.concatenate([found[id(one.beta)][part].numpy() for one in hidden])
        held = np.concatenate([one.bias[replica].detach().numpy().ravel() for one in hidden])
        expected = [np.sqrt((values**2).mean()) for values in (own, beta, held)]
        assert measured[replica] == pytest.approx(expected)
    assert (measured[:, 0] < 1e-14).all()
    assert (measured[:, 1:] > 1e-4).all()


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({}, [True, False, True]),
        ({"normalizer": "none"}, [False, True, False]),
        ({"affine": "frozen"}, [True, True, True]),
        ({"placement": "after"}, [False, False, False]),
    ],
)
def test_what_a_network_has_not_is_no_number(change, missing):
    measured = bias_gradients(snapshot(used(replace(BN, **change))))["bias"]
    assert measured[0].isnan().tolist() == missing


def test_how_far_gamma_is_from_its_start():
    skip = replace(BN, skip=True, gamma_start=0.0)
    fresh = moved_gammas(snapshot(Cohort(skip, [0, 1], dtype=torch.float64)))["moved"]
    assert fresh.tolist() == [[0.0] * DEPTH] * 2
    cohort = used(skip)
    moved = moved_gammas(snapshot(cohort))["moved"].numpy()
    for replica, layer in np.ndindex(2, DEPTH):
        gamma = cohort.layers[layer].gamma.view(2, WIDTH)[replica].detach().numpy()
        start = 1.0 if layer == 0 else 0.0
        assert moved[replica, layer] == pytest.approx(np.sqrt(((gamma - start) ** 2).mean()))
    assert moved_gammas(snapshot(used(PLAIN)))["moved"].isnan().all()


# ------------------------------------------------------------------ dropout in front of BN


def by_hand(cohort, replica, share, masks):
    """(training, inference) variances of every unit of every hidden layer, in torch.nn."""
    layers = cohort.layers[:-1]
    norms = []
    for layer in layers:
        norm = nn.BatchNorm1d(WIDTH, momentum=1.0).double()
        with torch.no_grad():
            norm.weight.copy_(layer.gamma.view(-1, WIDTH)[replica])
            norm.bias.copy_(layer.beta.view(-1, WIDTH)[replica])
        norms.append(norm)
    variances = []
    for mode in ("training", "inference"):
        h, found = ROWS, []
        for place, (layer, norm) in enumerate(zip(layers, norms, strict=True)):
            norm.train(mode == "training")
            z = h @ layer.weight[replica].detach().T
            found.append(z.var(0, correction=0).numpy())
            h = torch.relu(norm(z)).detach()
            if mode == "training":
                norm.running_var *= (SAMPLES - 1) / SAMPLES
                h = h * masks[place] / (1 - share)
        variances.append(found)
    return np.array(variances)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.6])
def test_ratio_of_variances_is_that_of_ordinary_code(share):
    cohort = used(replace(BN, dropout=share))
    here = snapshot(cohort)
    states = [generator.clone_state() for generator in cohort.generators]
    ratios = variance_ratios(ROWS)(here)["ratio"].numpy()
    for replica in range(2):
        generator, keep = states[replica], 1 - share
        drawn = [torch.rand(WIDTH, SAMPLES, dtype=torch.float64, generator=generator)
                 for _ in range(DEPTH)]  # fmt: skip
        masks = [one.T.lt(keep) for one in drawn]
        training, inference = by_hand(cohort, replica, share, masks)
        median = [np.sort(row)[(WIDTH - 1) // 2] for row in training / inference]
        np.testing.assert_allclose(ratios[replica], median, rtol=1e-9)
    if share == 0:
        np.testing.assert_allclose(ratios, 1.0, rtol=1e-9)


def test_theory_is_what_many_masks_give():
    """One unit after another: the variance over all samples and very many masks."""
    share, draws = 0.4, 4000
    architecture = replace(BN, depth=2, dropout=share)
    cohort = used(architecture, seeds=(5,))
    predicted = variance_ratios(ROWS)(snapshot(cohort))["theory"][0]
    assert predicted[0] == 1.0
    h = torch.relu(by_layer_one(cohort))
    keep = 1 - share
    masks = torch.rand(draws, SAMPLES, WIDTH, generator=torch.Generator().manual_seed(1)) < keep
    weight = cohort.layers[1].weight[0].detach()
    noisy = (h * masks / keep) @ weight.T
    ratios = noisy.reshape(-1, WIDTH).var(0) / (h @ weight.T).var(0, correction=0)
    assert float(predicted[1]) == pytest.approx(np.sort(ratios.numpy())[(WIDTH - 1) // 2], rel=0.02)
    assert predicted[1] > 1.2


def by_layer_one(cohort):
    layer = cohort.layers[0]
    z = ROWS @ layer.weight[0].detach().T
    normalized = (z - z.mean(0)) / (z.var(0, correction=0) + 1e-5).sqrt()
    return (normalized * layer.gamma + layer.beta).detach()


def test_units_without_variance_do_not_count():
    def measured(units):
        """The last layer with so many units that see nothing."""
        cohort = used(replace(BN, dropout=0.5))
        with torch.no_grad():
            cohort.layers[2].weight[:, :units] = 0.0
        return variance_ratios(ROWS)(snapshot(cohort))

    whole, half, nothing = (measured(units) for units in (0, WIDTH // 2, WIDTH))
    for name in ("ratio", "theory"):
        assert half[name].isfinite().all()
        assert torch.equal(whole[name][:, :2], half[name][:, :2])
        assert nothing[name][:, 2].isnan().all()
