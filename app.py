"""The front door: break a deep network with one slider, then mend it with BN."""

import streamlit as st

from bnviz.experiments import home
from bnviz.figures import home as pictures
from bnviz.ui import frame, knobs, serving
from bnviz.ui.answers import answer
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.show import show, theme
from bnviz.verdicts.home import judge, thirds
from bnviz.words import home as words

MORE = (
    "activation", "depth", "width", "batch_size",
    "initialization", "gain", "optimizer", "steps", "seeds",
)  # fmt: skip


def lesson() -> None:
    with frame.page("home") as here:
        frame.say(words.INTRODUCTION)
        knobs.say_what_was_ignored(home.HomeConfig, "home")
        rate, toggles = st.columns(2)
        with rate:
            chosen = knobs.values(home.HomeConfig, "home", ["learning_rate"])
        above = st.container()
        with st.container(horizontal=True, gap="xsmall"):
            shortcuts = st.container(width="content", horizontal=True, gap="xsmall")
            chosen |= knobs.folded(home.HomeConfig, "home", MORE)
        normalized = knobs.layers("home", chosen["depth"], toggles, above, shortcuts)
        result = answer(home.run, home.HomeConfig(normalized=normalized, **chosen))
        verdict = judge(result)
        said = words.findings(verdict)
        frame.headline(said.headline)
        show(pictures.networks(result, theme()), "Two networks. " + said.headline, "networks")
        clock(result.steps)
        frame.shows(said.more)
        with st.container():
            if verdict.hidden_layer_gone:
                knobs.mend("home", verdict.depth, verdict.hidden_layer_gone)
        with closer("home", "layers", words.CLOSER["layers"]) as opened:
            if opened:
                show(pictures.health(result, theme()), said.text, "health")
        knobs.presets(home.HomeConfig, "home", words.PRESETS)

        def which_went_first() -> tuple[str, str]:
            broken = home.HomeConfig(learning_rate=1.0)
            return words.guess(thirds(answer(home.run, broken)))

        frame.guess(words.GUESS, words.GUESSES, which_went_first, "home")
        frame.notes(words.NOTES)
        frame.course(here)


if __name__ == "__main__":  # run as a page
    lesson()
else:  # imported by the server as it starts
    app = st.App(__file__, lifespan=serving.lifespan, middleware=serving.MIDDLEWARE)
