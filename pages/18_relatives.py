"""BN's relatives: which numbers share a mean, and what follows from it."""

from bnviz.experiments import relatives
from bnviz.figures import relatives as pictures
from bnviz.figures import stack as maps
from bnviz.ui import frame, knobs
from bnviz.ui import relative_parts as parts
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, both_told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.comparison import comparison
from bnviz.ui.section import section
from bnviz.ui.show import theme
from bnviz.verdicts import stack as of_stack
from bnviz.verdicts.relatives import judge
from bnviz.words import relatives as words
from bnviz.words.relatives import beliefs as relative_beliefs
from bnviz.words.relatives import needs, stack, today

FIRST = ("batch_size", "side", "groups", "learning_rate")
MORE = ("dataset", "depth", "width", "activation", "initialization", "gain",
        "optimizer", "steps", "seeds")  # fmt: skip

with frame.page("relatives"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("relatives", words.CHALLENGES)
    config = knobs.choose(relatives.RelativesConfig, "relatives", FIRST, MORE)
    quiz.pose(config)
    of, look = answer(relatives.run, config), theme()
    verdict = judge(of)
    said = words.findings(verdict)
    beside(*pictures.first(of, look), words.PICTURES, said.headline, "relatives-learn")
    clock(of.steps, play=quiz.play)
    quiz.tell(said, verdict)
    frame.look_closer(said)
    with closer("relatives", "stack", words.CLOSER["stack"], ["of", *of.size()]) as opened:
        if opened:
            name, at = knobs.look_at("relatives", "of", "Normalizer", [*stack.CHOICES], of.size())
            lit = of_stack.judge(of, stack.CHOICES[name], at)
            both_told(stack.told(lit), *maps.stacks(of, look, lit.kind, at), stack.PICTURES,
                      "maps", lambda at: knobs.point("relatives", maps.chosen(at, of)))  # fmt: skip
    with closer("relatives", "sizes", words.CLOSER["sizes"]) as opened:
        if opened:
            section(None, *parts.by_size(of.config, look))
    with closer("relatives", "rows", words.CLOSER["rows"]) as opened:
        if opened:
            section(None, *parts.by_row(of.config, look))
    with closer("relatives", "today", words.CLOSER["today"]) as opened:
        if opened:
            section(None, *parts.of_residuals(of.config, look))
    with closer("relatives", "needs", words.CLOSER["needs"]) as opened:
        if opened:
            comparison(needs.NEEDS[0], needs.NEEDS[1:])
    frame.beliefs("relatives", relative_beliefs.beliefs(verdict))
    frame.notes(words.NOTES | today.NOTES)
