"""Networks and how they train. Knows torch and numpy, and nothing else of bnviz."""
