"""Covariate shift of the inputs: all that this part of the shift page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnviz.words.findings import Findings
from bnviz.words.numbers import percent, seeds

if TYPE_CHECKING:
    from bnviz.verdicts.changed_inputs import InputsVerdict, Protects, World

AS_IT_WAS = "as it was"
"""The name of the test set that was not changed."""

INPUTS = """
**Covariate shift:** train on some inputs, test on others that come from another distribution. The
question (which class?) has stayed the same, the inputs have not. Here are three test sets: as it
was, and changed in two ways. The picture shows the same test sample of each, and beside it what one
typical unit of the first layer computes from all samples, before any training.
"""


def told(verdict: InputsVerdict) -> str:
    """The same, the rest as a list below the headline."""
    said = findings(verdict)
    return "\n".join((said.headline, "", *(f"- {sentence}" for sentence in said.more)))


def findings(verdict: InputsVerdict) -> Findings:
    """What changed inputs do to the trained networks."""
    headline = f"**{HEADLINES[verdict.protects]}**"
    if verdict.protects == "lost":
        return Findings(headline=headline)
    return Findings(headline=headline, more=(*_beside(verdict), *_numbers(verdict)))


HEADLINES: dict[Protects, str] = {
    "lost": "One of the networks diverged in most seeds: there is nothing to test.",
    "neither learned": "Neither network has learned enough to be tested on other inputs.",
    "BN not learned": "BN has not learned enough to be tested on other inputs.",
    "hardly hurt": "These changes of the inputs hardly hurt a network that has learned.",
    "by half": "BN loses less than half as much as plain where the inputs change.",
    "somewhat": "BN loses less than plain where the inputs change, but it loses, too.",
    "no": "BN does not protect from inputs of another kind.",
}
UNTESTED: tuple[Protects, ...] = ("lost", "neither learned", "BN not learned")


def _beside(verdict: InputsVerdict) -> tuple[str, ...]:
    """How sure it is that BN loses less, or why plain is no measure for it."""
    if verdict.protects in ("by half", "somewhat"):
        where = seeds(verdict.less, verdict.seeds)
        return (f"On {verdict.worst.name} inputs BN loses less than plain in {where}.",)
    if verdict.plain_learned or verdict.protects in UNTESTED:
        return ()
    return ("The plain network has not learned enough to compare.",)


def _numbers(verdict: InputsVerdict) -> tuple[str, ...]:
    """Test accuracy of both networks; where BN has learned, also with the statistics made anew."""
    adapted = () if verdict.protects in UNTESTED else map(_adapted, verdict.worlds[1:])
    return (*map(reached, verdict.worlds), *adapted)


def reached(world: World) -> str:
    """The test accuracy of both networks on one test set."""
    plain, batch = percent(world.plain), percent(world.batch)
    if world.name == AS_IT_WAS:
        return f"On the test inputs as they were, plain has {plain} test accuracy, BN {batch}."
    return f"On {world.name} inputs, plain has {plain} test accuracy, BN {batch}."


def _adapted(world: World) -> str:
    """What BN reaches with mean and standard deviation of these inputs."""
    said = (
        f"With the batch statistics of the {world.name} inputs, in place of its running averages,"
        f" BN has {percent(world.adapted)}."
    )
    if world.restored:
        return f"{said} That is as good as before the change."
    return f"{said} That is still worse than before."
