"""Schedules, turns and updates: what a plan says is what happens."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from bnviz.engine.architecture import Architecture
from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.training import train
from tests.engine.runs import (
    BN,
    DIGITS,
    EVERYTHING,
    PLAIN,
    TOO_HIGH,
    assert_equal,
    last_weights,
    run,
    state,
)


# ------------------------------------------------------------------ schedules and updates
def steps_taken(plan, architecture=BN):
    """(w before - w after, gradient) of the first layer at each step, replica 0, in float64."""
    seen = []

    def keep(snapshot):
        seen.append(
            (snapshot.cohort.layers[0].weight.detach().clone(), snapshot.gradients[0].clone())
        )
        return {}

    cohort = Cohort(architecture, [1], dtype=torch.float64)
    train(cohort, [1], DIGITS, plan, record_at=range(plan.steps + 1), probes=[keep])
    return [(before - after, gradient, before) for (before, gradient), (after, _) in pairwise(seen)]


def test_the_cosine_schedule_falls_from_the_whole_rate_to_nothing():
    plan = Plan((0.1,), 10, schedule="cosine")
    assert [plan.factor(step) for step in (0, 5, 10)] == pytest.approx([1, 0.5, 0])
    for step, (moved, gradient, _) in enumerate(steps_taken(plan)):
        rate = 0.1 * (1 + math.cos(math.pi * step / 10)) / 2
        torch.testing.assert_close(moved, rate * gradient)


RESTARTS = ((4, 0.1), (7, 3.0))


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_up_to_a_turn_a_run_is_the_run_without_it_to_the_bit(optimizer, schedule):
    plan = Plan((0.1, TOO_HIGH, 0.02), 4, 24, optimizer, schedule, weight_decay=0.01)
    seeds, more = (4, 1, 9), {"record_at": [0, 2, 4], "probes": [last_weights]}
    shorter = run(EVERYTHING, seeds, plan, **more)
    longer = run(EVERYTHING, seeds, replace(plan, steps=12, restarts=RESTARTS), **more)
    np.testing.assert_array_equal(longer.batch_losses[:, :4], shorter.batch_losses)
    for name in ("test_losses", "test_accuracies"):
        np.testing.assert_array_equal(getattr(longer, name), getattr(shorter, name))
    np.testing.assert_array_equal(longer.probes["last"], shorter.probes["last"])
    assert shorter.divergences[1].step == longer.divergences[1].step
    assert np.isfinite(longer.batch_losses[0]).all()


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_a_turn_is_what_another_rate_is_in_torch(optimizer):
    rates = [0.05] * 4 + [0.005] * 3 + [0.15] * 5
    weights, moments = [], []

    def keep(snapshot):
        weights.append([p.detach().clone() for p in snapshot.cohort.parameters()])
        moments.append((snapshot.inputs[0].T, snapshot.labels[0]))
        return {}

    cohort = Cohort(PLAIN, [1], dtype=torch.float64)
    plan = Plan((0.05,), 12, 32, optimizer, weight_decay=0.01, restarts=RESTARTS)
    train(cohort, [1], DIGITS, plan, record_at=range(13), probes=[keep])

    sizes = [64, 16, 16, 16, 10]
    linears = [torch.nn.Linear(a, b).double() for a, b in pairwise(sizes)]
    network = torch.nn.Sequential(*(m for one in linears for m in (one, torch.nn.ReLU())))[:-1]
    theirs = [p for one in linears for p in (one.weight, one.bias)]
    with torch.no_grad():
        for parameter, start in zip(theirs, weights[0], strict=True):
            parameter.copy_(start.view(parameter.shape))
    if optimizer == "adam":
        trainer = torch.optim.Adam(theirs, rates[0], weight_decay=0.01)
    else:
        momentum = 0.9 if optimizer == "momentum" else 0.0
        trainer = torch.optim.SGD(theirs, rates[0], momentum, weight_decay=0.01)
    for rate, (inputs, labels), ours in zip(rates, moments[:-1], weights[1:], strict=True):
        trainer.param_groups[0]["lr"] = rate
        trainer.zero_grad()
        torch.nn.functional.cross_entropy(network(inputs), labels).backward()
        trainer.step()
        for mine, parameter in zip(ours, theirs, strict=True):
            torch.testing.assert_close(
                mine.view(parameter.shape), parameter.detach(), rtol=1e-9, atol=1e-12
            )


def test_the_factor_of_a_turn_holds_until_the_next_and_the_cosine_starts_anew():
    plan = Plan((0.1,), 10, restarts=RESTARTS)
    assert [plan.factor(step) for step in range(11)] == [1.0] * 4 + [0.1] * 3 + [3.0] * 4
    assert [Plan((0.1,), 10).factor(step) for step in (0, 9, 10)] == [1.0] * 3
    cosine = replace(plan, schedule="cosine")
    factors = [cosine.factor(step) for step in (0, 2, 4, 7, 10)]
    assert factors == pytest.approx([1, 0.5, 0.1, 3, 0])


def test_weight_decay_pulls_every_weight_towards_zero():
    plan = Plan((0.1,), 4, weight_decay=0.5)
    for moved, gradient, before in steps_taken(plan):
        torch.testing.assert_close(moved, 0.1 * (gradient + 0.5 * before))


def test_a_rate_of_zero_moves_nothing():
    start = state(Cohort(PLAIN, (1,)))
    assert_equal(start, state(run(PLAIN, (1,), Plan((0.0,), 4)).cohort))


@pytest.mark.parametrize("architecture", [PLAIN, BN])
def test_training_learns_the_digits(architecture):
    history = run(architecture, (1, 2), Plan((0.1, 0.1), 200))
    assert (history.test_accuracies[:, 0] < 0.3).all()
    assert (history.test_accuracies[:, -1] > 0.9).all()


@pytest.mark.parametrize("normalizer", ["none", "batch"])
def test_fifty_layers_of_sigmoid_run_to_the_end(normalizer):
    architecture = Architecture(64, 10, 50, 16, "sigmoid", normalizer=normalizer)
    history = run(architecture, (1, 2), Plan((0.1, 0.1), 10))
    assert history.divergences == [None, None]
    assert np.isfinite(history.batch_losses).all()
    assert np.isfinite(history.test_losses).all()


# ------------------------------------------------------------------ bad arguments
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "steps is 0; it must be 1 or more"),
        ({"batch_size": 0}, "batch_size is 0; it must be 1 or more"),
        ({"classes_per_batch": 0}, "classes_per_batch is 0; it must be 1 or more"),
        ({"learning_rates": (0.1, -1.0)}, "each finite, 0 or more"),
        ({"learning_rates": (math.inf,)}, "each finite, 0 or more"),
        ({"learning_rates": (math.nan,)}, "each finite, 0 or more"),
        ({"optimizer": "lion"}, "optimizer is 'lion'; one of sgd, momentum, adam"),
        ({"schedule": "linear"}, "schedule is 'linear'; one of constant, cosine"),
        ({"weight_decay": -0.1}, "weight_decay is -0.1; it must be finite, 0 or more"),
        ({"weight_decay": math.nan}, "weight_decay is nan; it must be finite, 0 or more"),
        ({"restarts": ((0, 1.0),)}, r"restarts are at \[0\]; each after the last, from 1 to 199"),
        ({"restarts": ((9, 1.0), (9, 2.0))}, "each after the last"),
        ({"restarts": ((200, 1.0),)}, "each after the last, from 1 to 199"),
        ({"restarts": ((9, math.nan),)}, "each factor finite, 0 or more"),
        ({"restarts": ((9, -1.0),)}, "each factor finite, 0 or more"),
    ],
)
def test_an_impossible_plan_is_told_what_is_allowed(change, message):
    with pytest.raises(ValueError, match=message):
        replace(Plan((0.1,)), **change)
