"""See what batch normalization does to a network that is training in front of you.

help(bnviz.experiments)  # the lessons, and how each is run from a notebook or a script

from bnviz.experiments import race
from bnviz.figures import LIGHT, drawn
from bnviz.figures import race as pictures

result = race.run(race.RaceConfig(depth=12))
drawn(pictures.accuracy(result, LIGHT)).show()
"""

__version__ = "0.1.0"
