"""What a lesson computes, to take home: as a script or a notebook. No Streamlit.

    from bnviz.experiments.race import RaceConfig
    from bnviz.script.text import script

    print(script("race", "Does it train faster?", RaceConfig(depth=8)))

The plain scripts need no bnviz: `comparison` says what each lesson trains, `traits` and `images`
put networks into code, `blocks/` has the code as a reader sees it, `fill` takes from it what these
settings need, `text` puts all together. `library` writes short programs that use bnviz. Either is
a `program` in parts, of which `notebook` makes cells.
"""
