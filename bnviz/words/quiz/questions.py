"""The quiz: eight beliefs that the lessons meet, each asked in two parallel forms.

What is said to be right stands in the papers named in `why`, or was measured by us on the digits,
and then `why` says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from bnviz.words.belief import Belief
from bnviz.words.challenge import LETTERS

FORMS = ("a", "b")


@dataclass(frozen=True, kw_only=True)
class Form:
    """A question with four answers, one of them right."""

    question: str
    answers: tuple[str, str, str, str]
    right: str
    why: str  # told once both parts are handed in; names its source

    def __post_init__(self) -> None:
        """Raise ValueError where the right answer is not one of four different ones."""
        if self.answers.count(self.right) != 1 or len(set(self.answers)) != len(LETTERS):
            raise ValueError(f"{self.question}: {self.right!r} is not one of {self.answers}")

    @property
    def letter(self) -> str:
        """Of the right answer."""
        return LETTERS[self.answers.index(self.right)]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One belief, and the two forms that ask about it."""

    about: str  # in a few letters, beside its row in a picture
    lesson: str  # that meets the belief
    belief: Belief
    a: Form
    b: Form

    def form(self, letter: str) -> Form:
        return self.a if letter == "a" else self.b


QUESTIONS = (
    Question(
        about="what is normalized",
        lesson="transform",
        belief=Belief.WEIGHTS,
        a=Form(
            question="To what does BN give mean 0 and variance 1, before γ and β act?",
            answers=(
                "to the weights of each layer",
                "to the values of each unit, over the mini-batch",
                "to the values of each sample, over the units of a layer",
                "to the gradient of each layer",
            ),
            right="to the values of each unit, over the mini-batch",
            why="Mean and variance are taken over the mini-batch, one pair for each unit (Ioffe &"
            " Szegedy 2015, Alg. 1). Over the units of one sample would be layer norm; the weights"
            " themselves are not touched.",
        ),
        b=Form(
            question="A layer has 3 units, and a mini-batch 8 samples. How many means does the"
            " layer’s BN take?",
            answers=(
                "1, of all 24 values",
                "8, one for each sample",
                "3, one for each unit",
                "none, it divides by the length of the weights",
            ),
            right="3, one for each unit",
            why="Each unit has its own mean, over the 8 samples (Ioffe & Szegedy 2015, Alg. 1). One"
            " for each sample would be layer norm; the weights are not looked at.",
        ),
    ),
    Question(
        about="at inference",
        lesson="modes",
        belief=Belief.NEEDS_A_BATCH,
        a=Form(
            question="A trained network with BN is given one single image. Which mean and variance"
            " does BN use?",
            answers=(
                "those of this one image",
                "those of the last mini-batch of training",
                "always 0 and 1",
                "averages that were gathered during training",
            ),
            right="averages that were gathered during training",
            why="In inference the statistics are fixed: averages over many mini-batches of training"
            " (Ioffe & Szegedy 2015, Alg. 2). So one image is enough.",
        ),
        b=Form(
            question="In inference an image is classified twice: alone, and together with 99"
            " others. What about its two outputs?",
            answers=(
                "They are the same.",
                "They differ, since the mean of 100 images is another one.",
                "Alone it has no output, for a variance takes two images.",
                "They are the same only if all 100 are of one class.",
            ),
            right="They are the same.",
            why="In inference BN uses averages of the training (Ioffe & Szegedy 2015, Alg. 2), so"
            " the output of an image does not depend on its company.",
        ),
    ),
    Question(
        about="covariate shift",
        lesson="shift",
        belief=Belief.REMOVES_SHIFT,
        a=Form(
            question="The 2015 paper explains BN by less “internal covariate shift”. What did"
            " Santurkar et al. (2018) measure?",
            answers=(
                "Networks with BN often have more of it, and train well all the same.",
                "BN removes nearly all of it.",
                "BN halves it in every layer.",
                "It cannot be measured.",
            ),
            right="Networks with BN often have more of it, and train well all the same.",
            why="By their measure the shift with BN is often the larger one (Santurkar et al. 2018,"
            " Def. 2.1): it cannot be the reason why BN trains well.",
        ),
        b=Form(
            question="Santurkar et al. (2018) put noise after each BN, so that the layers shift"
            " more than without BN. How did these networks train?",
            answers=(
                "not at all",
                "worse than networks without BN",
                "as well as without BN, but not better",
                "about as well as with BN alone",
            ),
            right="about as well as with BN alone",
            why="“Noisy BN” has more shift than a plain network and still trains about as well as"
            " BN (Santurkar et al. 2018): it cannot be the small shift that makes BN train well.",
        ),
    ),
    Question(
        about="the learning rate",
        lesson="rates",
        belief=Belief.NOT_THE_LARGER_RATE,
        a=Form(
            question="Bjorck et al. (2018) trained a ResNet-110 at the small learning rate 0.0001,"
            " with and without BN. Which ended at the higher accuracy?",
            answers=(
                "the one with BN, by far",
                "the one without BN, by far",
                "neither: both about the same",
                "only the one with BN trained at all",
            ),
            right="neither: both about the same",
            why="Both reached 81 to 82 %; with BN and a rate of 0.1 it was about 93 % (Bjorck et"
            " al. 2018, CIFAR-10). Most of the gain comes from the larger rate.",
        ),
        b=Form(
            question="Where does most of what BN gives to training come from, according to Bjorck"
            " et al. (2018)?",
            answers=(
                "Each step takes less time.",
                "It allows larger learning rates.",
                "The network has fewer parameters.",
                "It is ahead at every learning rate, by as much.",
            ),
            right="It allows larger learning rates.",
            why="At a rate of 0.0001 networks with and without BN end alike; BN stands rates at"
            " which the others fail, and gains there (Bjorck et al. 2018).",
        ),
    ),
    Question(
        about="small batches",
        lesson="batches",
        belief=Belief.NO_REASON_NOT,
        a=Form(
            question="On ImageNet with 32 images per worker, BN and group norm err about equally"
            " often. What happens with 2 images per worker?",
            answers=(
                "Both err about as often as before.",
                "Group norm errs far more often, BN as before.",
                "Both err far more often.",
                "BN errs far more often, group norm as before.",
            ),
            right="BN errs far more often, group norm as before.",
            why="BN’s error rises from 23.6 to 34.7 %, that of group norm stays at 24.1 % (Wu & He"
            " 2018): the mean and variance of two images are too rough.",
        ),
        b=Form(
            question="Which of these does BN stand worst?",
            answers=(
                "mini-batches of 2 samples",
                "mini-batches of 256 samples",
                "a learning rate three times as large",
                "initial weights three times as large",
            ),
            right="mini-batches of 2 samples",
            why="A mean over 2 samples is nearly noise. On ImageNet the error of BN rises from 23.6"
            " to 34.7 % (Wu & He 2018); larger rates and weights are what BN stands well.",
        ),
    ),
    Question(
        about="noise",
        lesson="noise",
        belief=Belief.NUISANCE,
        a=Form(
            question="BN takes its statistics over chunks of 16 samples instead of all 256, with"
            " the same updates otherwise. On digits, what becomes of the test loss?",
            answers=(
                "It rises: the statistics are noisier.",
                "It falls: the noise keeps from overfitting.",
                "It stays the same to the last digit.",
                "The network no longer trains.",
            ),
            right="It falls: the noise keeps from overfitting.",
            why="It fell from 0.059 to 0.042 (measured here, digits, six seeds), while the training"
            " loss rose: noise from chunks regularizes (Hoffer et al. 2017 named them ghost"
            " batches).",
        ),
        b=Form(
            question="Chunks of 256, 16 and 2 samples for BN’s statistics, with the same updates"
            " otherwise. Which had the lowest test loss on digits?",
            answers=(
                "256: the least noise",
                "2: the most noise",
                "16: some noise, not too much",
                "all the same",
            ),
            right="16: some noise, not too much",
            why="0.059 with 256, 0.042 with 16, 1.42 with 2 (measured here, digits, six seeds):"
            " some noise regularizes, too much breaks. Such chunks are the ghost batches of Hoffer"
            " et al. (2017).",
        ),
    ),
    Question(
        about="scale of weights",
        lesson="scale",
        belief=Belief.DECAY_SIMPLE,
        a=Form(
            question="All weights of a layer with BN behind it are multiplied by 10. What becomes"
            " of the outputs of its BN?",
            answers=(
                "nearly nothing",
                "They are 10 times as large.",
                "They are 100 times as large.",
                "They are a tenth as large.",
            ),
            right="nearly nothing",
            why="Mean and standard deviation grow tenfold as well, and BN divides that out, but for"
            " the small ε (Ioffe & Szegedy 2015, Sec. 3.3). So small weights are no simpler"
            " function.",
        ),
        b=Form(
            question="Weight decay shrinks the weights in front of BN. What does that change"
            " directly?",
            answers=(
                "the function that the network computes: it gets simpler",
                "the mean that BN subtracts, and with it the outputs",
                "nothing at all",
                "the effective step: at the same learning rate, updates turn the weights further",
            ),
            right="the effective step: at the same learning rate, updates turn the weights further",
            why="BN divides the length of the weights out, so the function stays; the gradient of"
            " weights half as long is twice as large (Ioffe & Szegedy 2015, Sec. 3.3; Arora et al."
            " 2018).",
        ),
    ),
    Question(
        about="shape of values",
        lesson="activations",
        belief=Belief.GAUSSIAN,
        a=Form(
            question="The values of a unit over a mini-batch are skewed: many small ones, a few"
            " large ones. How are they distributed after BN?",
            answers=(
                "as a bell curve (Gaussian)",
                "evenly between −1 and 1",
                "just as skewed, only moved and rescaled",
                "all of them are 0 or 1",
            ),
            right="just as skewed, only moved and rescaled",
            why="BN subtracts one number and divides by one (Ioffe & Szegedy 2015, Alg. 1): that"
            " moves and rescales, and leaves the shape as it is.",
        ),
        b=Form(
            question="In a mini-batch a unit has the values 0, 0, 0 and 8. What does BN make of"
            " them, before γ and β act?",
            answers=(
                "four different values, on a bell curve",
                "two different values, three of them alike as before",
                "four times 0",
                "four values spread evenly between −1 and 1",
            ),
            right="two different values, three of them alike as before",
            why="Each value becomes (x − 2)/√12, with ε left out: three times −0.58, once 1.73"
            " (Ioffe & Szegedy 2015, Alg. 1). What was alike stays alike.",
        ),
    ),
)
