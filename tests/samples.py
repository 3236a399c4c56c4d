"""Small runs, trained in a moment, that the tests share."""

from bnviz.experiments.home import HomeConfig
from bnviz.experiments.race import RaceConfig

TINY = {"depth": 2, "width": 8, "steps": 8, "batch_size": 32, "seeds": 2}


def home_config(**changes):
    """A small pair for the front door, with BN in every layer unless the changes say so."""
    return HomeConfig(**TINY | changes)


def race_config(**changes):
    return RaceConfig(**TINY | changes)
