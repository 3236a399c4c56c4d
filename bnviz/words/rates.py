"""How large may the learning rate be?: all that its page says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bnviz.axes import BATCH, PLAIN
from bnviz.words.findings import Findings
from bnviz.words.numbers import percent, points, seeds, significant, steps
from bnviz.words.race import IMAGENET
from bnviz.words.rates_beyond import (
    alive_is_not_training,
    at_every_rate,
    at_rates,
    beyond,
    ended,
    still_matters,
)

if TYPE_CHECKING:
    from bnviz.verdicts.rates import (
        AtPlainsBest,
        Best,
        Fastest,
        LargestRate,
        RatesVerdict,
        SmallRates,
    )

INTRODUCTION = """
Both networks, trained from the same weights on the same mini-batches at **21 learning rates at
once**, from 0.001 to 100. Every point below is a training run of its own, once per seed. The knob
marks one rate; **click a point** to put the mark there. Rates are counted in decades: a decade is
a factor of ten.
"""

DEEPER: dict[str, Any] = {"depth": 6, "width": 32, "target": 0.9}
PRESETS: dict[str, dict[str, Any]] = {
    "Deeper and wider: BN's gain is a larger rate": DEEPER,
    "One hidden layer: BN does not help": DEEPER | {"depth": 1},
    "Sigmoid: plain has no rate at all": {"activation": "sigmoid"},
    "Weights half as large: more than a larger rate": DEEPER | {"gain": 0.5},
    "Adam: other rates, the same question": {"optimizer": "adam", "learning_rate": 0.01},
}
GUESS = "Compared with the largest rate at which plain learns, the largest at which BN learns is …"
NOBODY = "one of them learns at no rate"
GUESSES = ("smaller", "about the same", "larger", NOBODY)

CLOSER = {"one": "What happens at your rate?"}

NOTES = {
    "How it is measured": """
**The sweep.** For each seed, 21 plain and 21 BN networks start from the same weights and see the
same mini-batches in the same order; they differ in the rate alone. Test accuracy is measured in
inference mode at 12 steps. At their defaults the networks are smaller than those of the race, and
looked at less often. Lines are medians over the
seeds that are left, bands their range. A cross stands at each rate at which a seed has diverged:
its loss stopped being a number. In the sentences a diverged seed is behind every other, and of an
even number of seeds the lower of the two in the middle is the median. Where it is counted at how
many rates BN is better, a network that diverged counts as guessing.

**The bars** span the widest range of neighbouring rates at which the median seed has reached the
target by the step on the clock. That it was reached once is enough; it may be lost again.

**The best rates** are all at which the median seed ends within 2 points of the highest accuracy: on
some 450 test samples, which of them comes first is chance. **Small rates** are those at least half
a decade below all that suit plain best, at which one of the two networks has learned, that is, is
closer to being always right than to guessing. Two accuracies within 2 points of one another are
called about the same.

**The paper's experiment.** The target is the best accuracy of the median plain seed at the base
rate, and a network gets there at the first record at which its own median seed has it. The
averaged prediction is the mean of the class probabilities of the seeds' networks after the last
step, without those that diverged.
""",
    "The mathematics": r"""
On a quadratic $\tfrac12 h\theta^2$ a step of gradient descent multiplies $\theta$ by
$1-\mathrm{lr}\,h$: beyond $\mathrm{lr} = 2/h$ each step makes the error larger. In a deep network
without BN, $h$ itself grows with the weights, so that one step that is too long makes the next one
worse, until a number overflows.

With BN the output does not change when the weights $W$ before it are multiplied by $a$, and the
gradient is divided by $a$. A step that is too long lengthens $W$,
$\lVert W'\rVert^2 = \lVert W\rVert^2 + \mathrm{lr}^2\lVert\nabla_W L\rVert^2$, and with it the
effective rate $\mathrm{lr}/\lVert W\rVert^2$ falls. So the loss stays a number over decades of
rates at which plain overflows. That is not yet learning: the output layer has no BN behind it, and
after a few giant steps all effective rates may be too small.
""",
    "What the papers found": f"""
{IMAGENET}
Ioffe & Szegedy (2015), Figures 2 and 3. BN-x5 is not BN and a five times larger rate alone: it also
drops dropout and local response normalization, divides the weight of the L2 penalty by 5, lets the
rate decay faster, shuffles better and distorts its images less (section 4.2.1); so does BN-x30. How
much each of these gave was not measured. Without BN, Inception diverges at 5 times the rate, and
with sigmoid units it stays at chance. An ensemble of six BN networks reached 4.9 % top-5 validation
error.

Bjorck, Gomes, Selman & Weinberger (2018), ResNet-110 on CIFAR-10: about 93 % with BN at rate 0.1,
90 % with BN at 0.003, and 81 to 82 % **both with and without BN** at 0.0001. They conclude that
the gain comes from the larger rate. Where a deep plain network hardly learns at any rate, as with
sigmoid units above, that is not the whole story.
""",
}


def findings(verdict: RatesVerdict) -> Findings:
    """What this sweep shows."""
    return Findings(
        headline=_headline(verdict),
        more=(
            _best(verdict),
            *_fastest(verdict.fastest, verdict.target),
            _at_plains_best(verdict.at_plains_best, verdict.best[BATCH]),
            *_small(verdict.small),
            " ".join(beyond(one) for one in verdict.beyond),
        ),
    )


def _headline(verdict: RatesVerdict) -> str:
    target = percent(verdict.target)
    plain, batch = (_top(verdict, t) for t in (PLAIN, BATCH))
    match verdict.reach:
        case "neither":
            return (
                f"**Neither network reaches {target} in {steps(verdict.steps)}**, at any of"
                f" {verdict.rates} rates: {plain}, {batch}."
            )
        case "only BN":
            return f"**Only BN reaches {target}**, at {_ends(verdict, BATCH)}: {plain}."
        case "only plain":
            return (
                f"**Only plain reaches {target}**, at {_ends(verdict, PLAIN)}: {batch}."
                f" {_no_help(verdict)}"
            )
    return _both(verdict, target)


def _both(verdict: RatesVerdict, target: str) -> str:
    plain, batch = (_wide(verdict, t) for t in (PLAIN, BATCH))
    ends = f"{_ends(verdict, BATCH)} against {_ends(verdict, PLAIN)}"
    score = verdict.wider
    match verdict.reach:
        case "as wide":
            return (
                f"**BN reaches {target} {batch}, and so does plain**: {ends}. {_no_help(verdict)}"
            )
        case "BN":
            end = f"BN's range is the wider one in {seeds(score.second, score.seeds)}"
        case "plain":
            first = seeds(score.first, score.seeds)
            end = f"plain's range is the wider one in {first}. {_no_help(verdict)}"
            return f"**BN reaches {target} {batch}, plain {plain}**: {ends}; {end}"
        case _:
            end = "seed by seed, neither range is the wider one in more than half"
    return f"**BN reaches {target} {batch}, plain {plain}**: {ends}; {end}."


def _no_help(verdict: RatesVerdict) -> str:
    """What is to be said where BN's range is not the wider one."""
    if verdict.helps_in_accuracy:
        return "Here BN does not make more rates good: it is the better one at its best."
    return "Here BN does not help."


def _wide(verdict: RatesVerdict, treatment: int) -> str:
    """Over 1.5 decades; over at least 2 decades, where the sweep ends before the window does."""
    window = verdict.windows[treatment]
    assert window is not None
    if window.single:
        return "at a single learning rate"
    decades = f"over {'at least ' * window.cut}{window.decades:g} decade"
    many_decades = "" if window.decades == 1 else "s"
    return f"{decades}{many_decades}{' of learning rates' * (treatment == BATCH)}"


def _ends(verdict: RatesVerdict, treatment: int) -> str:
    """rates 0.1 to 3.2; rate 0.1 alone."""
    window = verdict.windows[treatment]
    assert window is not None
    if window.single:
        return f"rate {significant(window.low)} alone"
    return f"rates {significant(window.low)} to {significant(window.high)}"


def _top(verdict: RatesVerdict, treatment: int) -> str:
    best, name = verdict.best[treatment], ("plain's", "BN's")[treatment]
    return f"{name} best is {ended(best.accuracy, verdict.target)}{_where(best, verdict.rates)}"


def _where(best: Best, of: int) -> str:
    if best.rates is None:
        return ""
    if best.rates.count == of:
        return ", at any rate"
    return f", {at_rates(best.rates)}"


def _best(verdict: RatesVerdict) -> str:
    plain, batch = (_top(verdict, t) for t in (PLAIN, BATCH))
    said = f"The best rates after {steps(verdict.steps)}, to within 2 points: {plain}; {batch}."
    match verdict.order:
        case "larger":
            return f"{said} What suits BN best is larger than what suits plain."
        case "smaller":
            return f"{said} What suits BN best is smaller: not what BN is known for."
        case "overlap":
            return f"{said} Some rates suit both."
    return said


def _fastest(one: Fastest | None, target: float) -> list[str]:
    """The fewest steps to the target, where both get there."""
    if one is None:
        return []
    there = f"takes {one.batch_there:g}" if one.batch_there < float("inf") else "never gets there"
    return [
        f"The shortest way to {percent(target)}: BN {steps(one.batch)} {at_rates(one.batch_rates)};"
        f" plain {steps(one.plain)} {at_rates(one.plain_rates)}, where BN {there}."
    ]


def _at_plains_best(there: AtPlainsBest, own: Best) -> str:
    """BN at the rates that suit plain best: what it does without a larger rate."""
    if there.outcome == "plain nothing":
        return "Plain learns much at no rate and BN does: here BN gives more than a larger rate."
    if there.outcome == "neither" or there.rates is None or own.rates is None:
        return "Here neither of them learns much, at any rate."
    suits = f"suit{'s' * (there.rates.count == 1)} plain best"
    rates = f"{at_rates(there.rates)}, which {suits},"
    ends = f"BN {percent(there.batch)} at best, plain {percent(there.plain)}"
    further = f" Its own best is {percent(own.accuracy)}, {at_rates(own.rates)}."
    match there.outcome:
        case "better":
            return f"{_capital(rates)} BN is better already: {ends}.{further}"
        case "worse":
            return f"{_capital(rates)} BN is **worse**: {ends}.{further}"
    said = f"{_capital(rates)} neither is clearly better: {ends}."
    match there.gain:
        case "none":
            return f"{said}{further} In accuracy BN gains less than 2 points here."
        case "unplaced":
            return f"{said}{further}"
        case "other":
            return f"{said} What BN gains in accuracy, it gains at other rates.{further}"
    return f"{said} What BN gains in accuracy, it gains at {there.gain} rates.{further}"


def _capital(said: str) -> str:
    return said[0].upper() + said[1:]


def _small(small: SmallRates | None) -> list[str]:
    """Both networks at rates well below those that suit plain best."""
    if small is None:
        return []
    count, rates = small.rates.count, small.rates
    ends = f"{significant(rates.low)} to {significant(rates.high)}"
    where = f"At small rates ({ends})"
    if count == 1:
        where = f"At the small rate {significant(rates.low)}"
    average = "" if count == 1 else " on average"
    apart = f"{points(small.difference)}{average}"
    match small.outcome:
        case "same":
            return [f"{where} both do about the same: {apart} apart."]
        case "better":
            return [f"{where} BN is better, by {apart}."]
        case "worse":
            return [f"{where} BN is **worse**, by {apart}."]
    return [
        f"{where} BN is better at {small.better or 'none'} of {count}, worse at"
        f" {small.worse or 'none'}."
    ]


def beliefs(verdict: RatesVerdict) -> dict[str, str]:
    """Common beliefs, and what this run says of them."""
    return {
        "With BN the learning rate no longer matters": still_matters(verdict),
        "BN is better at every learning rate": at_every_rate(verdict),
        "It is the normalization that helps, not the larger rate": _at_plains_best(
            verdict.at_plains_best, verdict.best[BATCH]
        ),
        "A network that does not diverge is training": alive_is_not_training(verdict),
    }


def guess(verdict: RatesVerdict) -> tuple[str, str]:
    """The largest rate at which BN learns against plain's, and why."""
    one = verdict.largest
    if one.outcome == "nobody":
        return NOBODY, _up_to(one)
    return one.outcome, f"{_up_to(one)} {_seed_by_seed(one)}"


def _up_to(one: LargestRate) -> str:
    plain, batch = (
        f"up to rate {significant(rate)}" if rate == rate else "at no rate"  # NaN: none
        for rate in (one.plain, one.batch)
    )
    return f"BN learns {batch}, plain {plain} (median seed)."


def _seed_by_seed(one: LargestRate) -> str:
    score, apart = one.score, "by at least two steps of the sweep"
    match one.outcome:
        case "larger":
            return f"BN's is the larger one {apart} in {seeds(score.second, score.seeds)}."
        case "smaller":
            return f"BN's is the smaller one {apart} in {seeds(score.first, score.seeds)}."
    return f"Neither is the larger one {apart} in more than half of the seeds."
