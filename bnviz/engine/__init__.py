"""Networks and how they train. Knows torch and numpy, and nothing else of bnviz."""

import os

# Before the first matrix product. Left to itself, MKL lets the place of a matrix in memory and in
# its batch choose how it is multiplied, on AMD's processors at least: a replica would differ in the
# last bits with its company. With "AUTO" the same numbers always take the same way, as fast.
os.environ.setdefault("MKL_CBWR", "AUTO")
