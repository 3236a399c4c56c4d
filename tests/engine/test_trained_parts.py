"""Training a part of a network alone, against torch.nn in float64, step by step."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.func import functional_call

from bnviz.engine.architecture import CHOSEN, Architecture
from bnviz.engine.networks import Cohort
from bnviz.engine.optimizers import OPTIMIZERS
from bnviz.engine.plan import Plan
from bnviz.engine.training import train
from tests.engine.test_oracle import (
    CLASSES,
    CLOSE,
    CLOSE_UPDATE,
    DATA,
    DEPTH,
    FEATURES,
    RATES,
    SEEDS,
    STEPS,
    WIDTH,
    followed,
    load_into,
    of_replica,
    ordinary_network,
    ordinary_optimizer,
)

WHOLE = Architecture(FEATURES, CLASSES, DEPTH, WIDTH, normalizer="batch")
PARTS = ("affine", "output", "random")
DECAY = 0.02


def everything(cohort):
    """All numbers of the layers, trained or not, in the order of torch's own."""
    return [tensor for layer in cohort.layers for tensor in layer.held().all()]


def loaded(cohort, replica):
    """The ordinary network with all numbers of this replica."""
    network = ordinary_network("relu", "before", (1, 2, 3), False)
    load_into(network.parameters(), of_replica(everything(cohort), replica))
    return network


def part_of(network, part):
    """torch's parameters of what is trained; the others no longer ask for gradients."""
    norms = [p for one in network if hasattr(one, "norm") for p in one.norm.parameters()]
    chosen = norms if part == "affine" else list(network[-1].parameters())
    network.requires_grad_(False)
    for parameter in chosen:
        parameter.requires_grad_(True)
    return chosen


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("part", ["affine", "output"])
def test_a_part_alone_is_trained_as_in_ordinary_code(part, optimizer):
    plan = Plan(RATES, STEPS, 8, optimizer, weight_decay=DECAY)
    start, moments, _ = followed(replace(WHOLE, trained=part), plan)
    for replica, rate in enumerate(RATES):
        network = loaded(start, replica)
        chosen = part_of(network, part)
        theirs = ordinary_optimizer(optimizer, network, rate, DECAY)
        for step in range(STEPS):
            snapshot, state = moments[step]
            load_into(chosen, of_replica(state.parameters(), replica))
            loss = nn.functional.cross_entropy(
                network(snapshot.inputs[replica].T), snapshot.labels[replica]
            )
            theirs.zero_grad()
            loss.backward()
            torch.testing.assert_close(loss.detach(), snapshot.losses[replica], **CLOSE)
            for one, ours in zip(chosen, of_replica(snapshot.gradients, replica), strict=True):
                torch.testing.assert_close(ours, one.grad.flatten(), **CLOSE)
            theirs.step()
            after = of_replica(moments[step + 1][1].parameters(), replica)
            for one, ours in zip(chosen, after, strict=True):
                torch.testing.assert_close(ours, one.detach().flatten(), **CLOSE_UPDATE)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_single_weights_are_trained_as_if_they_were_all_the_parameters_there_are(optimizer):
    """The oracle's parameters are lists of the chosen weights, put into constants at each pass."""
    plan = Plan(RATES, STEPS, 8, optimizer, weight_decay=DECAY)
    start, moments, _ = followed(replace(WHOLE, trained="random"), plan)
    for replica, rate in enumerate(RATES):
        network = loaded(start, replica).requires_grad_(False)
        names = [f"{layer}.linear.weight" for layer in range(DEPTH)]
        masks = [layer.trainable[replica].bool() for layer in start.layers[:-1]]
        constants = dict(network.named_parameters())
        free = nn.ParameterList(constants[name][m] for name, m in zip(names, masks, strict=True))
        theirs = ordinary_optimizer(optimizer, free, rate, DECAY)
        for step in range(STEPS):
            snapshot, state = moments[step]
            ours = [layer.weight[replica] for layer in state.layers[:-1]]
            load_into(free, [weight[mask] for weight, mask in zip(ours, masks, strict=True)])
            put = {
                name: constants[name].masked_scatter(mask, values)
                for name, mask, values in zip(names, masks, free, strict=True)
            }
            outputs = functional_call(network, put, (snapshot.inputs[replica].T,))
            loss = nn.functional.cross_entropy(outputs, snapshot.labels[replica])
            theirs.zero_grad()
            loss.backward()
            torch.testing.assert_close(loss.detach(), snapshot.losses[replica], **CLOSE)
            theirs.step()
            after = [layer.weight[replica].detach() for layer in moments[step + 1][1].layers[:-1]]
            for one, weight, mask in zip(free, after, masks, strict=True):
                torch.testing.assert_close(weight[mask], one.detach(), **CLOSE_UPDATE)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("part", PARTS)
def test_what_is_not_trained_stays_to_the_bit(part, optimizer):
    plan = Plan(RATES, STEPS, 8, optimizer, weight_decay=DECAY)
    start, _, history = followed(replace(WHOLE, trained=part), plan)
    changed = {
        (index, name)
        for index, (one, other) in enumerate(
            zip(start.layers, history.cohort.layers, strict=True), start=1
        )
        for name in ("weight", "bias", "gamma", "beta")
        if getattr(one, name) is not None
        and not torch.equal(getattr(one, name), getattr(other, name))
    }
    hidden, output = range(1, DEPTH + 1), DEPTH + 1
    expected = {
        "affine": {(layer, name) for layer in hidden for name in ("gamma", "beta")},
        "output": {(output, "weight"), (output, "bias")},
        "random": {(layer, "weight") for layer in hidden},
    }[part]
    assert changed == expected
    if part == "random":
        for one, other in zip(start.layers[:-1], history.cohort.layers[:-1], strict=True):
            assert torch.equal(one.weight != other.weight, one.trainable.bool())


def test_every_hidden_unit_has_as_many_chosen_weights_as_gammas_and_betas():
    cohort = Cohort(replace(WHOLE, trained="random"), SEEDS)
    for layer in cohort.layers[:-1]:
        assert (layer.trainable.sum(2) == CHOSEN).all()
    assert not torch.equal(*cohort.layers[1].trainable)  # each seed draws its own
    affine = Cohort(replace(WHOLE, trained="affine"), SEEDS)
    assert cohort.parameter_count() == affine.parameter_count() == 2 * DEPTH * WIDTH


def test_all_parts_start_from_the_same_network():
    whole = everything(Cohort(WHOLE, SEEDS))
    for part in PARTS:
        cohort = Cohort(replace(WHOLE, trained=part), SEEDS)
        assert all(map(torch.equal, everything(cohort), whole))


@pytest.mark.parametrize("part", PARTS)
def test_a_replica_is_the_same_in_any_company(part):
    architecture, plan = replace(WHOLE, trained=part), Plan((0.1,), STEPS, 8, "momentum")
    alone = train(Cohort(architecture, [4]), [4], DATA, plan)
    both = Plan((0.1, 0.1), STEPS, 8, "momentum")
    pair = train(Cohort(architecture, [3, 4]), [3, 4], DATA, both)
    for one, other in zip(everything(alone.cohort), everything(pair.cohort), strict=True):
        assert torch.equal(one.flatten(), other.view(2, -1)[1])


def test_a_replica_that_diverges_leaves_the_masks_of_the_others():
    """Without BN, so that a large rate does diverge."""
    architecture = replace(WHOLE, normalizer="none", trained="random", depth=6)
    plan = Plan((1e6, 0.1), 30, 8, "momentum")
    history = train(Cohort(architecture, [3, 4]), [3, 4], DATA, plan)
    assert [one is None for one in history.divergences] == [False, True]
    alone = train(Cohort(architecture, [4]), [4], DATA, replace(plan, learning_rates=(0.1,)))
    for one, other in zip(everything(alone.cohort), everything(history.cohort), strict=True):
        assert torch.equal(one.flatten(), other.view(2, -1)[1])


def test_gammas_alone_need_gammas():
    for change in ({"normalizer": "none"}, {"affine": "frozen"}, {"normalized": ()}):
        with pytest.raises(ValueError, match="there must be a layer whose gamma is trained"):
            replace(WHOLE, trained="affine", **change)


def test_nothing_pairs_with_weights_that_are_constants():
    cohort = Cohort(replace(WHOLE, trained="affine"), SEEDS)
    with pytest.raises(ValueError, match="not trained"):
        _ = cohort.by_layer(cohort.parameters())[0].of_weight
