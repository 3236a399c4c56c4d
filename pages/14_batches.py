"""Small and skewed batches: where BN breaks, and what does not."""

from bnviz.experiments import batches, company, sorted_batches
from bnviz.figures import batches as pictures
from bnviz.figures import sorted_batches as sorted_pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import theme
from bnviz.verdicts import batches as verdicts
from bnviz.verdicts import company as of_company
from bnviz.verdicts import sorted_batches as of_sorted
from bnviz.words import batches as words
from bnviz.words import company as company_words
from bnviz.words import sorted_batches as sorted_words

FIRST = ("batch_size", "learning_rate", "depth", "steps")
MORE = ("dataset", "width", "activation", "initialization", "gain", "optimizer", "seeds")

with frame.page("batches"):
    frame.say(words.INTRODUCTION)
    of = answer(batches.run, knobs.choose(batches.BatchesConfig, "batches", FIRST, MORE))
    verdict, look = verdicts.judge(of), theme()
    said = words.findings(verdict)
    frame.headline(said.headline)
    drawn = pictures.errors(of, look), pictures.published(look)
    beside(*drawn, ("By batch size", "On ImageNet, published"), said.headline, "batches-a")
    clock(of.steps, label="Training", names=words.moments(of.steps))
    frame.shows(said.more)

    with closer("batches", "company", words.CLOSER["company"]) as opened:
        if opened:
            asked = answer(company.run, company.SampleConfig.like(of.config))
            sample = company_words.told(of_company.judge(asked))
            frame.say(f"{company_words.INTRODUCTION}\n{sample}")
            drawn = pictures.curves(of, look), pictures.one_prediction(asked, look)
            beside(*drawn, ("Over training", "One prediction"), sample, "batches-c")
    with closer("batches", "sorted", words.CLOSER["sorted"], ["classes"]) as opened:
        if opened:
            chosen = knobs.values(batches.BatchesConfig, "batches", ["classes"])
            few = answer(sorted_batches.run, sorted_batches.few_classes(of.config, **chosen))
            skewed = sorted_words.findings(of_sorted.judge(few))
            frame.say(f"{sorted_words.INTRODUCTION}\n{skewed.headline}")
            drawn = sorted_pictures.on_sorted(few, look), sorted_pictures.company(few, look)
            beside(*drawn, ("At inference", "As in training"), skewed.text, "batches-b")
            frame.shows(skewed.more, "What sorted batches show")

    frame.believed(words.beliefs(verdict))
    knobs.presets(batches.BatchesConfig, "batches", words.PRESETS)
    frame.guess(words.GUESS, words.GUESSES, lambda: words.guess(verdict), "batches")
    section(
        *words.FULL, batches.run_full, batches.full(of.config),
        lambda some: told(words.full(verdicts.judge_full(some)), pictures.full(some, look), "full"),
        "batches-full",
    )  # fmt: skip
    frame.notes(words.NOTES)
