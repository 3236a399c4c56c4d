"""BN's relatives: which numbers share a mean, and what follows from it."""

from bnviz.experiments import recurrent, relatives
from bnviz.figures import relatives as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, both_told
from bnviz.ui.clock import clock
from bnviz.ui.comparison import comparison
from bnviz.ui.section import section
from bnviz.ui.show import theme
from bnviz.words import relatives as words

FIRST = ("batch_size", "side", "groups", "learning_rate")
MORE = (
    "dataset", "depth", "width", "activation", "initialization",
    "gain", "optimizer", "steps", "seeds",
)  # fmt: skip

with frame.page("relatives"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(relatives.RelativesConfig, "relatives", FIRST, MORE)
    of, look = answer(relatives.run, config), theme()
    said = relatives.findings(of)
    frame.headline(said[0])
    frame.say(words.STACK)
    name, place = knobs.look_at("relatives", "of", "Normalizer", [*relatives.CHOICES], of.size())
    kind, shown = relatives.CHOICES[name], relatives.of_the_stack(of, name, place)
    beside(
        *pictures.stacks(of, look, kind, place), ("Before", "Normalized"), shown, "relatives-stack",
        lambda at: knobs.point("relatives", pictures.chosen(at, of)),
    )  # fmt: skip
    frame.say(f"{shown}\n{words.LEARN}")
    ladder, curves = pictures.ladder(of, look), pictures.curves(of, look)
    beside(ladder, curves, ("At this step", "Over training"), said[0], "relatives-learn")
    clock(of.steps)
    frame.shows(said[1:])

    frame.believed(relatives.misconceptions(of))
    knobs.presets(relatives.RelativesConfig, "relatives", words.PRESETS)
    frame.guess(words.GUESS, relatives.GUESSES, lambda: relatives.who_is_last(of), "relatives")
    section(
        *words.SWEEP, relatives.run, relatives.by_size(of.config),
        lambda some: both_told(
            relatives.over_sizes(some), pictures.by_size(some, look), pictures.published(look),
            ("Here", "On ImageNet, published"), "relatives-sizes",
        ), "relatives-sweep",
    )  # fmt: skip
    section(
        *words.READING, recurrent.run, recurrent.pieces(of.config),
        lambda some: both_told(
            recurrent.told(some), pictures.waiting(some, look), pictures.waiting(some, look, False),
            ("Digit last", "Digit first"), "relatives-rows",
        ), "relatives-recurrent",
    )  # fmt: skip
    frame.heading("What each of them needs")
    comparison(words.NEEDS[0], words.NEEDS[1:])
    frame.notes(words.NOTES)
