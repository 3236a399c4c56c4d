"""What is said of branches whose gamma starts at zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.arms import end, unlearned
from bnviz.words.findings import Findings
from bnviz.words.numbers import magnitude, percent, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.placement import Opened, PlacementVerdict, Zero


def findings(verdict: PlacementVerdict, zero: Zero) -> Findings:
    """Whether starting at zero helps, and which branches open."""
    more = (_ends(verdict), _inside(verdict, zero), _opened(zero))
    return Findings(headline=_headline(verdict, zero), more=tuple(filter(None, more)))


def _headline(verdict: PlacementVerdict, zero: Zero) -> str:
    from_zero, from_one = map(percent, zero.pace)
    paces = (
        f"averaged over training, test accuracy is {from_zero} with γ from 0 and {from_one} with γ"
        " from 1"
    )
    ahead = seeds(zero.contest.ahead, verdict.seeds)
    match zero.outcome:
        case "same":
            return f"**Starting γ at zero hardly matters here**: {paces}."
        case "unclear":
            return f"**Starting γ at zero makes no difference in most seeds here**: {paces}."
        case "helps":
            return f"**Starting γ at zero helps here**, in {ahead}: {paces}."
        case "does not help":
            return (
                f"**Starting γ at zero does not help here**: from 1 is ahead in {ahead}; {paces}."
            )
    return unlearned(zero.outcome, "BN at the end of the branches", paces)


def _ends(verdict: PlacementVerdict) -> str:
    arms = [verdict.arm(name) for name in ("γ from 0", "γ from 1", "plain")]
    ends = ", ".join(f"{arm.name} {end(arm)}" for arm in arms)
    return f"At the end: {ends}, all with skip connections."


def _inside(verdict: PlacementVerdict, zero: Zero) -> str:
    inside = zero.inside
    where = "With BN in front of the activation and γ from zero"
    if not inside.of:
        return ""
    if not inside.moved:
        return f"{where}, **no branch ever opens**{_why_closed(verdict)}"
    if inside.moved < inside.of:
        return f"{where}, γ moves in {inside.moved} of {inside.of} branches."
    return (
        f"{where}, every branch opens here: the activation ({verdict.activation}) has a slope at"
        " zero, and γ gets a gradient."
    )


def _why_closed(verdict: PlacementVerdict) -> str:
    """ReLU alone has no slope at zero: with another, this run does not say why."""
    arm = verdict.arm("0, inside")
    ended = "it diverged in most seeds" if arm.fate == "diverged" else f"it ended at {end(arm)}"
    trains = f"What trains is a network of one hidden layer; {ended}."
    if verdict.activation != "relu":
        return f" here. {trains}"
    return (
        f": with γ = β = 0 the activation (relu) is given zeros alone, where its slope counts as"
        f" 0, so that γ gets no gradient. {trains}"
    )


def _opened(zero: Zero) -> str:
    if not zero.opened_by > 0:
        return ""
    return (
        f"With BN at the end of the branch γ moves away from 0, by {magnitude(zero.opened_by)} in"
        " the typical branch: a branch starts closed, and training opens it."
    )


def beliefs(verdict: PlacementVerdict, zero: Zero) -> dict[str, str]:
    """What is often believed of branches, and what this run says of it."""
    inside = _some(zero.inside, "With BN in front of the activation instead")
    ends = [end(verdict.arm(name)) for name in ("γ from 0", "0, inside")]
    return {
        "A branch that starts at zero can never learn": _some(
            zero.at_the_end, "With BN at its end"
        ),
        "Where in the branch BN stands does not matter": (
            f"{inside} Test accuracy: {ends[0]} at the end of the branch, {ends[1]} inside."
        ),
    }


def _some(opened: Opened, where: str) -> str:
    if not opened.of:
        return f"{where}: no branch to look at in this run."
    return f"{where}, γ has left zero in {opened.moved} of {opened.of} branches of all seeds."
