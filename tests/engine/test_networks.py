"""Cohorts: first weights, what a layer computes, copies, and lists by layer."""

import math
from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from bnviz.engine.architecture import ACTIVATIONS, Architecture
from bnviz.engine.batchnorm import Options
from bnviz.engine.networks import Cohort, accuracies, losses
from bnviz.engine.parts import in_parts
from tests.engine.small_networks import (
    NORMALIZED,
    SMALL,
    assert_equal,
    normal,
    state,
    traced,
    weights,
)


# ------------------------------------------------------------------ first weights
@pytest.mark.parametrize(
    "change",
    [
        {"normalizer": "batch"},
        {"normalizer": "batch", "placement": "after"},
        {"normalizer": "batch", "normalized": (2,)},
        {"normalizer": "batch", "noise_after": True},
        {"skip": True, "dropout": 0.5},
        {"activation": "gelu"},
        {"normalize_inputs": True},
        {"normalizer": "batch", "bias_before": "kept"},
        {"normalizer": "batch", "affine": "frozen"},
        {"normalizer": "batch", "skip": True, "gamma_start": 0.0},
    ],
)
def test_two_cohorts_of_a_pair_start_from_the_same_weights(change):
    plain, other = Cohort(SMALL, [0, 7]), Cohort(replace(SMALL, **change), [0, 7])
    assert_equal(weights(plain), weights(other))


def test_weights_depend_on_the_seed_alone_not_on_the_neighbours():
    together, alone = Cohort(SMALL, [4, 9, 4]), Cohort(SMALL, [9])
    for mine, single in zip(weights(together), weights(alone), strict=True):
        assert torch.equal(mine[1], single[0])
        assert torch.equal(mine[0], mine[2])
        assert not torch.equal(mine[0], mine[1])


def test_making_a_cohort_leaves_the_global_random_state_alone():
    before = torch.get_rng_state()
    Cohort(replace(SMALL, dropout=0.5), [1]).forward(normal(1, 5, 4), "train")
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    ("initialization", "activation", "expected"),
    [
        ("he", "tanh", [math.sqrt(2 / 64), math.sqrt(2 / 200), math.sqrt(2 / 200)]),
        ("glorot", "relu", [math.sqrt(2 / 264), math.sqrt(2 / 400), math.sqrt(2 / 240)]),
        ("normal", "relu", [0.3, 0.3, 0.3]),
        ("matched", "relu", [math.sqrt(2 / 64), math.sqrt(2 / 200), math.sqrt(2 / 200)]),
        ("matched", "gelu", [math.sqrt(2 / 64), math.sqrt(2 / 200), math.sqrt(2 / 200)]),
        ("matched", "tanh", [math.sqrt(2 / 264), math.sqrt(2 / 400), math.sqrt(2 / 240)]),
        ("matched", "sigmoid", [math.sqrt(2 / 264), math.sqrt(2 / 400), math.sqrt(2 / 240)]),
    ],
)
def test_first_weights_are_normal_with_the_deviation_of_the_initialization(
    initialization, activation, expected
):
    architecture = Architecture(
        64, 40, 2, 200, activation, initialization=initialization, init_std=0.3
    )
    for weight, std in zip(weights(Cohort(architecture, [1])), expected, strict=True):
        # five standard errors, of the deviation, the mean and the share within one deviation
        error = 5 / math.sqrt(weight.numel())
        assert weight.std().item() == pytest.approx(std, rel=error / math.sqrt(2))
        assert abs(weight.mean().item()) < error * std
        within = (weight.abs() < std).float().mean().item()
        assert within == pytest.approx(0.6827, abs=error * 0.466)


@pytest.mark.parametrize("architecture", [SMALL, NORMALIZED])
def test_gains_multiply_the_weights_of_their_replica_and_nothing_else(architecture):
    plain = Cohort(architecture, [3, 3, 5])
    gained = Cohort(architecture, [3, 3, 5], gains=[1.0, 0.25, 4.0])
    scale = torch.tensor([1.0, 0.25, 4.0]).view(3, 1, 1)
    assert_equal([w * scale for w in weights(plain)], weights(gained))
    others = [
        [p for layer in cohort.layers for p in layer.parameters()[1:]] for cohort in (plain, gained)
    ]
    assert_equal(*others)


def test_one_gain_for_each_seed_is_asked_for():
    with pytest.raises(ValueError, match="2 gains for 3 seeds; one each"):
        Cohort(SMALL, [1, 2, 3], gains=[1.0, 2.0])


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({}, 5 * 6 + 6 + 2 * (36 + 6) + 18 + 3),
        ({"normalizer": "batch"}, 5 * 6 + 2 * 36 + 3 * 12 + 18 + 3),
        ({"normalizer": "batch", "placement": "after"}, 5 * 6 + 2 * 36 + 3 * 18 + 18 + 3),
        ({"normalizer": "batch", "normalized": (2,)}, 5 * 6 + 2 * 36 + 6 + 12 + 6 + 18 + 3),
        ({"normalizer": "batch", "bias_before": "kept"}, 5 * 6 + 2 * 36 + 3 * 18 + 18 + 3),
        ({"normalizer": "batch", "affine": "frozen"}, 5 * 6 + 2 * 36 + 18 + 3),
        ({"normalize_inputs": True}, 5 * 6 + 6 + 2 * (36 + 6) + 18 + 3),
    ],
)
def test_parameters_are_counted_for_one_replica(change, count):
    assert Cohort(replace(SMALL, **change), [0, 1, 2]).parameter_count() == count


# ------------------------------------------------------------------ what a layer computes
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("change", [{}, {"normalizer": "batch"}, {"placement": "after"}])
@pytest.mark.parametrize("mode", ["train", "batch", "inference"])
def test_looking_at_the_layers_does_not_change_the_outputs(activation, change, mode):
    architecture = replace(NORMALIZED, activation=activation, **change)
    cohort, inputs = Cohort(architecture, [0, 1]), normal(2, 5, 7)
    with torch.no_grad():
        plain = cohort.forward(inputs, mode)
    intermediates = traced(Cohort(architecture, [0, 1]), inputs, mode)
    assert torch.equal(intermediates.pre_activations[-1], plain)


def test_a_trace_holds_every_layer_in_order():
    architecture = replace(NORMALIZED, normalized=(2,), activation="tanh")
    intermediates = traced(Cohort(architecture, [0, 1]), normal(2, 5, 7), "batch")
    assert [z.shape for z in intermediates.pre_activations] == [(2, 6, 7)] * 3 + [(2, 3, 7)]
    assert [n is None for n in intermediates.normalized] == [True, False, True]
    assert_close(intermediates.normalized[1].mean(2), torch.zeros(2, 6), atol=1e-6, rtol=0)
    assert torch.equal(intermediates.outputs[0], intermediates.pre_activations[0].tanh())
    assert torch.equal(intermediates.outputs[1], intermediates.normalized[1].tanh())


def test_after_the_activation_the_normalized_values_are_the_output():
    architecture = replace(NORMALIZED, placement="after")
    intermediates = traced(Cohort(architecture, [0]), normal(1, 5, 50), "batch")
    for output, normalized in zip(intermediates.outputs, intermediates.normalized, strict=True):
        assert torch.equal(output, normalized)
        assert_close(output.mean(2), torch.zeros(1, 6), atol=1e-5, rtol=0)


def test_a_skip_adds_the_input_of_each_hidden_layer_but_the_first():
    cohort = Cohort(replace(SMALL, skip=True), [0, 1])
    intermediates = traced(cohort, normal(2, 5, 7), "batch")
    h = intermediates.outputs[0]
    assert torch.equal(h, intermediates.pre_activations[0].relu())
    for index in (1, 2):
        h = h + intermediates.pre_activations[index].relu()
        assert torch.equal(intermediates.outputs[index], h)


@pytest.mark.parametrize("share", [0.2, 0.75])
def test_dropout_keeps_the_expectation(share):
    architecture = Architecture(5, 3, 1, 64, "sigmoid", dropout=share)
    cohort, inputs = Cohort(architecture, [0]), normal(1, 5, 4000)
    kept = traced(cohort, inputs, "train").outputs[0]
    whole = traced(cohort, inputs, "batch").outputs[0]
    assert (kept == 0).float().mean().item() == pytest.approx(share, abs=0.005)
    assert_close(kept[kept != 0], (whole / (1 - share))[kept != 0])
    assert kept.mean().item() == pytest.approx(whole.mean().item(), rel=0.02)


@pytest.mark.parametrize("mode", ["batch", "inference"])
def test_noise_and_dropout_are_off_outside_training(mode):
    noisy = replace(NORMALIZED, noise_after=True, dropout=0.5)
    inputs = normal(2, 5, 8)
    calm = traced(Cohort(NORMALIZED, [0, 1]), inputs, mode).pre_activations[-1]
    assert torch.equal(calm, traced(Cohort(noisy, [0, 1]), inputs, mode).pre_activations[-1])


@pytest.mark.parametrize("placement", ["before", "after"])
def test_the_noise_after_normalization_has_the_papers_distribution(placement):
    architecture = Architecture(
        5, 3, 1, 256, "identity", normalizer="batch", placement=placement, noise_after=True
    )
    cohort, inputs = Cohort(architecture, [0]), normal(1, 5, 2000)
    layer = cohort.layers[0]

    def noisy_constant(value):
        """What the noise makes of the same constant at every unit and sample: s value + m."""
        with cohort.untouched(), torch.no_grad():
            layer.gamma.fill_(0.0)
            layer.beta.fill_(value)
            return traced(cohort, inputs, "train").normalized[0][0]

    m = noisy_constant(0.0)
    s = noisy_constant(1.0) - m  # the same draws: untouched() winds the generators back
    mu, sigma = m.mean(1), s.mean(1)
    assert mu.abs().max() < 0.51
    assert mu.std().item() == pytest.approx(1 / math.sqrt(12), rel=0.15)
    assert (m - mu[:, None]).abs().max() < 0.11
    assert m.std(1).mean().item() == pytest.approx(0.2 / math.sqrt(12), rel=0.02)
    assert 0.99 < sigma.min() < 1.02
    assert 1.23 < sigma.max() < 1.26
    assert sigma.mean().item() == pytest.approx(1.125, abs=0.03)
    assert s.std(1).mean().item() == pytest.approx(0.1, rel=0.02)


def test_the_noise_is_drawn_anew_at_each_step():
    cohort, inputs = Cohort(replace(NORMALIZED, noise_after=True), [0]), normal(1, 5, 8)
    first, second = (traced(cohort, inputs, "train").normalized[0] for _ in range(2))
    assert not torch.allclose(first, second, atol=0.01)


def test_losses_and_accuracies_are_those_of_each_replica():
    logits = torch.tensor([[[2.0, 0.0], [0.0, 1.0]], [[0.0, 5.0], [0.0, 0.0]]])
    labels = torch.tensor([[0, 1], [1, 1]])
    expected = [
        (math.log1p(math.exp(-2)) + math.log1p(math.exp(-1))) / 2,
        (math.log(2) + math.log1p(math.exp(5))) / 2,
    ]
    assert_close(losses(logits, labels), torch.tensor(expected))
    assert accuracies(logits, labels).tolist() == [1.0, 0.0]


# ------------------------------------------------------------------ copying and putting back
def used(seeds):
    """A cohort with nothing left at its first value, and random draws behind it."""
    cohort = Cohort(replace(NORMALIZED, dropout=0.3, normalized=(1, 3)), seeds)
    with torch.no_grad():
        for index, parameter in enumerate(cohort.parameters()):
            parameter.add_(normal(*parameter.shape, seed=index))
    traced(cohort, normal(len(seeds), 5, 8), "train")
    return cohort


def test_selected_replicas_are_copies_that_behave_the_same():
    whole = used([1, 2, 3])
    before, inputs = state(whole), normal(3, 5, 8)
    part = whole.select([2, 0])
    chosen = traced(part, inputs[[2, 0]], "train").pre_activations[-1]
    assert_equal(before, state(whole))
    assert part.replicas == 2
    assert torch.equal(chosen, traced(whole, inputs, "train").pre_activations[-1][[2, 0]])


@pytest.mark.parametrize("most", [1, 2, 3])
def test_parts_to_look_at_share_their_tensors_and_give_the_same_bits(most):
    whole, inputs = used([1, 2, 3]), normal(3, 5, 8)
    parts = list(in_parts(whole, most))
    assert [part.replicas for part in parts] == {1: [1, 1, 1], 2: [2, 1], 3: [3]}[most]
    shown = [
        part.forward(one, "inference") for part, one in zip(parts, inputs.split(most), strict=True)
    ]
    assert torch.equal(torch.cat(shown), whole.forward(inputs, "inference"))
    with torch.no_grad():
        for tensor in whole.parameters() + whole.buffers():
            tensor.add_(1)
    for mine, theirs in zip(whole.layers, parts[0].layers, strict=True):
        assert torch.equal(mine.weight[:most], theirs.weight)
        if mine.running is not None:
            assert torch.equal(mine.running.mean.view(3, -1)[:most].flatten(), theirs.running.mean)


def test_select_and_paste_are_a_round_trip():
    whole = used([1, 2, 3])
    part, before, inputs = whole.select([2, 0]), state(whole), normal(3, 5, 8)
    with whole.untouched():
        expected = traced(whole, inputs, "train").pre_activations[-1]
    traced(whole, inputs, "train")
    with torch.no_grad():
        for parameter in whole.parameters():
            parameter.view(3, -1)[[0, 2]] = 0.0
    whole.paste(part, [2, 0])
    for now, then in zip(state(whole)[: len(whole.parameters())], before, strict=False):
        assert torch.equal(now, then)
    assert torch.equal(traced(whole, inputs, "train").pre_activations[-1][[2, 0]], expected[[2, 0]])


@pytest.mark.parametrize("kept", [[], [1], [2, 1, 0], [0, 0]])
def test_any_selection_keeps_the_kind_of_every_tensor(kept):
    part = used([1, 2, 3]).select(kept)
    assert [p.dim() for p in part.parameters()] == [p.dim() for p in used([1]).parameters()]
    assert all(p.requires_grad and p.is_leaf for p in part.parameters())
    assert not any(b.requires_grad for b in part.buffers())


@pytest.mark.parametrize("fails", [False, True])
def test_untouched_brings_everything_back_even_after_an_exception(fails):
    cohort, inputs = used([1, 2]), normal(2, 5, 8)
    before = state(cohort)
    with cohort.untouched():
        expected = traced(cohort, inputs, "train").pre_activations[-1]

    def meddle():
        with cohort.untouched():
            traced(cohort, inputs, "train")
            with torch.no_grad():
                for tensor in cohort.parameters() + cohort.buffers():
                    tensor.fill_(torch.nan)
            if fails:
                raise RuntimeError("inside")

    if fails:
        with pytest.raises(RuntimeError, match="inside"):
            meddle()
    else:
        meddle()
    assert_equal(before, state(cohort))
    assert torch.equal(expected, traced(cohort, inputs, "train").pre_activations[-1])


def test_ghost_batches_reach_the_layers():
    chunked = replace(NORMALIZED, options=Options(ghost_batch_size=4))
    inputs = normal(1, 5, 8)
    halves = [traced(Cohort(NORMALIZED, [0]), half, "batch") for half in inputs.split(4, dim=2)]
    expected = torch.cat([half.pre_activations[-1] for half in halves], dim=2)
    assert_close(traced(Cohort(chunked, [0]), inputs, "batch").pre_activations[-1], expected)


# ------------------------------------------------------------------ by layer
def test_a_list_that_pairs_with_the_parameters_is_put_in_its_places():
    change = {"normalizer": "batch", "normalized": (2,), "placement": "after"}
    cohort = Cohort(Architecture(5, 3, 2, 4, **change), [0, 1])
    numbered = [torch.full_like(p, place) for place, p in enumerate(cohort.parameters())]
    first, second, last = cohort.by_layer(numbered)
    assert [float(t.flatten()[0]) for t in first.all()] == [0, 1]
    assert first.gamma is None
    assert first.beta is None
    assert [float(t.flatten()[0]) for t in second.all()] == [2, 3, 4, 5]
    assert float(second.gamma[0]) == 4
    assert float(last.bias[0, 0, 0]) == 7
    for layer, its in zip(cohort.layers, cohort.by_layer(cohort.parameters()), strict=True):
        assert its.weight is layer.weight
        assert its.bias is layer.bias


def test_constants_have_no_place_among_the_trained():
    cohort = Cohort(Architecture(5, 3, 2, 4, normalizer="batch", affine="frozen"), [0])
    assert all(one.gamma is one.beta is None for one in cohort.by_layer(cohort.parameters()))
    assert all(layer.held().gamma is layer.gamma for layer in cohort.layers)
    with pytest.raises(ValueError, match="3 tensors for 4 parameters"):
        cohort.by_layer(cohort.parameters()[1:])
