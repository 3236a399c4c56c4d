"""Runs for tests: each can be told apart, halted and ended, in any process."""

import os
import time
from pathlib import Path

from bnviz.experiments.jobs import checkpoint


def doubled(config, report, workers):
    """Quick; `config` is a number."""
    report(0.5)
    return 2 * config


def endless(config, report, workers):
    """Until it is stopped; writes that it goes on into the file `config`."""
    steps = 0
    while True:
        report(0.25)
        checkpoint()
        steps += 1
        Path(config).write_text(f"{os.getpid()} {steps}")
        time.sleep(0.002)


def until_told(config, report, workers):
    """Until the file `config` is there; counts how often it was begun, beside it."""
    with Path(config + ".begun").open("a") as begun:
        begun.write("x")
    report(0.5)
    while not Path(config).exists():
        checkpoint()
        time.sleep(0.002)
    return Path(config).read_text()


def dying(config, report, workers):
    """Takes its process along."""
    os._exit(3)


def failing(config, report, workers):
    raise ValueError(f"not {config}")
