"""What the noise lesson says of judged results."""

import math

import pytest

from bnviz.experiments.noise import NoiseConfig
from bnviz.experiments.settings import knobs
from bnviz.verdicts.noise import judge
from bnviz.words import noise as words
from tests.made.noise import ALONE, FALLING, FLAT, LOST, NAN, RISING, U, made


def findings(*arguments, **changes):
    return words.findings(judge(made(*arguments, **changes)))


class TestHeadline:
    def said(self, *arguments, **changes):
        return findings(*arguments, **changes).headline

    def test_noise_helps(self):
        said = self.said(U)
        assert said.startswith("**BN's noise helps**: 90 % test accuracy with chunks of 4, 80 %")
        assert said.endswith("whole batch of 16. Better in both seeds.")

    def test_counts_the_seeds(self):
        assert "Better in 2 of 3 seeds" in self.said(
            (0.7, 0.4, (0.99, 0.95, 0.7), 0.5, 0.8), seeds=3
        )

    @pytest.mark.parametrize(
        ("accuracy", "end"),
        [
            (RISING, "Closest are chunks of 8, 20 points behind."),
            ((0.7, 0.4, 0.79, 0.5, 0.8), "Closest are chunks of 4, 1 point behind."),
            ((0.7, 0.4, 0.8, 0.5, 0.8), "Closest are chunks of 4, with as much."),
            ((0.7, NAN, NAN, NAN, 0.8), "the whole batch of 16, 80 % test accuracy."),
        ],
    )
    def test_noise_does_not_help(self, accuracy, end):
        said = self.said(accuracy)
        assert said.startswith("**Here the noise does not help**: no smaller chunk is clearly")
        assert said.endswith(end)

    def test_little_difference(self):
        said = self.said(FLAT)
        assert said.startswith("**The noise makes little difference here**: 81 %")
        assert said.endswith("Better in both seeds, but by little.")
        few = (0.7, 0.4, (0.99, 0.99, 0.9, 0.8, 0.8), 0.5, (0.5, 0.5, 0.895, 0.85, 0.85))
        assert self.said(few, seeds=5).endswith("Better in 3 of 5 seeds, and behind in others.")

    @pytest.mark.parametrize(
        ("accuracy", "begin"),
        [
            (LOST, "**BN diverged in every chunk size**"),
            ((0.7, 0.4, 0.9, 0.85, NAN), "**BN over the whole batch of 16 diverged**, in most"),
            (
                (0.7, 0.3, 0.5, 0.4, 0.3),
                "**No network with BN learned much here**: the best, in",
            ),
            ((0.7, 0.3, 0.7, 0.4, 0.3), "**Only smaller chunks learned much here**: chunks of 4"),
            (ALONE, "**Nothing to compare**: a batch of 2 has"),
        ],
    )
    def test_nothing_to_compare(self, accuracy, begin):
        assert self.said(accuracy).startswith(begin)


class TestSignature:
    def said(self, train_loss, test_loss, accuracy=U):
        return findings(accuracy, train_loss, test_loss).text

    def test_of_a_regularizer(self):
        said = self.said((0, 2, 1, 0.5, 0.1), (0, 2, 0.4, 0.5, 0.6))
        assert "training loss goes from 0.1 to 1 and test loss from 0.6 to 0.4" in said
        assert "(lower in both seeds): harder to fit, better on new data. That is what" in said

    def test_where_the_seeds_disagree_it_is_no_sign(self):
        said = self.said((0, 2, 1, 0.5, 0.1), (0, 2, (0.7, 0.1), 0.5, 0.6))
        assert (
            "harder to fit, and on new data the seeds disagree by this loss, though not by" in said
        )
        assert "regularizer" not in said

    def test_harder_to_fit_and_no_better(self):
        losses = (0, 2, 1, 0.5, 0.1), (0, 2, 0.9, 0.5, 0.6)
        said = self.said(*losses, (0.7, 0.4, 0.79, 0.5, 0.8))
        assert "(lower in none of 2 seeds): harder to fit, worse on new data." in said
        said = self.said(*losses)
        assert "worse on new data by this loss, though not by accuracy." in said
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
        assert "training loss goes" not in findings(accuracy).text
        assert "training loss" not in self.said((0, 2, NAN, 0.5, 0.1), (0, 2, NAN, 0.5, 0.6))


def test_chunks_of_two():
    assert "that is too much noise, and test accuracy falls to 40 %." in findings(U).text
    assert "even so, test accuracy is 95 %." in findings(FALLING).text
    assert "+1 or −1" not in findings(ALONE).text


def test_plain_beside_bn():
    said = findings(U).text
    assert "reaches 70 %; BN reaches 80 % with the whole batch, 90 % with chunks of 4." in said
    assert "Plain" not in findings((NAN, 0.4, 0.9, 0.8, 0.7)).text


def test_names_the_lost():
    result = made(U)
    result.diverged_at[0], result.diverged_at[2, 1] = 5, 3
    said = words.findings(judge(result)).more[-1]
    assert said.endswith("plain, both seeds; chunks of 4, 1 of 2 seeds.")


class TestBeliefs:
    def met(self, word, *arguments):
        met = words.beliefs(judge(made(*arguments)))
        assert 3 <= len(met) <= 4
        (said,) = [text for belief, text in met.items() if word in belief]
        return said

    def test_larger_is_better(self):
        assert "statistics over 4 samples give 90 %" in self.met("Larger", U)
        assert self.met("Larger", RISING).startswith("In this run no smaller chunk is clearly")
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
                "lower with chunks of 8, 0.4, than with the least",
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
        assert "chunks of 2 reach 40 %, chunks of 4 reach 90 %" in self.met("without end", U)
        assert "chunks of 2 reach 40 %, chunks of 16 reach 80 %" in self.met("without end", RISING)
        assert "the smallest chunks, of 2, are the best" in self.met("without end", FALLING)
        few = (0.7, 0.9, 0.89, 0.85, 0.8)
        assert "of 2, are as good as any: 90 %" in self.met("without end", few)
        level = (0.7, 0.89, 0.9, 0.85, 0.8)
        assert "In this run it makes little difference" in self.met("without end", level)
        lost = (0.7, NAN, 0.9, 0.85, 0.8)
        assert self.met("without end", lost).startswith("Here networks in chunks of 2 diverged")

    def test_only_speed(self):
        assert "goes from 40 % to 90 %" in self.met("speed", U)
        assert "hardly differ" in self.met("speed", (0.7, 0.8, 0.81, 0.805, 0.8))

    @pytest.mark.parametrize(
        ("accuracy", "why"),
        [
            (ALONE, words.NO_CHUNKS),
            (LOST, words.NO_CHUNKS),
            ((0.7, 0.4, 0.9, 0.8, NAN), words.NOT_LEARNED),
            ((0.7, 0.4, 0.9, 0.8, 0.1), words.NOT_LEARNED),
        ],
    )
    def test_cannot_tell(self, accuracy, why):
        losses = [NAN if math.isnan(a) else 0.5 for a in accuracy]
        verdict = judge(made(accuracy, losses, losses))
        assert set(words.beliefs(verdict).values()) == {why}
        assert "nan" not in words.findings(verdict).text


@pytest.mark.parametrize("accuracy", [U, RISING, FALLING, FLAT, LOST, ALONE])
def test_the_guess_is_answered_by_the_verdict(accuracy):
    verdict = judge(made(accuracy))
    right, why = words.guess(verdict)
    assert right == words.KINDS[verdict.where]
    assert why.startswith(words.findings(verdict).headline)
    assert ("chunks of 4, 8 and 16" in why) == (accuracy == FLAT)


class TestPresets:
    @pytest.mark.parametrize("preset", words.PRESETS.values(), ids=list(words.PRESETS))
    def test_are_settings_of_the_knobs(self, preset):
        assert NoiseConfig(**preset) != NoiseConfig()
        for name, value in preset.items():
            assert value in knobs(NoiseConfig)[name].options
            assert value != NoiseConfig.model_fields[name].default

    def test_are_two_to_four_one_of_them_without_help(self):
        assert 2 <= len(words.PRESETS) <= 4
        assert any("not help" in label for label in words.PRESETS)
