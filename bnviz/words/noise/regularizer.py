"""Whether BN's noise does what a regularizer does: training loss beside test loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.numbers import apart, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.noise import Change, Contrast, NoiseVerdict

FITS: dict[Change, str] = {
    "higher": "With this noise the network fits its samples less well.",
    "lower": "With this noise the network fits its samples better.",
    "same": "With this noise the network fits its samples about as well.",
    "open": "With this noise the network fits its samples less well in some seeds, better in"
    " others.",
}
ON_NEW_DATA: dict[Change, str] = {
    "lower": "It has a lower loss on new data.",
    "higher": "It does worse on new data.",
    "same": "It does about the same on new data.",
    "open": "On new data the seeds disagree.",
}
"""What the test loss says."""
MORE_ACCURATE: dict[Change, str] = {
    "lower": "It does better on new data.",
    "higher": "By loss it does worse on new data, though not by accuracy.",
    "same": "By loss it does about the same on new data, though not by accuracy.",
    "open": "By loss the seeds disagree on new data, though not by accuracy.",
}
"""The same where the test accuracy is higher."""
REGULARIZER: dict[Change, str] = {
    "higher": "That is what a regularizer does.",
    "lower": "Better on both is not the work of a regularizer.",
    "same": "",
    "open": "",
}


def signature(verdict: NoiseVerdict) -> str:
    """Whether training loss and test loss change against each other, as with a regularizer."""
    fit, new, helps = verdict.fit, verdict.new, verdict.outcome == "helps"
    if verdict.tells != "yes" or not (fit and new):
        return ""
    said = [FITS[fit.change], (MORE_ACCURATE if helps else ON_NEW_DATA)[new.change]]
    if new.change == "lower":
        said.append(REGULARIZER[fit.change])
    elif not helps:
        said.append(why_not(verdict))
    return " ".join(filter(None, said))


def why_not(verdict: NoiseVerdict) -> str:
    """Whether the whole batch had anything to regularize."""
    if verdict.overfitted:
        return ""
    new, learned = apart(verdict.new_loss, verdict.learned_loss)
    if verdict.new_loss > verdict.learned_loss:
        return (
            f"With the whole batch, test loss ({new}) is not far above training loss ({learned}):"
            " there is little overfitting to prevent."
        )
    return (
        f"With the whole batch, test loss ({new}) is not above training loss ({learned}): there is"
        " little overfitting to prevent."
    )


def losses(verdict: NoiseVerdict) -> str:
    """Training loss and test loss in the best of the smaller ghost batches, in numbers."""
    fit, new = verdict.fit, verdict.new
    if not (fit and new):
        return "There are no two ghost batch sizes whose losses could be compared."
    (whole, here), (whole_new, here_new) = of_both(fit), of_both(new)
    said = (
        f"From the whole batch to ghost batches of {fit.size}, training loss goes from {whole} to"
        f" {here}.",
        f"Test loss goes from {whole_new} to {here_new}: it is lower in"
        f" {seeds(new.lower, verdict.seeds)}.",
        signature(verdict),
    )
    return " ".join(filter(None, said))


def of_both(one: Contrast) -> tuple[str, str]:
    """That of the whole batch and that of the ghost batches, so that one sees which is larger."""
    return apart(one.whole, one.here)
