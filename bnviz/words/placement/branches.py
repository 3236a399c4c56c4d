"""What is said of branches whose gamma starts at zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.axes import NEVER
from bnviz.words.arms import end, ended, unlearned
from bnviz.words.belief import Belief
from bnviz.words.challenge import Challenge, Outcome, Tempting
from bnviz.words.findings import Findings
from bnviz.words.numbers import magnitude, percent, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.placement import Opened, PlacementVerdict, Zero


def findings(verdict: PlacementVerdict, zero: Zero) -> Findings:
    """Whether starting at zero helps, and which branches begin to learn."""
    from_zero, from_one = map(percent, zero.pace)
    pace = (
        f"Averaged over training, test accuracy is {from_zero} with γ from zero and {from_one} with"
        " γ from one."
    )
    said = (pace, *_inside(verdict, zero), _opened(zero), *_ends(verdict))
    return Findings.told(_headline(verdict, zero), *filter(None, said))


def _headline(verdict: PlacementVerdict, zero: Zero) -> str:
    ahead = seeds(zero.contest.ahead, verdict.seeds)
    match zero.outcome:
        case "same":
            return "Whether γ starts at 0 or at 1 hardly matters here."
        case "unclear":
            return "Neither γ from 0 nor γ from 1 is faster in most seeds here."
        case "helps":
            return f"γ from zero helps here: it learns faster in {ahead}."
        case "does not help":
            return f"γ from zero does not help: γ from 1 learns faster in {ahead}."
    return unlearned(zero.outcome, "BN at the end of the branches")


def _ends(verdict: PlacementVerdict) -> tuple[str, str]:
    zero = ended("The network with γ from 0", verdict.arm("γ from 0"))
    one = ended("The network with γ from 1", verdict.arm("γ from 1"))
    plain = ended("Plain, which has the same skip connections,", verdict.arm("plain"))
    return f"{zero} {one}", plain


def _inside(verdict: PlacementVerdict, zero: Zero) -> tuple[str, ...]:
    inside = zero.inside
    if not inside.of:
        return ()
    if not inside.moved:
        return (_closed(verdict), _trains(verdict))
    if inside.moved < inside.of:
        return (
            "With BN in front of the activation and γ from 0, γ leaves 0 in"
            f" {inside.moved} of {inside.of} branches.",
        )
    return (
        "With BN in front of the activation and γ from 0, every branch begins to learn here: the"
        f" activation ({verdict.activation}) has a slope at zero, so γ gets a gradient.",
    )


def _trains(verdict: PlacementVerdict) -> str:
    arm = verdict.arm("0, inside")
    if arm.fate == "diverged":
        return "Only the first hidden layer trains. The network diverged in most seeds."
    return f"Only the first hidden layer trains. The network ends at {end(arm)}."


def _closed(verdict: PlacementVerdict) -> str:
    """ReLU alone has no slope at zero: with another, this run does not say why."""
    if verdict.activation != "relu":
        return "With BN in front of the activation and γ from 0, **no branch learns** here."
    return (
        "With BN in front of the activation and γ from 0, **no branch learns**: the activation"
        " (relu) gets only zeros, where its slope counts as 0, so γ gets no gradient."
    )


def _opened(zero: Zero) -> str:
    if not zero.opened_by > 0:
        return ""
    return (
        "With BN at the end of the branch, γ leaves 0: at the end of training it is"
        f" {magnitude(zero.opened_by)} away from it in the typical branch."
    )


def beliefs(verdict: PlacementVerdict, zero: Zero) -> dict[str, str]:
    """What is often believed of branches, and what this run says of it."""
    ends = [end(verdict.arm(name)) for name in ("γ from 0", "0, inside")]
    return {
        Belief.ZERO_NEVER_LEARNS: _at_the_end(zero.at_the_end),
        Belief.PLACE_IN_BRANCH: (
            f"{_in_front(zero.inside)} Test accuracy is {ends[0]} with BN at the end, {ends[1]}"
            " with BN inside."
        ),
    }


def _at_the_end(opened: Opened) -> str:
    if not opened.of:
        return "With BN at its end: no branch to look at in this run."
    return (
        f"With BN at its end, γ has left zero in {opened.moved} of {opened.of} branches of all"
        " seeds."
    )


def _in_front(opened: Opened) -> str:
    if not opened.of:
        return "With BN in front of the activation instead: no branch to look at in this run."
    return (
        "With BN in front of the activation instead, γ has left zero in"
        f" {opened.moved} of {opened.of} branches of all seeds."
    )


ONLY_FIRST, SOME, ALL = "only the first", "some", "all"


def _learning(verdict: PlacementVerdict) -> Outcome:
    """How many layers learn where BN, with gamma from zero, stands before the activation."""
    zero = verdict.about
    assert zero.kind == "zero"
    inside = zero.inside
    if not inside.of:
        return Outcome(right=None, why="In this run there was no such layer to look at.")
    if not inside.moved:
        return Outcome(right=ONLY_FIRST, why=f"{_no_gradient(verdict)} {_trains(verdict)}")
    if inside.moved < inside.of:
        left = f"γ has left 0 in {inside.moved} of {inside.of} branches of all seeds."
        return Outcome(right=SOME, why=f"{left} Why the others stay, this run does not show.")
    return Outcome(
        right=ALL,
        why=f"The slope of {verdict.activation} at 0 is not zero, so γ gets a gradient. It changes"
        f" in every branch, in {seeds(verdict.seeds, verdict.seeds)}.",
    )


def _no_gradient(verdict: PlacementVerdict) -> str:
    where = seeds(verdict.seeds, verdict.seeds)
    if verdict.activation != "relu":
        return f"No γ in a branch has left 0, in {where}; why, this run does not show."
    return f"In {where}, ReLU gets only zeros, where its slope counts as 0: γ gets no gradient."


LATEST = ("γ from 1", "γ from 0", "0, inside")


def _late(verdict: PlacementVerdict) -> Outcome:
    """Which of the curves with BN, medians over the seeds, is the last one at 90 %."""
    zero = verdict.about
    assert zero.kind == "zero"
    if zero.latest is None:
        return Outcome(right=None, why="Several are the last ones, at the same record.")
    first = min(step for step in zero.reached.values() if step != NEVER)  # one alone is the latest
    return Outcome(
        right=zero.latest,
        why=f"{_last(zero.latest, zero.reached[zero.latest], first)} {SHALLOW}",
    )


SHALLOW = (
    "A layer with γ = 0 adds nothing at first, so the network starts shallow; whether that is why,"
    " this run does not show."
)


def _last(name: str, step: int, first: int) -> str:
    """first: the step at which the first of the others is at 90 %."""
    if step == NEVER:
        return (
            f"In the medians over the seeds, {name} never gets there, the first of the others at"
            f" step {first}."
        )
    return (
        f"In the medians over the seeds, {name} gets there at step {step}, the first of the others"
        f" at step {first}."
    )


CLOSED = {"compare": "gamma from zero"}
CHALLENGES = (
    Challenge(
        name="closed",
        question="Skip connections, and γ from 0 before each ReLU: how many layers learn?",
        answers=(ONLY_FIRST, SOME, ALL),
        setting=CLOSED,
        outcome=_learning,
        expected=ONLY_FIRST,
        tempting=Tempting(ALL, Belief.PLACE_IN_BRANCH),
    ),
    Challenge(
        name="late",
        look=True,
        question="First picture: which network with BN is the last to reach 90 % (dotted)?",
        answers=LATEST,
        setting=CLOSED,
        outcome=_late,
        expected="γ from 1",
        tempting=Tempting("γ from 0", Belief.ZERO_NEVER_LEARNS),
    ),
    Challenge(
        name="smooth",
        question="With GELU, a smooth ReLU, in place of ReLU: how many layers learn now?",
        answers=(ONLY_FIRST, SOME, ALL),
        setting=CLOSED | {"activation": "gelu"},
        outcome=_learning,
        expected=ALL,
        tempting=Tempting(ONLY_FIRST, Belief.ZERO_NEVER_LEARNS),
    ),
)
