"""Small and skewed batches: where BN breaks, and what does not."""

from bnviz.experiments import batches, company, sorted_batches
from bnviz.figures import batches as pictures
from bnviz.figures import sorted_batches as sorted_pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import both_told, told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.batches import judge, judge_full
from bnviz.verdicts.company import judge as judge_one
from bnviz.verdicts.sorted_batches import judge as judge_sorted
from bnviz.words import batches as words
from bnviz.words.batches import company as alone
from bnviz.words.batches import sorted_batches as skewed

FIRST = ("batch_size", "learning_rate", "depth", "steps")
MORE = ("dataset", "width", "activation", "initialization", "gain", "optimizer", "seeds")

with frame.page("batches"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("batches", words.CHALLENGES)
    config = knobs.choose(batches.BatchesConfig, "batches", FIRST, MORE)
    quiz.pose(config)
    of, look = answer(batches.run, config), theme()
    verdict = judge(of)
    said = words.findings(verdict)
    show(pictures.errors(of, look), f"Test error by batch size. {said.headline}", "errors")
    clock(of.steps, label="Training", names=words.moments(of.steps), play=quiz.play)
    quiz.tell(said, verdict)
    frame.look_closer(said)
    with closer("batches", "company", words.CLOSER["company"]) as opened:
        if opened:
            asked = answer(company.run, company.SampleConfig.like(config))
            frame.say(alone.INTRODUCTION)
            drawn = pictures.curves(of, look), pictures.one_prediction(asked, look)
            both_told(alone.told(judge_one(asked)), *drawn, ("Training", "One prediction"), "one")
    with closer("batches", "sorted", words.CLOSER["sorted"], ["classes"]) as opened:
        if opened:
            chosen = knobs.values(batches.BatchesConfig, "batches", ["classes"])
            few = answer(sorted_batches.run, sorted_batches.few_classes(config, **chosen))
            judged = judge_sorted(few)
            quiz.of("sorted", judged)
            frame.say(skewed.INTRODUCTION)
            drawn = sorted_pictures.on_sorted(few, look), sorted_pictures.company(few, look)
            both_told(skewed.findings(judged).listed, *drawn, ("Inference", "Training mode"), "few")
    with closer("batches", "published", words.CLOSER["published"]) as opened:
        if opened:
            told(words.PUBLISHED, pictures.published(look), "published")
    with closer("batches", "full", words.CLOSER["full"]) as opened:
        if opened:
            section(None, words.FULL, batches.run_full, batches.full(config),
                lambda some: told(words.full(judge_full(some)), pictures.full(some, look), "full"),
                "batches-full")  # fmt: skip
    frame.beliefs("batches", words.beliefs(verdict))
    frame.notes(words.NOTES)
