"""bnviz: see what batch normalization does to a network that is training in front of you."""

__version__ = "0.1.0"
