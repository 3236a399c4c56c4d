"""The process stays within what a small hosted machine has, after a hundred different runs."""

import subprocess
import sys

from benchmarks.memory import BOUND, ROOT, RUNS


def test_a_hundred_different_runs_stay_below_the_bound():
    command = [sys.executable, "-m", "benchmarks.memory"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    before, after, peak = map(float, done.stdout.split()[-3:])
    assert RUNS == 100
    assert before < after <= peak < BOUND == 700
