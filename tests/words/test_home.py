"""The front door in sentences: every one comes out differently where the result is different."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.verdicts.home import judge
from bnviz.words import home as words
from bnviz.words.home.findings import findings
from tests.made.home import BROKEN, DEPTH, made, sick


def everything(result):
    said = findings(judge(result))
    return [said.headline, *said.more, *said.further]


def told(**changes):
    return everything(made(**changes))


class TestFates:
    def test_all_learned(self):
        _, first, second, *_ = told(accuracies=((0.9, 0.9), (0.95, 0.97)))
        assert first == "**The plain network learned** in both seeds: 90 % test accuracy."
        assert "BN in every layer learned** in both seeds: 95 to 97 %" in second

    @pytest.mark.parametrize(
        ("ends", "lost", "said"),
        [
            ((0.9, 0.9, 0.2), 0, "learned in 2 of 3 seeds and did not learn in 1."),
            ((0.9, np.nan, np.nan), 2, "learned in 1 of 3 seeds and diverged in 2."),
            ((0.2, np.nan, np.nan), 2, "diverged in 2 of 3 seeds and did not learn in 1."),
            (
                (0.9, 0.2, np.nan),
                1,
                "learned in 1 of 3 seeds; in the others it diverged or did not learn.",
            ),
        ],
    )
    def test_each_fate_is_told_with_its_seeds(self, ends, lost, said):
        at = ((NEVER,) * (3 - lost) + (2,) * lost, (NEVER,) * 3)
        every = told(accuracies=(ends, (0.9,) * 3), diverged=at)
        assert every[1] == f"**The plain network** {said}"
        where = {
            "The plain network has 90 % test accuracy where it learned.": ends[0] == 0.9,
            "The plain network has 20 % test accuracy where it did not learn.": 0.2 in ends,
            "The plain network diverged at step 2.": lost > 0,
        }
        assert [text for text in every if text in where] == [
            t for t, there in where.items() if there
        ]

    def test_nobody_learned(self):
        said = told(accuracies=((0.1, 0.2), (0.9, 0.9)))[1]
        assert said == (
            "**The plain network** did not learn in either of 2 seeds (10 to 20 % test accuracy)."
        )

    def test_divergences_at_different_steps(self):
        nan = np.nan
        said = told(accuracies=((nan, nan), (0.9, 0.9)), diverged=((1, 3), (NEVER, NEVER)))[1]
        assert "diverged in both seeds, at steps 1 to 3" in said

    @pytest.mark.parametrize(
        ("normalized", "name"),
        [
            ((1, 2, 3), "The network with BN in every layer"),
            ((2,), "The network with BN in layer 2"),
            ((1, 3), "The network with BN in some layers"),
            ((), "The second network (no layer has BN)"),
        ],
    )
    def test_the_second_network_is_called_by_its_layers(self, normalized, name):
        assert name in told(normalized=normalized)[2]


class TestFirstCollapse:
    def test_the_output_layer_has_its_name(self):
        result = made(
            ((np.nan, 0.9), (0.9, 0.9)),
            ((3, NEVER), (NEVER, NEVER)),
            overflowed=np.array([[DEPTH + 1, NEVER], [NEVER, NEVER]]),
        )
        assert "the output layer of the plain network failed first" in everything(result)[3]

    def test_the_first_seed_that_did_not_learn_is_told(self):
        result = made(((0.9, 0.1), (0.9, 0.9)), **sick("idle", 1.0, step=1, layer=3, seed=1))
        assert judge(result).first_to_go.layer == 3
        assert "In seed 2, **layer 3 of the plain network failed first**" in everything(result)[3]

    def test_a_collapse_of_a_network_that_learned_all_the_same_is_no_cause(self):
        result = made(**sick("idle", 1.0, step=1, layer=3))
        assert judge(result).first_to_go is None
        assert not any("failed" in sentence for sentence in everything(result))

    def test_causes_of_both_networks(self):
        arrays = sick("idle", 1.0, step=1, layer=3)
        arrays |= sick("signal", 1e-4, step=2, layer=1, treatment=1)
        *_, plain, batch = told(accuracies=((0.1, 0.1), (0.1, 0.1)), **arrays)
        assert plain.startswith(
            "At step 1, layer 3 of the plain network failed. Of its units, 100 %"
        )
        assert batch.startswith("At step 2, layer 1 of the BN network failed. Its output varied by")


class TestSeveralLayers:
    def ill(self, layers, seed=0, seeds=2):
        changes = {"accuracies": ((0.1,) * seeds, (0.9,) * seeds)}
        array = made(**changes, diverged=((NEVER,) * seeds,) * 2).idle.copy()
        for layer in layers:
            array[0, seed, 1:, layer - 1] = 0.6 + layer / 100
        return array

    @pytest.mark.parametrize(
        ("layers", "named"),
        [((1, 2, 3), "layers 1 to 3"), ((1, 3), "2 layers"), ((2, 3), "layers 2 and 3")],
    )
    def test_that_go_together_are_all_told(self, layers, named):
        said = told(accuracies=BROKEN, idle=self.ill(layers))[3]
        begin = (
            f"In seed 1, **{named} of the plain network failed first**, together. In layer 3, half"
        )
        assert said.startswith(begin)

    def test_in_the_other_seeds(self):
        idle = self.ill((3,))
        idle[0, 1] = self.ill((2, 3))[0, 0]
        said = told(accuracies=BROKEN, idle=idle)[3]
        assert said.endswith("In the other seed it was layers 2 and 3.")
        three = {"accuracies": ((0.1,) * 3, (0.9,) * 3), "diverged": ((NEVER,) * 3,) * 2}
        idle = self.ill((3,), seeds=3)
        idle[0, 1:] = self.ill((2, 3))[0, 0], self.ill((1,))[0, 0]
        said = told(**three, idle=idle)[3]
        assert said.endswith("In the other seeds it was one or more of layers 1 to 3.")
        idle[0, 2] = self.ill((2,))[0, 0]
        said = told(**three, idle=idle)[3]
        assert said.endswith("In the other seeds it was one or both of layers 2 and 3.")

    def test_one_other_seed_of_several_is_not_the_other(self):
        idle = self.ill((3,), seeds=4)
        idle[0, 1] = self.ill((2,))[0, 0]
        said = told(accuracies=((0.1,) * 4, (0.9,) * 4), diverged=((NEVER,) * 4,) * 2, idle=idle)[3]
        assert said.endswith("In one other seed it was layer 2, in some other seeds it was none.")

    def test_where_none_left_in_the_seed_that_is_told(self):
        said = told(accuracies=BROKEN, idle=self.ill((2,), seed=1))[3]
        assert "In seed 1 of the plain network, no layer failed." in said
        assert said.endswith("In the other seed, layer 2 failed first.")

    def test_by_a_step_that_follows_unrecorded_ones(self):
        result = replace(made(BROKEN, idle=self.ill((3,))), steps=np.array([0, 5, 6, 7, 8]))
        assert (
            "By step 5, layer 3 of the plain network had failed. Of its units, 63 % were dead."
        ) in " ".join(everything(result))


class TestHowItWent:
    def story(self, **changes):
        """What is said of it, and what follows in numbers."""
        return " ".join(told(accuracies=BROKEN, **changes)[3:])

    def test_exploded(self):
        said = self.story(**sick("signal", 2500.0, step=2, layer=2))
        assert "the signal grew to a hundred times its size at the start, or more." in said
        assert (
            "At step 2, layer 2 of the plain network failed. Its signal was 2,500 times that"
            in said
        )
        beyond = self.story(**sick("signal", np.inf, step=2, layer=2))
        assert "failed. Its signal was beyond all bounds." in beyond

    def test_faint(self):
        said = self.story(**sick("signal", 2e-4, step=2, layer=2))
        assert "the output hardly varies from sample to sample" in said
        assert "failed. Its output varied by 0.0002." in said
        assert "did not vary at all." in self.story(**sick("signal", 0.0, step=2, layer=2))

    def test_dead_and_saturated(self):
        ill = sick("idle", 0.75, step=2, layer=2)
        said = self.story(**ill)
        assert "half of the units or more were dead, zero for every sample, so no gradient" in said
        assert "passes through them." in said  # the others still pass it on
        assert "Of its units, 75 % were dead." in said
        said = self.story(activation="tanh", **ill)
        assert "half of the values or more were saturated" in said
        assert "Of its values, 75 % were saturated." in said

    def test_blames_the_initialization_where_nothing_was_updated_yet(self):
        said = self.story(**sick("signal", 1e-4, step=0, layer=2))
        assert "the initialization did it, not the learning rate" in said
        assert "initialization" not in self.story(**sick("signal", 1e-4, step=1, layer=2))

    def test_says_how_far_one_update_moved_the_weights(self):
        ill = sick("signal", 2500.0, step=2, layer=2)
        assert "by 10 % of their length" in self.story(learning_rate=1.0, **ill)
        assert "by 5 % of their length" in self.story(learning_rate=0.5, **ill)
        assert "by 0.1 % of their length" in self.story(learning_rate=0.01, **ill)

    @pytest.mark.parametrize("optimizer", ["momentum", "adam"])
    def test_says_nothing_of_an_update_it_cannot_know(self, optimizer):
        said = self.story(optimizer=optimizer, **sick("signal", 2500.0, step=2, layer=2))
        assert "of their length" not in said

    def test_too_low_a_rate(self):
        said = self.story(learning_rate=0.001)
        assert "no layer failed" in said
        assert "too low for 4 steps" in said

    def test_no_update_is_more_than_less_than_something(self):
        said = self.story(learning_rate=1e-4)
        assert "by more than 0.01 % of their length" in said

    def test_one_step_was_not_enough(self):
        rising = made(BROKEN, steps=1, learning_rate=1.0).test_accuracy.copy()
        rising[0, 0] = (0.1, 0.1, 0.1, 0.1, 0.4)
        run = {"steps": 1, "learning_rate": 1.0, "test_accuracy": rising}
        assert "1 step was not enough" in self.story(**run)
        rising[0, 0] = (0.1, 0.1, 0.1, 0.6, 0.4)
        assert "After a best of 60 %" in self.story(**run)  # what fell back is not still rising

    def test_only_an_accuracy_that_fell_back_does_not_settle(self):
        assert "was never above 10 % in 4 steps" in self.story(learning_rate=1.0)
        restless = made(BROKEN).test_accuracy.copy()
        restless[0, 0, 2] = 0.5
        said = self.story(learning_rate=1.0, test_accuracy=restless)
        assert "After a best of 50 % its accuracy ended at 10 %: it does not settle" in said

    def test_a_batch_of_one_is_no_question_of_the_rate(self):
        head, *_, story = told(accuracies=((0.1, 0.1), (0.1, 0.1)), batch_size=1)
        assert "of the BN network, every mini-batch is one sample" in story
        assert head == "Neither network learns: from one sample, BN passes on β alone."

    def test_no_reason_is_made_up_where_the_update_is_not_known(self):
        said = self.story(learning_rate=0.001, optimizer="adam")
        assert "too low" not in said
        assert "of their length" not in said


class TestHeadline:
    def headline(self, plain, batch, **changes):
        return told(accuracies=(plain, batch), **changes)[0]

    @pytest.mark.parametrize(
        ("batch", "ahead", "gap"),
        [
            (
                0.95,
                "both networks learn, and BN ends higher.",
                "BN is 5 percentage points above plain, by the medians.",
            ),
            (
                0.85,
                "learn here, and BN does not help: it ends lower.",
                "plain is 5 percentage points above BN",
            ),
            (0.91, "learn about equally well.", ""),
        ],
    )
    def test_both_learn(self, batch, ahead, gap):
        headline, *more = told(accuracies=((0.9, 0.9), (batch, batch)))
        assert headline.endswith(ahead)
        assert gap in " ".join(more)
        assert ("At the end" in " ".join(more)) == bool(gap)

    def test_seeds_that_disagree_are_no_order(self):
        said = self.headline((0.9, 0.9), (0.7, 0.95))
        assert said == "Both networks learn here, and neither ends clearly higher."

    def test_bn_helps(self):
        said = self.headline((0.1, 0.1), (0.9, 0.9), learning_rate=1.0)
        assert said == "At a learning rate of 1 only BN learns."

    def test_bn_helps_in_some_seeds(self):
        said = self.headline((0.1, 0.1), (0.9, 0.1))
        assert said.endswith("BN learns in more seeds than plain.")

    @pytest.mark.parametrize(
        ("plain", "batch", "seeds"),
        [((0.9, 0.9), (0.1, 0.1), "more"), ((0.9, 0.1), (0.1, 0.9), "as many")],
    )
    def test_bn_does_not_help(self, plain, batch, seeds):
        said = self.headline(plain, batch)
        assert said == f"BN does not help here: plain learns in {seeds} seeds."

    def test_neither_because_the_rate_is_too_high(self):
        said = self.headline((0.1, 0.1), (0.1, 0.1), learning_rate=10.0)
        assert said == "Neither network learns in 4 steps at this learning rate."
        torn = sick("idle", 1.0, step=1, layer=3, treatment=1)
        torn["idle"][1, 1] = torn["idle"][1, 0]  # in more than half of the seeds
        said = self.headline((0.1, 0.1), (0.1, 0.1), learning_rate=10.0, **torn)
        assert said == "Neither network learns: even with BN a rate can be too high."
        said = self.headline((0.1, 0.1), (0.1, 0.1), learning_rate=10.0, normalized=(1,), **torn)
        assert said == "Neither network learns: BN in these layers is not enough."
        torn["idle"][1, 1] = 0  # one of two seeds is no rule
        said = self.headline((0.1, 0.1), (0.1, 0.1), learning_rate=10.0, normalized=(1,), **torn)
        assert said == "Neither network learns in 4 steps at this learning rate."

    @pytest.mark.parametrize("ends", [(0.9, 0.9), (0.1, 0.1)])
    def test_without_bn_nothing_is_said_of_it(self, ends):
        said = told(accuracies=(ends, ends), normalized=())
        assert said[0].startswith("No layer has BN: both are the same network, at a rate of")
        assert not any("BN network" in one for one in said)

    def test_neither_because_the_rate_is_too_low(self):
        said = self.headline((0.1, 0.1), (0.1, 0.1), learning_rate=0.001)
        assert "too low for 4 steps" in said
        assert "either network learns" not in said
        ill = sick("signal", 1e-4, step=0, layer=2)  # before the first update: not the rate's doing
        said = self.headline((0.1, 0.1), (0.1, 0.1), learning_rate=0.001, **ill)
        assert said == "Neither network learns in 4 steps at this learning rate."

    def test_one_seed_that_diverged_at_once_does_not_hide_what_the_others_did(self):
        gradient = made().gradient.copy()
        gradient[0, 0] = np.nan  # it recorded nothing
        gradient[1] *= 50
        for order in (gradient, gradient[:, ::-1]):
            said = self.headline((0.1, 0.1), (0.1, 0.1), learning_rate=0.001, gradient=order)
            assert "too low" not in said


def outcome(name, result):
    (challenge,) = (one for one in words.CHALLENGES if one.name == name)
    told = challenge.outcome(judge(result))
    assert told.right is None or told.right in challenge.answers
    return told


class TestChallenges:
    """What a run answers, at the borders between two answers."""

    def test_which_half_fails_first_counts_seeds(self):
        ill = sick("idle", 1.0, step=1, layer=3)["idle"]
        assert outcome("break", made(BROKEN, idle=ill)).right == "it differs"  # one of two seeds
        ill[0, 1, 1:, 0] = 1.0
        told = outcome("break", made(BROKEN, idle=ill))
        assert told.right == "it differs"
        assert "near the input in 1 of 2 seeds and near the output in 1 of 2 seeds" in told.why
        ill[0, 1, 1:, 2] = 1.0
        told = outcome("break", made(BROKEN, idle=ill))
        assert told.right == "it differs"
        assert "near the output in 1 of 2 seeds and in both halves in the others." in told.why
        ill[0, 1, 1:, 0] = 0.0
        told = outcome("break", made(BROKEN, idle=ill))
        assert told.right == "those near the output"
        assert "stood near the output in both seeds." in told.why

    def test_which_part_fails_first_where_none_does(self):
        told = outcome("break", made())
        assert told.right is None
        assert told.why == "No layer of the plain network failed."

    @pytest.mark.parametrize("dark", range(DEPTH + 1))
    def test_how_many_columns_are_dark(self, dark):
        units = made().unit_signal
        units[0, -1, :dark] = 0.0
        told = outcome("dark", made(BROKEN, unit_signal=units))
        assert told.right == (
            "none" if not dark else "all of them" if dark == 3 else "some of them"
        )
        assert f": {dark or 'none'} of plain's 3 layers, none of BN's." in told.why

    @pytest.mark.parametrize("name", ["one-layer", "too-far"])
    @pytest.mark.parametrize(
        ("ends", "right"),
        [
            ((0.1, 0.1, 0.1), "no"),
            ((0.9, 0.1, 0.1), "in a few seeds only"),
            ((0.9, 0.9, 0.1), "yes, in most seeds"),
        ],
    )
    def test_whether_the_network_with_bn_learns(self, name, ends, right):
        never = ((NEVER,) * 3,) * 2
        told = outcome(name, made(((0.1, 0.1, 0.1), ends), never))
        assert told.right == right
        assert "learn" in told.why
        assert ("usable input again" in told.why) == (name == "one-layer" and right != "no")

    def test_half_of_the_seeds_are_not_most(self):
        assert outcome("one-layer", made(((0.1, 0.1), (0.9, 0.1)))).right == "in a few seeds only"

    @pytest.mark.parametrize(
        ("plain", "batch", "right"),
        [
            ((0.92, 0.92), (0.89, 0.89), "plain"),
            ((0.89, 0.89), (0.92, 0.92), "BN"),
            ((0.90, 0.90), (0.89, 0.89), "about the same"),
            ((0.9, 0.5), (0.3, 0.6), "it differs"),
        ],
    )
    def test_which_network_ends_higher(self, plain, batch, right):
        assert outcome("low", made((plain, batch))).right == right


def test_one_seed_is_not_the_rule():
    ill = sick("idle", 1.0, step=1, layer=3)["idle"]
    ill[0, 1, 1:, 1] = 1.0
    assert told(accuracies=BROKEN, idle=ill)[3].endswith(" In the other seed it was layer 2.")
