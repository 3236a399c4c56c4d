"""bnviz: see what batch normalization does to a network that is training in front of you."""
