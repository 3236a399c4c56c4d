"""The race: does batch normalization really make training faster?"""

from bnviz.experiments import race
from bnviz.figures import race as pictures
from bnviz.ui import frame, knobs, listed
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.prose import tell
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.race import judge, tally
from bnviz.words import race as words
from bnviz.words.race import beliefs as race_beliefs

FIRST = ("learning_rate", "dataset", "activation", "depth")
MORE = (
    "batch_size", "width", "initialization", "gain",
    "optimizer", "steps", "seeds", "normalized_layers", "target",
)  # fmt: skip

with frame.page("race"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("race", words.CHALLENGES)
    config = knobs.choose(race.RaceConfig, "race", FIRST, MORE)
    quiz.pose(config)
    result = answer(race.run, config)
    verdict = judge(result)
    said = words.findings(verdict)
    accuracy = pictures.accuracy(result, theme())
    if result.decision is None:
        show(accuracy, f"Test accuracy. {said.headline}", "accuracy")
    else:
        names = ("Decisions on the plane", "Test accuracy")
        beside(pictures.boundaries(result, theme()), accuracy, names, said.headline, "race")
    clock(result.steps, play=quiz.play)
    quiz.tell(said, verdict)

    frame.look_closer(said)
    with closer("race", "loss", words.CLOSER["loss"]) as opened:
        if opened:
            show(pictures.loss(result, theme()), f"Training loss. {said.headline}", "loss")
    with closer("race", "cost", words.CLOSER["cost"]) as opened:
        if opened:
            told(words.in_seconds(verdict), pictures.accuracy(result, theme(), True), "seconds")
            listed.table(words.costs(verdict.cost))
    with closer("race", "luck", words.CLOSER["luck"]) as opened:
        if opened:
            section(
                None, words.LUCK, race.run, race.more_seeds(result.config),
                lambda results: tell(words.tally(tally(results), result.config.target)),
                "race-luck",
            )  # fmt: skip
    frame.beliefs("race", race_beliefs.beliefs(verdict))
    frame.notes(words.NOTES)
