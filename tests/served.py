"""`python -m tests.served run app.py`: Streamlit's own command, but sections end in a moment.

What a section shows is looked at in a browser; how it is trained is tested where it is computed.
Each of its runs is as it is on the page, for a few steps and one seed only.
"""

from streamlit.web import cli

from bnviz.experiments import (
    batches,
    deep_linear,
    modes,
    other_noises,
    recurrent,
    relatives,
    signals,
    today,
)

FEW = {"steps": 10, "seeds": 1}
LONG = (
    (batches, "full"),
    (deep_linear, "linear"),
    (modes, "batch_sizes"),
    (other_noises, "sizes"),
    (recurrent, "pieces"),
    (relatives, "by_size"),
    (signals, "remedies"),
    (today, "pieces"),
)
"""What makes the runs of a section that takes longer than a second with small networks."""


def brief(pieces):
    """As `pieces`, each for few steps and one seed."""

    def fewer(*given):
        return [one.model_copy(update=FEW) for one in pieces(*given)]

    return fewer


if __name__ == "__main__":
    for module, name in LONG:
        setattr(module, name, brief(getattr(module, name)))
    cli.main(prog_name="streamlit")
