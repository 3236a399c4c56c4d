"""Small and skewed batches: where BN breaks, and what does not."""

from bnviz.experiments import batches
from bnviz.figures import batches as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import theme
from bnviz.words import batches as words

FIRST = ("batch_size", "learning_rate", "depth", "steps")
MORE = ("dataset", "width", "activation", "initialization", "gain", "optimizer", "seeds")

with frame.page("batches"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(batches.BatchesConfig, "batches", FIRST, MORE)
    of, look = answer(batches.run, config), theme()
    said = batches.findings(of)
    frame.headline(said[0])
    errors, published = pictures.errors(of, look), pictures.published(look)
    beside(errors, published, ("By batch size", "On ImageNet, published"), said[0], "batches-a")
    clock(of.steps, label="Training", names=batches.MOMENTS)
    frame.shows(said[1:])

    with closer("batches", "company", words.CLOSER["company"]) as opened:
        if opened:
            asked = answer(batches.run_sample, batches.SampleConfig.like(of.config))
            sample = batches.of_the_sample(asked)
            frame.say(f"{words.COMPANY}\n{sample}")
            curves, one = pictures.curves(of, look), pictures.one_prediction(asked, look)
            beside(curves, one, ("Over training", "One prediction"), sample, "batches-c")
    with closer("batches", "sorted", words.CLOSER["sorted"], ["classes"]) as opened:
        if opened:
            chosen = knobs.values(batches.BatchesConfig, "batches", ["classes"])
            few = answer(batches.run_sorted, batches.few_classes(of.config, **chosen))
            on_sorted = batches.of_sorted(few, of)
            frame.say(f"{words.SORTED}\n{on_sorted[0]}")
            at_test, company = pictures.on_sorted(few, look), pictures.company(few, look)
            names = ("At inference", "As in training")
            beside(at_test, company, names, " ".join(on_sorted), "batches-b")
            frame.shows(on_sorted[1:], "What sorted batches show")

    frame.believed(batches.misconceptions(of))
    knobs.presets(batches.BatchesConfig, "batches", words.PRESETS)
    frame.guess(words.GUESS, batches.GUESSES, lambda: batches.where_it_breaks(of), "batches")
    section(
        *words.FULL, batches.run_full, batches.full(of.config),
        lambda some: told(batches.of_full(some), pictures.full(some, look), "full"),
        "batches-full",
    )  # fmt: skip
    frame.notes(words.NOTES)
