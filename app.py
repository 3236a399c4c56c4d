"""The front door: break a deep network with one slider, then mend it with BN."""

import streamlit as st

from bnviz.experiments import home
from bnviz.figures import home as pictures
from bnviz.ui import frame, knobs, serving, take_home
from bnviz.ui.answers import answer
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.show import show, theme
from bnviz.verdicts.home import judge
from bnviz.words import home as words
from bnviz.words.home import beliefs as home_beliefs
from bnviz.words.home.findings import findings

MORE = (
    "activation", "depth", "width", "batch_size",
    "initialization", "gain", "optimizer", "steps", "seeds",
)  # fmt: skip


def lesson() -> None:
    with frame.page("home") as here:
        frame.say(words.INTRODUCTION)
        quiz = Quiz("home", words.CHALLENGES)
        knobs.say_what_was_ignored(home.HomeConfig, "home")
        with knobs.row("home"):
            chosen = knobs.values(home.HomeConfig, "home", ["learning_rate"])
            toggles = st.container()
            folded, shortcuts = knobs.folded(home.HomeConfig, "home", MORE)
        above = st.container()
        chosen |= folded
        normalized = knobs.layers("home", chosen["depth"], toggles, above, shortcuts)
        config = home.HomeConfig(normalized=normalized, **chosen)
        take_home.offer("home", config)
        quiz.pose(config)
        result = answer(home.run, config)
        verdict = judge(result)
        said = findings(verdict)
        show(pictures.networks(result, theme()), "Two networks. " + said.headline, "networks")
        clock(result.steps, play=quiz.play)
        quiz.tell(said, verdict)
        frame.look_closer(said)
        with closer("home", "layers", words.CLOSER["layers"]) as opened:
            if opened:
                show(pictures.health(result, theme()), said.text, "health")
        frame.beliefs("home", home_beliefs.beliefs(verdict))
        frame.notes(words.NOTES)
        frame.course(here)


if __name__ == "__main__":  # run as a page
    lesson()
else:  # imported by the server as it starts
    app = st.App(__file__, lifespan=serving.lifespan, middleware=serving.MIDDLEWARE)
