"""What do today's networks use instead?: all that this part of the page says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from bnviz.words.findings import Findings
from bnviz.words.names import TODAY
from bnviz.words.numbers import listed, percent, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.today import Placed, TodayVerdict, Ways

PICTURES = ("Before the branch", "After the sum")
ABOUT = """
Residual networks of 12 hidden layers, at six learning rates, with what has come after BN: **layer
norm**; **RMSNorm**, which only divides; **DyT**, a learned curve γ tanh(αx) + β without any mean;
**weight standardization**, which normalizes weights instead of values. Each stands **before the
branch** (pre-norm: the sum goes on as it is) or **after the sum** (post-norm). Then the same
networks are tested in training mode, and once alone: a language model writes one word at a time.
About 15 seconds.
"""
NOTES = {
    "Today's networks: measured, published, disputed": r"""
**Here.** Twelve hidden layers of 32 units, sgd, 100 steps on batches of 32, six rates from 0.01 to
3.2, at least five seeds, the same starting weights for all; data and activation come from above. A
line ends where most seeds diverge. Each layer computes $h' = h + \phi(W\,\mathrm{norm}(h) + b)$
(pre-norm) or $h' = \mathrm{norm}(h + \phi(W h + b))$ (post-norm); the first layer makes the first
$h$, and the output layer sees a normalized $h$ in both. *Plain* and *weight standardization*
normalize no $h$ and are drawn twice. With ReLU every branch is positive, so the mean of $h$ grows:
layer norm takes it away, RMSNorm and DyT do not. With tanh on the digits, RMSNorm keeps up with
layer norm, and plain learns as well as they do. The branches of a transformer end in a linear layer
instead.

**RMSNorm** (Zhang & Sennrich 2019): $y = \gamma\,x / \sqrt{\tfrac1n\sum_i x_i^2 + \epsilon}$ over
the units of one sample, no mean, no β. **DyT** (Zhu et al. 2025): $y = \gamma\tanh(\alpha x) +
\beta$ with one learned α for each layer, from 0.5. **Weight standardization** (Qiao et al. 2019):
$\hat W = s\,(W - m)/\sqrt{v + \epsilon}$ with mean and variance of the weights into each unit. Qiao
et al. have $s = 1$ and group norm behind it; here $s$ is the standard deviation at the start, as
Brock et al. (2021) scale it for networks without normalization.

**Pre-norm or post-norm.** Xiong et al. (2020): after the sum, the gradients near the output are
large at the start, which is why such transformers need a learning rate that is warmed up; before
the branch they are well behaved, and it can be left out. Our networks have no warm-up.

**Why language models leave BN.** Shen et al. (2020): statistics of text differ strongly from
mini-batch to mini-batch throughout training, and BN becomes unstable, so running averages fit
badly. Sentences are filled up with padding, which would enter the means. While a model writes, its
batch may be one word: BN must then use running averages. Whether they fit our images, the two
numbers for inference mode and for batches of 32 tell.

**Not settled: can a model do without?** Zhu et al. (2025) report that transformers with DyT match
or exceed those with normalization, in vision, speech and language, mostly without tuning. Chen et
al. (2025), with authors in common, report an error function that does better still. Verma (2026)
finds that it depends: DyT improves the validation loss of a small model with little data (27 %),
and makes it worse with more data (19 to 28 %), all in short training. Stollenwerk (2026) derives
DyT from RMSNorm, as an approximation. As far as we know this is open, and twelve layers on digits
cannot close it. (The norms of vision transformers and of LLaMA, which DyT replaces there, stand
before the branch.)
""",
}


def told(verdict: TodayVerdict) -> str:
    """Who learns in front, who behind, and whom the company changes: a headline and a list."""
    if verdict.leader is None:
        return f"None of them learns before the branch yet: {_ends(verdict.before)}"
    said = [
        f"Before the branch, each at the best of {verdict.rates} learning rates (medians of"
        f" {seeds(verdict.seeds, verdict.seeds)}): {_ends(verdict.before)} {_level(verdict)}",
        f"After the sum: {_ends(verdict.after)} {_moved(verdict)}" if verdict.after else "",
        _rates(verdict) if verdict.after else "",
        *_company(verdict.ways),
    ]
    return Findings.told(_headline(verdict), *filter(None, said)).listed


def _headline(verdict: TodayVerdict) -> str:
    by = _by_standing(verdict.moved)
    if by["first"]:
        return f"Before the branch is the better place here for {_named(by['first'])}."
    if by["same"] and len(by["same"]) == len(verdict.moved):
        return "Before the branch and after the sum are about as good here."
    assert verdict.leader is not None
    best = percent(verdict.before[verdict.leader].best)
    return f"Before the branch, {TODAY[verdict.leader]} gets {best} right at its best rate."


def _named(arms: Iterable[str]) -> str:
    return listed([TODAY[arm] for arm in arms])


def _ends(placed: dict[str, Placed]) -> str:
    return f"{', '.join(f'{TODAY[arm]} {_right(one.best)}' for arm, one in placed.items())}."


def _right(accuracy: float) -> str:
    return percent(accuracy) if accuracy == accuracy else "diverges"  # NaN


def _level(verdict: TodayVerdict) -> str:
    """Who is level with the best, and who is not."""
    assert verdict.leader is not None
    best = TODAY[verdict.leader]
    by = _by_standing(verdict.beside)
    said = [
        f"No clear difference from {best}: {_named(by['same'])}." if by["same"] else "",
        f"Clearly behind {best}: {_named(by['first'])}." if by["first"] else "",
        f"The seeds do not agree on {best} and {_named(by['unclear'])}." if by["unclear"] else "",
    ]
    return " ".join(filter(None, said))


def _by_standing(standings: Mapping[str, str]) -> dict[str, list[str]]:
    return {
        how: [arm for arm, one in standings.items() if one == how]
        for how in ("first", "same", "second", "unclear")
    }


def _moved(verdict: TodayVerdict) -> str:
    """Who loses by the other place."""
    by = _by_standing(verdict.moved)
    said = [
        f"Clearly worse than before the branch: {_named(by['first'])}." if by["first"] else "",
        f"Clearly better: {_named(by['second'])}." if by["second"] else "",
        f"No clear difference between the places: {_named(by['same'])}." if by["same"] else "",
        f"The seeds do not agree on the place of {_named(by['unclear'])}." if by["unclear"] else "",
    ]
    return " ".join(filter(None, said))


def _rates(verdict: TodayVerdict) -> str:
    """At how many rates they learn, in front and behind."""
    parts = [
        f"{TODAY[arm]} {verdict.before[arm].learned} and {after.learned}"
        for arm, after in verdict.after.items()
    ]
    return f"Rates at which it learns, before the branch and after the sum: {', '.join(parts)}."


def _company(ways: dict[str, Ways]) -> list[str]:
    """Tested in training mode, in company and alone."""
    said = [_of_batch(ways["batch"])] if "batch" in ways else []
    alike = [arm for arm, one in ways.items() if one.same and arm != "batch"]
    if alike:
        said.append(f"Nothing of this changes the accuracy of {_named(alike)}.")
    return said


def _of_batch(one: Ways) -> str:
    return (
        "BN depends on the company in training mode: in batches of"
        f" 32, {percent(one.batches)} of the samples are named right (inference mode:"
        f" {percent(one.inference)}), with 24 of 32 rows left empty as padding"
        f" {percent(one.padded)}, alone {percent(one.alone)}, because the mean of one number is"
        " that number, and only β is left."
    )
