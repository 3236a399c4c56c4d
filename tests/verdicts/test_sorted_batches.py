"""What sorted batches cost is judged, beside the same networks on mixed ones."""

import numpy as np
import pytest

from bnviz.experiments import company, sorted_batches
from bnviz.experiments.batches import BatchesConfig
from bnviz.verdicts.sorted_batches import judge
from tests.made.batches import made_sorted


def verdict(**arguments):
    return judge(made_sorted(**arguments))


class TestOutcome:
    @pytest.mark.parametrize(
        ("few", "mixed", "expected"),
        [
            ((0.92, 0.7, 0.9, 0.92), 0.95, "hurt"),
            ((0.7, 0.7, 0.9, 0.92), 0.95, "hurt all"),
            ((0.2, 0.1, 0.2, 0.93), 0.95, "hurt all"),
            ((0.9, 0.94, 0.9, 0.9), 0.95, "no harm"),
            ((0.9, np.nan, 0.9, 0.9), 0.95, "hurt"),
            ((0.2, 0.2, 0.2, 0.2), 0.3, "no comparison"),
        ],
    )
    def test_of_bn_beside_itself(self, few, mixed, expected):
        assert verdict(few=few, mixed=(mixed,) * 4).outcome == expected

    def test_two_classes_cannot_be_sorted_into_two(self):
        assert verdict(dataset="moons").outcome == "all classes"
        assert verdict(dataset="moons", classes=1).outcome != "all classes"

    def test_in_how_many_seeds(self):
        result = made_sorted()
        result.accuracy["batch"][0, -1] = 0.94
        assert judge(result).worse_in == 1
        assert judge(result).outcome == "unclear"  # one of two is no rule


class TestControl:
    def test_who_loses_without_any_batch_statistics(self):
        assert verdict(few=(0.92, 0.7, 0.9, 0.94)).losing == ("plain",)
        assert verdict(few=(0.94, 0.7, 0.5, 0.94)).losing == ()  # renormalization has statistics
        both = verdict(few=(0.5, 0.7, 0.9, 0.8))
        assert (both.losing, both.no_less) == (("plain", "layer"), ("plain",))

    def test_who_never_learns_loses_nothing(self):
        assert verdict(few=(0.2, 0.7, 0.9, 0.94), mixed=(0.4, 0.95, 0.95, 0.95)).losing == ()

    def test_each_beside_itself_and_beside_bn(self):
        plain, renorm, layer = verdict(few=(0.5, 0.7, 0.71, 0.92)).others
        assert (plain.kind, plain.cost, plain.against_batch) == ("plain", "first", "second")
        assert (renorm.kind, renorm.cost, renorm.against_batch) == ("renorm", "first", "same")
        assert (layer.kind, layer.cost, layer.against_batch) == ("layer", "first", "first")


class TestCompany:
    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"own": 0.9}, "good"),
            ({"own": 0.2, "few": (0.9, 0.1, 0.9, 0.9)}, "better"),
            ({"own": 0.7}, "same"),
            ({"own": 0.4}, "tells apart"),
            ({"own": 0.4, "among": 0.45}, "worse"),
            ({"own": 0.6, "among": 0.99}, "worse"),  # it tells them from all others, too
            ({"own": 0.4, "classes": 1, "among": 1.0}, "worse"),
        ],
    )
    def test_beside_inference(self, changes, told):
        assert verdict(**changes).company.told == told

    def test_of_who_diverged_there_is_none(self):
        assert verdict(few=(0.9, np.nan, 0.9, 0.9)).company is None


def test_runs_that_diverged():
    result = made_sorted()
    result.diverged_at["plain"][:] = 3
    result.mixed_diverged_at["layer"][0] = 3
    (few,), (mixed,) = judge(result).lost, judge(result).mixed_lost
    assert (few.kind, few.runs, few.of) == ("plain", 2, 2)
    assert (mixed.kind, mixed.runs, mixed.of) == ("layer", 1, 2)


class TestWhatThePageClaims:
    """At its own settings, over five seeds."""

    def test_sorted_batches_hurt_all_and_renormalization_helps_most(self):
        skewed = sorted_batches.run(sorted_batches.few_classes(BatchesConfig(), 2))
        ends = {kind: values[:, -1] for kind, values in skewed.accuracy.items()}
        assert (skewed.mixed["batch"][:, -1] - ends["batch"] > 0.2).all()
        assert (ends["renorm"] > ends["batch"]).all()
        found = judge(skewed)
        assert (found.outcome, found.company.told) == ("hurt all", "tells apart")
        assert found.losing == ("plain", "layer")
        plain, renorm, layer = found.others
        assert renorm.few > max(plain.few, layer.few)
        assert renorm.lost < min(plain.lost, found.batch.lost, layer.lost)

    def test_one_class_in_each_batch(self):
        chosen = BatchesConfig(classes=1, depth=2, learning_rate=0.1, steps=200)
        found = judge(sorted_batches.run(sorted_batches.few_classes(chosen, chosen.classes)))
        assert found.outcome == "hurt"
        assert (found.worse_in, found.no_less, found.ruined) == (5, (), ())
        assert found.batch.few < 0.2
        assert all(other.against_batch == "first" for other in found.others)

    def test_a_prediction_depends_on_its_company_less_in_larger_batches(self):
        ratios = []
        for seed in range(5):
            chosen = company.SampleConfig.like(BatchesConfig(), first_seed=seed)
            probability = company.run(chosen).in_batches.probability
            low, high = np.nanquantile(probability, [0.1, 0.9], axis=1)
            ratios.append((high[0] - low[0]) / (high[-1] - low[-1]))
        assert min(ratios) > 1
        assert np.median(ratios) > 2
