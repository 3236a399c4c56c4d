"""BN's relatives: which numbers share a mean, and what follows from it."""

from bnviz.experiments import recurrent, relatives
from bnviz.figures import recurrent as rows
from bnviz.figures import relatives as pictures
from bnviz.figures import stack as maps
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, both_told
from bnviz.ui.clock import clock
from bnviz.ui.comparison import comparison
from bnviz.ui.section import section
from bnviz.ui.show import theme
from bnviz.verdicts import recurrent as of_recurrent
from bnviz.verdicts import stack as of_stack
from bnviz.verdicts.relatives import judge, judge_sizes
from bnviz.words import recurrent as reading
from bnviz.words import relatives as words
from bnviz.words import stack

FIRST = ("batch_size", "side", "groups", "learning_rate")
MORE = ("dataset", "depth", "width", "activation", "initialization", "gain",
        "optimizer", "steps", "seeds")  # fmt: skip

with frame.page("relatives"):
    frame.say(words.INTRODUCTION)
    of = answer(relatives.run, knobs.choose(relatives.RelativesConfig, "relatives", FIRST, MORE))
    verdict, look = judge(of), theme()
    said = words.findings(verdict)
    frame.headline(said.headline)
    frame.say(stack.INTRODUCTION)
    name, at = knobs.look_at("relatives", "of", "Normalizer", [*stack.CHOICES], of.size())
    kind = stack.CHOICES[name]
    lit, drawn = stack.told(of_stack.judge(of, kind, at)), maps.stacks(of, look, kind, at)
    beside(*drawn, ("Before", "Normalized"), lit, "relatives-stack",
           lambda at: knobs.point("relatives", maps.chosen(at, of)))  # fmt: skip
    frame.say(f"{lit}\n{words.LEARN}")
    learn = pictures.ladder(of, look), pictures.curves(of, look)
    beside(*learn, ("At this step", "Over training"), said.headline, "relatives-learn")
    clock(of.steps)
    frame.shows(said.more)

    frame.believed(words.beliefs(verdict))
    knobs.presets(relatives.RelativesConfig, "relatives", words.PRESETS)
    frame.guess(words.GUESS, words.GUESSES, lambda: words.guess(verdict), "relatives")
    section(
        *words.SWEEP, relatives.run, relatives.by_size(of.config), lambda some: both_told(
            words.over_sizes(judge_sizes(some)), pictures.by_size(some, look),
            pictures.published(look), ("Here", "On ImageNet, published"), "relatives-sizes",
        ), "relatives-sweep",
    )  # fmt: skip
    section(
        *reading.READING, recurrent.run, recurrent.pieces(of.config), lambda some: both_told(
            reading.told(of_recurrent.judge(some)), *rows.both(some, look),
            ("Image last", "Image first"), "relatives-rows",
        ), "relatives-recurrent",
    )  # fmt: skip
    frame.heading("What each of them needs")
    comparison(words.NEEDS[0], words.NEEDS[1:])
    frame.notes(words.NOTES)
