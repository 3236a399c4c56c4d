"""Covariate shift of the inputs: all that this part of the shift page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.findings import Findings
from bnviz.words.numbers import percent, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.changed_inputs import InputsVerdict

INPUTS = """
**Covariate shift:** train on some inputs, test on others that come from another distribution. The
question (which digit?) has stayed the same, the inputs have not. On the left the same test sample
in each world, beside it what one typical unit of the first layer computes from all of them, before
any training.
"""


def told(verdict: InputsVerdict) -> str:
    """The same, the rest as a list below the headline."""
    said = findings(verdict)
    return "\n".join((said.headline, "", *(f"- {sentence}" for sentence in said.more)))


def findings(verdict: InputsVerdict) -> Findings:
    """What changed inputs do to the trained networks."""
    match verdict.protects:
        case "lost":
            return Findings(
                headline="**One of the networks diverged in most seeds**: there is nothing to test."
            )
        case "neither learned":
            said = "**Neither network has learned enough to be tested on other inputs.**"
            return Findings(headline=said, more=(_numbers(verdict),))
        case "BN not learned":
            said = "**BN has not learned enough to be tested on other inputs.**"
            return Findings(headline=said, more=(_numbers(verdict),))
    return Findings(headline=_protection(verdict), more=(_numbers(verdict), _adapted(verdict)))


def _numbers(verdict: InputsVerdict) -> str:
    parts = [
        f"{world.name}: plain {percent(world.plain)}, BN {percent(world.batch)}"
        for world in verdict.worlds
    ]
    return f"Test accuracy {'; '.join(parts)}."


def _protection(verdict: InputsVerdict) -> str:
    """Whether BN, which has learned its task, keeps more than plain on changed inputs."""
    if verdict.protects == "hardly hurt":
        learned = verdict.plain_learned
        either = "either network" if learned else "BN; plain has not learned enough to tell"
        return f"**These changes of the inputs hardly hurt {either}.**"
    numbers = _on_the_worst(verdict)
    less = f"less in {seeds(verdict.less, verdict.seeds)}"
    match verdict.protects:
        case "by half":
            return (
                "**BN loses less than half as much as plain where the inputs change**:"
                f" {numbers}, {less}."
            )
        case "somewhat":
            return (
                "**BN loses less than plain where the inputs change, but it loses**:"
                f" {numbers}, {less}."
            )
    return f"**BN does not protect from inputs of another kind**: {numbers}."


def _on_the_worst(verdict: InputsVerdict) -> str:
    before, after = verdict.worlds[0], verdict.worst
    beside = " (plain has not learned enough to compare)"
    if verdict.plain_learned:
        beside = f", plain from {percent(before.plain)} to {percent(after.plain)}"
    return (
        f"on {after.name} ones it goes from {percent(before.batch)} to {percent(after.batch)}"
        f"{beside}"
    )


def _adapted(verdict: InputsVerdict) -> str:
    parts = [
        f"{percent(world.batch)} becomes {percent(world.adapted)} on {world.name} ones,"
        f" {'as good as before' if world.restored else 'still worse than before'}"
        for world in verdict.worlds[1:]
    ]
    return (
        "With mean and standard deviation of the new inputs in place of those from training, BN's"
        f" {'; '.join(parts)}."
    )
