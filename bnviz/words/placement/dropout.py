"""What is said of dropout in front of BN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.verdicts.dropout import LOOKED_AT
from bnviz.words.arms import end
from bnviz.words.belief import Belief
from bnviz.words.findings import Findings
from bnviz.words.numbers import between, hundredths

if TYPE_CHECKING:
    from bnviz.verdicts.dropout import Dropout
    from bnviz.verdicts.placement import PlacementVerdict


def findings(verdict: PlacementVerdict, dropout: Dropout) -> Findings:
    """How far dropout makes training and inference disagree, and where that comes from."""
    said = (
        *_measured(dropout),
        *_own_and_inherited(dropout),
        f"Test accuracy: {_ends(verdict)}.",
        "Do not read the shift out of these accuracies: dropout changes training as well, with BN"
        " or without.",
    )
    return Findings.told(_headline(dropout), *said)


def _ends(verdict: PlacementVerdict) -> str:
    return ", ".join(f"{end(arm)} ({arm.name})" for arm in verdict.arms)


def _headline(dropout: Dropout) -> str:
    match dropout.outcome:
        case "one layer":
            return "One hidden layer has no dropout in front of its BN: nothing shifts."
        case "diverged":
            return f"The networks with {LOOKED_AT} dropout diverged: nothing to compare."
        case "hardly":
            return "Dropout hardly changes the variance between training and inference here."
        case "disagree":
            ratio = hundredths(dropout.ratio.middle)
            return f"With dropout, BN gets {ratio} times the variance in training."


def _measured(dropout: Dropout) -> tuple[str, ...]:
    """In which layer, beside what, and over which range of the seeds."""
    if dropout.outcome in ("one layer", "diverged"):
        return ()
    ratio = dropout.ratio
    over = between(hundredths(ratio.low), hundredths(ratio.high))
    return (
        f"With {LOOKED_AT} of the outputs dropped, BN gets {hundredths(ratio.middle)} times the"
        " variance in training that it gets in inference.",
        " ".join(_where(dropout)),
        f"Over the seeds, this ratio is {over}.",
    )


def _where(dropout: Dropout) -> list[str]:
    said = [f"That is in layer {dropout.layer}, where the two differ most."]
    if dropout.without == dropout.without:  # not NaN
        said.append(f"Without dropout it gets {hundredths(dropout.without)} times as much there.")
    return said


def _own_and_inherited(dropout: Dropout) -> tuple[str, ...]:
    first, last = dropout.first, dropout.last
    if first is None:
        return ()
    said = (
        f"In the first layer with dropout in front of it, {hundredths(first.measured)} times is"
        f" measured and {hundredths(first.predicted)} times predicted."
    )
    if last is None:
        return (said,)
    in_last = (
        f"In the last hidden layer its own dropout predicts {hundredths(last.predicted)} times, and"
        f" {hundredths(last.measured)} times is measured."
    )
    return said, f"{in_last} {INHERITED}" if dropout.inherited else in_last


INHERITED = "The difference comes from the layers before."


def beliefs(verdict: PlacementVerdict, dropout: Dropout) -> dict[str, str]:
    """What is often believed of dropout beside BN, and what this run says of it."""
    ends = _ends(verdict)
    never = {
        "all": f"Networks with both learn here: {ends}.",
        "some": (f"Some networks with both learn here, some do not: {ends}. More steps may tell."),
        "none": f"In this run they do not: {ends}. More steps may tell.",
        "cannot tell": f"This run cannot tell, BN alone does not learn: {ends}.",
    }[dropout.learn]
    return {
        Belief.NEVER_WITH_DROPOUT: never,
        Belief.AVERAGES_DESCRIBE: _describe(dropout),
    }


def _describe(dropout: Dropout) -> str:
    if dropout.outcome in ("one layer", "diverged"):
        return "No layer to look at in this run."
    low, high = map(hundredths, dropout.spread)
    measured = (
        f"With {LOOKED_AT} dropout in front of it, a layer has {between(low, high)} times as much"
        " variance there as in inference."
    )
    if dropout.outcome == "hardly":
        return f"Here they nearly do. They describe training. {measured}"
    return f"They describe training. {measured}"
