"""Many settings at once, against the loop everyone writes, one run after another."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import engine
from benchmarks.timing import Contestant, Spread, heading, row, take_turns, verdict
from bnviz.engine.threads import one_thread
from bnviz.experiments import forgiveness, rates
from bnviz.experiments.forgiveness import ForgivenessConfig
from bnviz.experiments.rates import RatesConfig
from bnviz.experiments.settings import LEARNING_RATES, Settings

ROUNDS = 5
FASTER, MOST_SECONDS = 5.0, 2.0  # times than the loop, per run; a rate sweep takes


def one_run_each(config: Settings) -> Contestant:
    """One run without BN and one with it in torch.nn, as many steps, recording nothing."""
    sizes = {"depth": config.depth, "batch": config.batch_size}
    pair = [
        engine.loop(config.width, normalized, config.steps, **sizes) for normalized in (False, True)
    ]

    def both() -> None:
        with one_thread():
            for run in pair:
                run()

    return both


def _against_the_loop(name: str, config: Settings, runs: int, all_: Callable[[], object]) -> Spread:
    """Seconds of the sweep; a row with its runs in a second, and how many times the loop's."""
    times = take_turns({"loop": one_run_each(config), "sweep": all_}, ROUNDS)
    faster = Spread.ratio(times["loop"], times["sweep"], runs / 2)
    each_second = runs / Spread.of(times["sweep"]).middle
    row(
        f"{name}, {runs} runs",
        f"{each_second:.0f} runs a second",
        f"{faster.text('.1f')} the loop's; target {FASTER:g}x: {verdict(faster.middle, FASTER)}",
    )
    return Spread.of(times["sweep"])


def main() -> None:
    heading(
        "Sweeps: plain and BN at many settings, both cores, with their records; wall time",
        "The loop: one torch.nn network after another, one thread, which records nothing.",
    )
    sweep, one_map = RatesConfig(), ForgivenessConfig(seeds=1)
    seconds = _against_the_loop(
        "Learning rates",
        sweep,
        2 * len(LEARNING_RATES) * sweep.seeds,
        lambda: rates.run(sweep, workers=2),
    )
    row(
        "  the whole sweep of the lesson",
        seconds.text(".2f", " s"),
        f"aim {MOST_SECONDS:g} s: {verdict(seconds.middle, MOST_SECONDS, at_most=True)}",
    )
    cells = len(forgiveness.RATES) * len(one_map.rows)
    _against_the_loop(
        "Learning rates x gains, one seed",
        one_map,
        2 * cells,
        lambda: forgiveness.run(one_map, workers=2),
    )
