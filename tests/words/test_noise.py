"""What the noise lesson says of judged results."""

import math

import pytest

from bnviz.verdicts.noise import judge
from bnviz.words import noise as words
from bnviz.words.noise import challenges
from bnviz.words.noise.beliefs import NO_CHUNKS, NOT_LEARNED
from tests.made.noise import ALONE, FALLING, FLAT, LOST, NAN, RISING, U, made


def findings(*arguments, **changes):
    return words.findings(judge(made(*arguments, **changes)))


class TestHeadline:
    def said(self, *arguments, **changes):
        return findings(*arguments, **changes).headline

    def test_noise_helps_and_what_makes_the_run_special(self):
        assert self.said(U) == "With 20 % wrong labels, BN's noise helps."
        assert self.said(U, wrong_labels=0.0) == "With clean labels, BN's noise helps."

    def test_noise_does_not_help(self):
        for accuracy in (RISING, (0.7, 0.4, 0.8, 0.5, 0.8), (0.7, NAN, NAN, NAN, 0.8)):
            assert self.said(accuracy).endswith("BN's noise does not help.")

    def test_little_difference(self):
        assert self.said(FLAT).endswith("BN's noise does not clearly help.")

    @pytest.mark.parametrize(
        ("accuracy", "said"),
        [
            (LOST, "BN diverged at every ghost batch size, in most seeds."),
            ((0.7, 0.4, 0.9, 0.85, NAN), "BN over the whole batch diverged, in most seeds."),
            ((0.7, 0.3, 0.5, 0.4, 0.3), "No network with BN learned much here."),
            ((0.7, 0.3, 0.7, 0.4, 0.3), "Only smaller ghost batches learned much here."),
            (ALONE, "Nothing to compare: there is one ghost batch size."),
        ],
    )
    def test_nothing_to_compare(self, accuracy, said):
        assert self.said(accuracy) == said


class TestCompared:
    def said(self, *arguments, **changes):
        return findings(*arguments, **changes).more[0]

    def test_noise_helps(self):
        assert self.said(U) == (
            "Ghost batches of 4 end 10 percentage points of test accuracy above the whole batch:"
            " they are better in both seeds."
        )

    def test_counts_the_seeds(self):
        assert self.said((0.7, 0.4, (0.99, 0.95, 0.7), 0.5, 0.8), seeds=3).endswith(
            "they are better in 2 of 3 seeds."
        )

    @pytest.mark.parametrize(
        ("accuracy", "said"),
        [
            (
                RISING,
                "The best smaller ghost batches, of 8, end 20 percentage points behind the whole"
                " batch.",
            ),
            ((0.7, 0.4, 0.79, 0.5, 0.8), "of 4, end 1 percentage point behind the whole batch."),
            ((0.7, 0.4, 0.8, 0.5, 0.8), "of 4, end level with the whole batch."),
            ((0.7, NAN, NAN, NAN, 0.8), "The whole batch of 16 reached 80 % test accuracy."),
            ((0.7, 0.4, 0.9, 0.85, NAN), "The best, ghost batches of 4, reached 90 % test"),
            ((0.7, 0.3, 0.5, 0.4, 0.3), "The best, ghost batches of 4, reached 50 % test"),
            (ALONE, "A batch of 2 has no smaller ghost batches with a variance."),
            (LOST, "There is nothing to compare."),
        ],
    )
    def test_no_help_or_nothing_to_compare(self, accuracy, said):
        assert said in self.said(accuracy)

    def test_little_difference(self):
        assert self.said(FLAT).endswith("better in both seeds, by little.")
        few = (0.7, 0.4, (0.99, 0.99, 0.9, 0.8, 0.8), 0.5, (0.5, 0.5, 0.895, 0.85, 0.85))
        assert self.said(few, seeds=5).endswith("better in 3 of 5 seeds, and behind in others.")


class TestSignature:
    def said(self, train_loss, test_loss, accuracy=U):
        return words.losses(judge(made(accuracy, train_loss, test_loss)))

    def test_of_a_regularizer(self):
        said = self.said((0, 2, 1, 0.5, 0.1), (0, 2, 0.4, 0.5, 0.6))
        assert "training loss goes from 0.1 to 1. Test loss goes from 0.6 to 0.4: it is" in said
        assert "lower in both seeds. With this noise the network fits its samples less well" in said
        assert "less well. It does better on new data. That is what a regularizer does." in said

    def test_where_the_seeds_disagree_it_is_no_sign(self):
        said = self.said((0, 2, 1, 0.5, 0.1), (0, 2, (0.7, 0.1), 0.5, 0.6))
        assert "less well. By loss the seeds disagree on new data, though not by accuracy." in said
        assert "regularizer" not in said

    def test_harder_to_fit_and_no_better(self):
        losses = (0, 2, 1, 0.5, 0.1), (0, 2, 0.9, 0.5, 0.6)
        said = self.said(*losses, (0.7, 0.4, 0.79, 0.5, 0.8))
        assert "it is lower in none of 2 seeds." in said
        assert "less well. It does worse on new data." in said
        said = self.said(*losses)
        assert "By loss it does worse on new data, though not by accuracy." in said
        assert "little overfitting" not in said  # 0.6 is far above 0.1

    def test_nothing_to_prevent(self):
        level = (0.7, 0.4, 0.79, 0.5, 0.8)
        said = self.said((0, 2, 1, 0.5, 0.5), (0, 2, 0.9, 0.5, 0.6), level)
        assert "test loss (0.6) is not far above training loss (0.5): there is little" in said
        said = self.said((0, 2, 1, 0.5, 0.7), (0, 2, 0.9, 0.5, 0.6), level)
        assert "is not above" in said

    def test_better_on_both(self):
        said = self.said((0, 2, 0.05, 0.5, 0.1), (0, 2, 0.4, 0.5, 0.6))
        assert "Better on both is not the work of a regularizer." in said

    @pytest.mark.parametrize("accuracy", [ALONE, LOST])
    def test_says_nothing_where_there_is_nothing(self, accuracy):
        assert "its samples" not in findings(accuracy).text
        assert "training loss" not in self.said((0, 2, NAN, 0.5, 0.1), (0, 2, NAN, 0.5, 0.6))


def test_chunks_of_two():
    assert "of the two was larger. Test accuracy falls to 40 % there." in findings(U).text
    assert "Even so, test accuracy is 95 % there." in findings(FALLING).text
    assert "was larger" not in findings(ALONE).text


def test_plain_beside_bn():
    said = findings(U).text
    assert "reaches 70 %. BN reaches 80 % with the whole batch. With ghost batches of 4 it" in said
    assert "The plain network" not in findings((NAN, 0.4, 0.9, 0.8, 0.7)).text


def test_names_the_lost():
    result = made(U)
    result.diverged_at[0], result.diverged_at[2, 1] = 5, 3
    said = words.findings(judge(result)).more[1]
    assert said.startswith("The plain network diverged in both seeds. BN in ghost batches of 4")
    assert said.endswith("diverged in 1 of 2 seeds. The medians leave them out.")


class TestBeliefs:
    def met(self, word, *arguments):
        met = words.beliefs(judge(made(*arguments)))
        assert 3 <= len(met) <= 4
        (said,) = [text for belief, text in met.items() if word in belief]
        return said

    def test_larger_is_better(self):
        assert "statistics over 4 samples give 90 %" in self.met("Larger", U)
        assert self.met("Larger", RISING).startswith(
            "In this run no smaller ghost batch is clearly"
        )
        assert self.met("Larger", FLAT).endswith("about the same.")

    def test_by_heart_only_where_it_overfits_and_the_noise_is_harder_to_fit(self):
        assert "by heart" in self.met("Larger", U, (0, 2, 1, 0.5, 0.1))
        assert "by heart" not in self.met("Larger", U, (0, 2, 1, 0.5, 0.4))
        assert "by heart" not in self.met("Larger", U, (0, 2, 0.1, 0.5, 1))

    @pytest.mark.parametrize(
        ("accuracy", "loss", "said"),
        [
            (
                U,
                (0, 2, 0.6, 0.4, 0.5),
                "0.4 with ghost batches of 8 and 0.5 with the least noise. It is lower in both",
            ),
            (RISING, (0, 2, 0.6, 0.4, 0.5), "Test accuracy is not clearly higher, though."),
            (U, (0, 2, 0.6, 0.4, 0.3), "one here: the least noise gives the lowest, 0.3. By test"),
            (RISING, (0, 2, 0.6, 0.4, 0.3), "one here: the least noise gives the lowest, 0.3."),
            (RISING, (0, 2, 0.6, 0.301, 0.3), "hardly matters"),
            (RISING, (0, 2, 0.6, (0.2, 0.7), 0.5), "the seeds disagree"),
            (U, (0, NAN, NAN, NAN, 0.5), "test losses are no numbers"),
        ],
    )
    def test_a_nuisance(self, accuracy, loss, said):
        assert said in self.met("nuisance", accuracy, None, loss)

    def test_without_end(self):
        assert "Ghost batches of 2 reach 40 %, those of 4 reach 90 %." in self.met("without end", U)
        assert "Ghost batches of 2 reach 40 %, those of 16 reach 80 %" in self.met(
            "without end", RISING
        )
        assert "the smallest ghost batches, of 2, are the best" in self.met("without end", FALLING)
        few = (0.7, 0.9, 0.89, 0.85, 0.8)
        assert "of 2, are as good as any: 90 %" in self.met("without end", few)
        level = (0.7, 0.89, 0.9, 0.85, 0.8)
        assert "In this run it makes little difference" in self.met("without end", level)
        lost = (0.7, NAN, 0.9, 0.85, 0.8)
        assert self.met("without end", lost).startswith(
            "Here networks in ghost batches of 2 diverged"
        )

    def test_only_speed(self):
        assert "goes from 40 % to 90 %" in self.met("speed", U)
        assert "hardly differ" in self.met("speed", (0.7, 0.8, 0.81, 0.805, 0.8))

    @pytest.mark.parametrize(
        ("accuracy", "why"),
        [
            (ALONE, NO_CHUNKS),
            (LOST, NO_CHUNKS),
            ((0.7, 0.4, 0.9, 0.8, NAN), NOT_LEARNED),
            ((0.7, 0.4, 0.9, 0.8, 0.1), NOT_LEARNED),
        ],
    )
    def test_cannot_tell(self, accuracy, why):
        losses = [NAN if math.isnan(a) else 0.5 for a in accuracy]
        verdict = judge(made(accuracy, losses, losses))
        assert set(words.beliefs(verdict).values()) == {why}
        assert "nan" not in words.findings(verdict).text


def asked(name):
    (challenge,) = [one for one in words.CHALLENGES if one.name == name]
    return challenge


def outcome(name, *arguments, **changes):
    return asked(name).outcome(judge(made(*arguments, **changes)))


class TestChallenges:
    @pytest.mark.parametrize(
        ("best", "right"), [(0.83, 0), (0.84, 0), (0.86, 1), (0.89, 1), (0.91, 2)]
    )
    def test_how_far_the_noise_lifts(self, best, right):
        found = outcome("wrong", (0.7, 0.4, best, 0.5, 0.8))
        assert found.right == challenges.GAINS[right]

    def test_why_it_lifts(self):
        found = outcome("wrong", U, (0, 2, 1, 0.5, 0.1))
        assert found.why.startswith(
            "Ghost batches of 4 end 10 percentage points above the whole batch: they are better in"
        )
        assert found.why.endswith("from learning the wrong labels by heart.")
        assert "by heart" not in outcome("wrong", U, (0, 2, 0.1, 0.5, 1)).why
        few = outcome("wrong", (0.7, 0.4, (0.99, 0.7), 0.5, 0.8))  # a half of the seeds
        assert few.right == challenges.GAINS[0]
        assert "are better in 1 of 2 seeds." in few.why
        assert outcome("wrong", LOST).right is outcome("wrong", ALONE).right is None

    @pytest.mark.parametrize(
        ("accuracy", "right"),
        [
            (U, "2 alone"),
            (FALLING, "none"),
            (RISING, "others as well"),
            ((0.7, 0.8, 0.6, 0.9, 0.9), "others as well"),
            ((0.7, 0.7, 0.9, 0.9, 0.9), "none"),
            ((NAN, 0.4, 0.9, 0.9, 0.9), None),
        ],
    )
    def test_which_end_below_plain(self, accuracy, right):
        assert outcome("below", accuracy).right == right

    @pytest.mark.parametrize(
        ("accuracy", "right"),
        [
            (U, "yes, it helps"),
            (FLAT, "it hardly matters"),
            ((0.7, 0.4, 0.79, 0.5, 0.8), "it hardly matters"),
            (RISING, "no, it harms"),
            ((0.7, 0.4, (0.5, 0.9), 0.4, 0.8), "it hardly matters"),  # a half of the seeds
            (LOST, None),
            (ALONE, None),
        ],
    )
    def test_of_clean_labels(self, accuracy, right):
        assert outcome("clean", accuracy).right == right

    @pytest.mark.parametrize("name", ["slow", "eight"])
    @pytest.mark.parametrize(
        ("accuracy", "right"),
        [
            (U, "yes"),
            (RISING, "no, they end below it"),
            (FLAT, "they end level"),
            (ALONE, None),
            ((0.7, 0.4, 0.8), None),  # 4 are the whole batch
            ((0.7, 0.4, NAN, 0.85, 0.8), None),
        ],
    )
    def test_of_ghost_batches_of_4(self, name, accuracy, right):
        found = outcome(name, accuracy)
        assert found.right == right
        because = ("The whole batch has" in found.why) or ("noisy already" in found.why)
        assert because == (right == "no, they end below it")

    @pytest.mark.parametrize("name", ["slow", "eight"])
    def test_why_the_noise_of_4_costs_depends_on_whether_there_is_something_to_prevent(self, name):
        hardly = outcome(name, RISING, (0, 2, 1, 0.5, 0.5), (0, 2, 0.9, 0.5, 0.6)).why
        assert hardly.endswith("has hardly overfitted, so noise has little to prevent.")
        much = outcome(name, RISING, (0, 2, 1, 0.5, 0.1), (0, 2, 0.9, 0.5, 0.6)).why
        assert much.endswith("why noise does not help, this run does not show.")

    def test_pairs_explain_only_themselves(self):
        assert "In pairs" in outcome("below", U).why
        assert "In pairs" not in outcome("below", (0.7, 0.8, 0.6, 0.9, 0.9)).why

    def test_where_labels_are_wrong_they_are_no_reason_why_noise_does_not_help(self):
        assert "no wrong labels" in outcome("clean", FLAT, wrong_labels=0.0).why
        assert "no wrong labels" not in outcome("clean", FLAT).why
        assert "no wrong labels" not in outcome("clean", U, wrong_labels=0.0).why
