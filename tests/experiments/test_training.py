"""The one builder: what it trains is what stands there in full, for every kind of question."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from bnviz.engine.networks import Cohort
from bnviz.engine.sequences import RecurrentArchitecture, RecurrentCohort
from bnviz.engine.training import train
from bnviz.experiments.jobs import side_by_side
from bnviz.experiments.training import in_parts, seeds_of, then, training
from tests.samples import home_config

BN = {"normalizer": "batch"}


def silently(job):
    return job(lambda step: None)


def same(one, other):
    """Whether two histories agree to the bit, in what was recorded and in the weights."""
    recorded = ("steps", "batch_losses", "test_losses", "test_accuracies")
    ends = zip(one.cohort.parameters(), other.cohort.parameters(), strict=True)
    return all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in recorded
    ) and all(torch.equal(a, b) for a, b in ends)


class TestTraining:
    def test_it_is_seeds_cohort_plan_train(self):
        config = home_config(seeds=3, first_seed=4, gain=0.5)
        seeds = range(4, 7)
        cohort = Cohort(config.architecture(**BN), seeds, [0.5] * 3)
        by_hand = train(cohort, seeds, config.data(), config.plan(3), record_at=[0, 5])
        assert seeds_of(config) == seeds
        assert same(silently(training(config, BN, record_at=[0, 5])), by_hand)

    def test_seeds_gains_and_plan_may_be_given(self):
        config = home_config()
        plan = replace(config.plan(2), learning_rates=(0.1, 0.3), steps=4)
        given = training(config, BN, seeds=[7, 9], gains=[1.0, 2.0], plan=plan, record_at=[4])
        history = silently(given)
        alone = config.model_copy(update={"first_seed": 9, "seeds": 1, "gain": 2.0})
        other = silently(training(alone, BN, plan=replace(plan, learning_rates=(0.3,))))
        assert history.batch_losses.shape == (2, 4)
        np.testing.assert_array_equal(history.batch_losses[1], other.batch_losses[0])

    def test_another_kind_of_network_is_built_in_the_job(self):
        config, built = home_config(), []
        network = RecurrentArchitecture(64, 10, width=8, normalizer="batch")

        def build(seeds, gains):
            built.append((list(seeds), list(gains)))
            return RecurrentCohort(network, seeds, gains)

        job = training(config, build=build, record_at=[])
        assert not built
        assert isinstance(silently(job).cohort, RecurrentCohort)
        assert built == [([0, 1], [1.0, 1.0])]

    def test_probes_and_whether_it_is_tested_reach_the_training(self):
        seen = []
        probes = [lambda snapshot: seen.append(snapshot.step) or {}]
        job = training(home_config(), record_at=[0, 8], probes=probes, tested=False)
        assert np.isnan(silently(job).test_losses).all()
        assert seen == [0, 8]

    def test_what_cannot_be_is_said_before_anything_trains(self):
        config = home_config()
        with pytest.raises(ValueError, match="changes"):
            training(config, BN, build=partial(Cohort, config.architecture()))
        with pytest.raises(ValueError, match="normalizer"):
            training(config, {"normalizer": "botch"})


class TestThen:
    def test_what_is_looked_at_afterwards_takes_the_place_of_the_result(self):
        job = then(training(home_config(), record_at=[8]), lambda history: history.cohort.replicas)
        assert side_by_side({"one": job}, 8) == {"one": 2}


class TestInParts:
    def test_trainings_of_different_lengths_report_alike(self):
        told = []
        plan = replace(home_config().plan(2), steps=5)
        job = in_parts(training(home_config(), plan=plan, record_at=[]), 5, 100)
        job(told.append)
        assert told == [20, 40, 60, 80, 100]
