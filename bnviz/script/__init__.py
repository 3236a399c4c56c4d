"""The networks of a lesson as a plain PyTorch script: no bnviz, no Streamlit.

    from bnviz.experiments.race import RaceConfig
    from bnviz.script.text import script

    print(script("race", "Does it train faster?", RaceConfig(depth=8)))

`comparison` says what each lesson trains, `traits` puts networks into code, `blocks/` has the code
as a reader sees it, `fill` takes from it what these settings need, `text` puts all together.
"""
