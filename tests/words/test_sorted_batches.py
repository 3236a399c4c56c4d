"""Sorted batches, and one sample in many, in sentences."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.experiments import company
from bnviz.verdicts import company as of_company
from bnviz.verdicts.sorted_batches import judge
from bnviz.words.batches import company as company_words
from bnviz.words.batches import sorted_batches as words
from tests.made.batches import made_sorted
from tests.samples import tiny


def said(**arguments):
    return words.findings(judge(made_sorted(**arguments)))


def everything(told):
    return (*told.more, *told.further)


class TestSorted:
    def test_hurt_bn(self):
        told = said()
        assert told.headline == (
            "Sorted batches hurt BN: 70 % test accuracy, after mixed batches 95 %; worse in both"
            " seeds."
        )
        company, plain, renorm, layer, others = everything(told)
        assert "40 % test accuracy. Asked only which of the 2 classes of the batch it is" in company
        assert plain == (
            "Plain has 92 % test accuracy after sorted batches, after mixed ones 95 %. That is"
            " better than BN: it has no statistics that could be skewed."
        )
        assert renorm.startswith(
            "Batch renormalization has 90 % test accuracy after sorted batches, after"
        )
        assert layer.startswith("Layer norm has 92 % test accuracy")
        assert others.startswith(
            "Sorted batches cost accuracy with plain and layer norm, too: they are hard"
        )
        assert others.endswith("BN loses more.")

    def test_hurt_everybody(self):
        told = said(few=(0.7, 0.7, 0.9, 0.93))
        assert told.headline.startswith("Sorted batches hurt here, with BN or without.")
        assert everything(told)[-1].endswith("BN loses no more than plain.")

    def test_who_had_less_to_lose_may_be_at_its_end_as_well(self):
        told = said(few=(0.2, 0.1, 0.9, 0.3), mixed=(0.8, 0.95, 0.95, 0.85))
        assert told.headline.startswith("Sorted batches hurt here, with BN or without.")
        assert everything(told)[-1].endswith("With plain and layer norm too little is learned.")

    def test_do_no_harm(self):
        told = said(few=(0.9, 0.94, 0.9, 0.94))
        assert told.headline.startswith("Sorted batches do BN no harm here: 94 %")
        assert everything(told)[-1] == (
            "Sorted batches cost accuracy with plain: they are hard on SGD itself, with or without"
            " statistics."
        )

    def test_the_seeds_do_not_agree(self):
        result = made_sorted(few=(0.94, 0.7, 0.7, 0.94), own=0.7)
        for values in (result.accuracy["batch"], result.in_company["batch"]):
            values[0, -1] = 0.95
        told = words.findings(judge(result))
        assert told.headline.startswith("The seeds do not agree whether sorted batches hurt BN")
        assert "Whether BN is better, the seeds do not agree." in told.more[2]
        result.in_company["batch"][:, -1] = [0.4, 0.95]
        result.accuracy["batch"][:, -1] = [0.7, 0.95]
        assert "which mode is better" in words.findings(judge(result)).text

    def test_nobody_else_loses(self):
        assert "SGD itself" not in said(few=(0.94, 0.7, 0.9, 0.94)).text

    def test_mixed_batches_are_not_learned_either(self):
        told = said(few=(0.2, 0.2, 0.2, 0.2), mixed=(0.9, 0.3, 0.9, 0.9))
        assert told.headline.startswith(
            "No comparison here: BN learns too little on mixed batches (30 %)."
        )
        assert "SGD itself" not in told.text

    def test_in_the_company_it_knows(self):
        assert "good among the classes it knows" in said(own=0.9).more[0]
        better = said(own=0.2, few=(0.9, 0.1, 0.9, 0.9)).more[0]
        assert "better among the classes" in better
        assert said(own=0.7).more[0].endswith(" At inference it has about the same.")
        assert said(among=0.45).more[0].endswith("40 % test accuracy.")

    @pytest.mark.parametrize(
        ("renorm", "told"), [(0.71, "no better than BN."), (0.5, "worse than BN.")]
    )
    def test_a_cure_that_cures_nothing(self, renorm, told):
        assert said(few=(0.9, 0.7, renorm, 0.9)).more[2].endswith(told)

    def test_better_than_bn_and_no_cure(self):
        told = said(few=(0.9, 0.1, 0.3, 0.9)).more[2]
        assert told.endswith("better than BN, but it learns too little as well.")

    def test_divergences(self):
        told = said(few=(0.9, 0.7, np.nan, 0.9)).more
        assert told[2] == (
            "Batch renormalization diverged on sorted batches; after mixed ones it has 95 % test"
            " accuracy."
        )
        both = said(few=(np.nan, 0.7, 0.9, 0.9), mixed=(np.nan, 0.95, 0.95, 0.95)).more[1]
        assert both == "Plain diverged on sorted batches; on mixed ones too."
        nobody = said(few=(0.9, np.nan, 0.8, 0.9))
        assert nobody.headline.startswith(
            "Sorted batches hurt BN: it diverged, worse in both seeds; after mixed batches it has"
        )
        assert "than BN" not in nobody.text
        result = made_sorted()
        result.diverged_at["plain"][:] = 3
        result.mixed_diverged_at["layer"][:1] = 3
        *_, few, mixed = everything(words.findings(judge(result)))
        assert few == "Plain diverged in 2 of 2 runs, which are left out."
        assert mixed == "Layer norm diverged in 1 of 2 runs on mixed batches, which are left out."

    def test_two_classes_cannot_be_sorted_into_two(self):
        told = said(dataset="moons")
        assert "nothing is skewed" in told.headline
        assert told.more == ()
        assert "test batches that hold one class" in said(dataset="moons", classes=1).more[0]


def test_the_sample_in_words():
    small = company.run(company.SampleConfig.like(tiny("batches", steps=40)))

    def told(**changes):
        return company_words.told(of_company.judge(replace(small, **changes)))

    assert told().startswith(
        "One network (BN, trained in batches of 32) gives one test image of an 8 a"
    )
    low, high = np.nanquantile(small.in_batches.probability[0], [0.1, 0.9])
    assert f"batch-mates: {100 * low:.0f} to {100 * high:.0f} % in batches of 2" in told()
    assert told().endswith(f"Layer norm says {100 * small.by_layer:.0f} % in any batch.")
    unknown = np.full_like(small.in_batches.probability, np.nan)
    assert "diverged" in told(in_batches=replace(small.in_batches, probability=unknown))
    assert "in batches of 32, as it was before it diverged)" in told(lost=True)
    assert "Layer norm" not in told(by_layer=float("nan"))
