"""Every run keeps within 30 seconds of a core and 200 MB, by an estimate that holds."""

import os
import pickle
import resource
import subprocess
import sys
from itertools import pairwise

import pytest

from benchmarks import bounds, links
from benchmarks.bounds import ALL_LARGE, KINDS, LARGE, ROOT, asked, costliest, ends
from bnviz.engine import memory
from bnviz.experiments import backward, forgiveness, transform
from bnviz.experiments.bounds import LARGE_RUN, LARGEST_RUN, TooLargeError, bounded
from bnviz.experiments.home import HomeConfig
from bnviz.experiments.jobs import StoppedError, controlled, silent
from bnviz.experiments.race import RaceConfig, run
from bnviz.experiments.rates import RatesConfig
from bnviz.experiments.scale import ScaleConfig
from bnviz.experiments.settings import MEMORY_LIMIT, WORK_LIMIT


@pytest.mark.parametrize("name", KINDS)
def test_at_all_ends_of_the_knobs_a_run_is_within_its_bounds_or_refused(name):
    for chosen in ends(KINDS[name].config):
        granted, said = afforded(name, chosen)
        assert all(one.work() <= WORK_LIMIT for one in granted), chosen
        assert all(one.memory() <= MEMORY_LIMIT for one in granted), chosen
        assert not said or (len(chosen) > 1 and said.endswith(" smaller.")), chosen


def test_every_run_that_trains_is_bounded_and_among_them():
    here = {kind.run for kind in KINDS.values()}
    others = {backward.run, transform.run, forgiveness.run}  # by hand; piece after piece
    assert {run for _, _, run in links.runs_of_experiments()} - here == others
    assert all(run.__wrapped__.__qualname__ == run.__qualname__ for run in here)
    assert all(pickle.loads(pickle.dumps(run)) is run for run in here)


def afforded(name, chosen):
    """What is run of this choice, and the sentence where nothing is."""
    try:
        return [piece.affordable() for piece in asked(name, chosen)], ""
    except TooLargeError as refused:
        return [], str(refused)


@pytest.mark.parametrize("name", KINDS)
def test_what_the_page_runs_by_itself_is_neither_shortened_nor_thinned(name):
    pieces = asked(name, {})
    assert [piece.affordable() for piece in pieces] == pieces


@pytest.mark.parametrize("name", KINDS)
def test_more_steps_and_more_seeds_never_cost_less(name):
    config = asked(name, {})[0]
    for field, values in (("steps", (20, 100, 400, 1600)), ("seeds", (1, 2, 5, 10))):
        rising = [config.model_copy(update={field: value}) for value in values]
        for less, more in pairwise(rising):
            assert more.work() >= 0.95 * less.work(), field  # large ones are measured less often
            assert more.memory() >= 0.95 * less.memory(), field


COSTLIEST = ["shift", "landscape, surface", "scale"]
"""Where memory is nearest to its bound; each in a process limited to 1 GB."""


@pytest.mark.long
@pytest.mark.parametrize("name", COSTLIEST)
def test_a_run_takes_no_more_than_was_estimated(name):
    config = costliest([piece.affordable() for piece in asked(name, LARGE)])
    short = config.model_copy(update={"steps": 1})
    seconds, held = bounds.measured(name, short)
    assert 0.1 * short.work() < seconds < short.work()
    assert 0.4 * short.memory() < held < short.memory()


def test_a_run_of_many_small_networks_takes_clearly_less_than_was_estimated():
    """Of small arrays the system gives back some, and the next run of the same takes more."""
    config = HomeConfig(seeds=10)
    _, held = bounds.measured("home", config)
    assert 0.4 * config.memory() < held < 0.9 * config.memory()


@pytest.mark.long
def test_the_largest_links_of_every_page_run_where_there_is_one_gigabyte():
    alone = os.environ | {"OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    done = subprocess.run(
        [sys.executable, "-c", WITHIN, *(name for name in KINDS if name not in COSTLIEST)],
        cwd=ROOT, env=alone, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert {"home", "race", "modes", "activations", "lab"} < set(done.stdout.split(","))


WITHIN = """
import sys
from benchmarks.bounds import KINDS, asked, ends, limit
from bnviz.experiments.bounds import TooLargeError

limit()
longest = ("noise", "gradients", "batches", "landscape")
for name in sys.argv[1:]:
    if "," in name or name in longest:  # the sections train the same networks
        continue
    for chosen in list(ends(KINDS[name].config))[:-3:-1]:  # the largest; where refused, the next
        try:
            config = asked(name, chosen)[0].affordable()
        except TooLargeError:
            continue
        KINDS[name].run(config.model_copy(update={"steps": 1}))
        break
    print(name, end=",")
"""


class TestBounded:
    def test_a_run_that_is_given_up_stops_inside(self):
        class GivenUp:
            cores, stopped = 1, True

        with controlled(GivenUp()), pytest.raises(StoppedError):
            run(RaceConfig(**LARGE).affordable())
        assert memory._inside == []

    def test_large_runs_train_one_after_another_and_small_ones_side_by_side(self):
        seen = []

        @bounded
        def watch(config, report=silent, workers=2):
            seen.append((workers, list(memory._inside)))

        small, large = RaceConfig(), RaceConfig(**{**ALL_LARGE, "seeds": 1, "steps": 1})
        assert small.memory() < LARGE_RUN < large.memory() <= MEMORY_LIMIT
        watch(small)
        watch(large)
        watch(small, silent, 1)
        assert seen == [(2, []), (1, [memory.LARGE]), (1, [])]

    def test_the_larger_a_run_the_smaller_the_arrays_with_pages_of_their_own(self):
        seen = []
        watch = bounded(lambda config, report=silent, workers=2: seen.extend(memory._inside))
        middle = RaceConfig(width=256)
        assert LARGE_RUN < middle.memory() < LARGEST_RUN
        watch(middle)
        assert seen == [memory.MIDDLE]

    def test_pages_of_their_own_end_with_the_run_also_after_an_exception(self):
        @bounded
        def fail(config, report=silent, workers=2):
            raise KeyError

        with pytest.raises(KeyError):
            fail(RaceConfig(**LARGE))
        assert memory._inside == []

    @pytest.mark.skipif(sys.platform != "linux", reason="of glibc's heap")
    def test_a_map_does_not_fetch_its_memory_anew_at_each_step(self):
        piece = forgiveness.pieces(forgiveness.ForgivenessConfig())[0]
        assert piece.memory() < LARGE_RUN
        forgiveness.run_piece(piece)  # has the memory it needs
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        forgiveness.run_piece(piece)
        pages = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
        assert pages < 50_000  # in 200 steps, with what other tests left; it was 290,000

    def test_it_is_the_run_by_name(self):
        assert (run.__module__, run.__qualname__) == ("bnviz.experiments.race", "run")

    def test_where_there_is_no_glibc_nothing_happens(self, monkeypatch):
        monkeypatch.setattr(memory, "_mallopt", lambda: None)
        with memory.own_pages():
            assert memory._inside == [memory.LARGE]


def test_the_starts_of_scale_train_together_where_they_fit_and_else_one_by_one():
    assert len(ScaleConfig().blocks()) == 1
    large = ScaleConfig(**LARGE | {"seeds": 1})
    assert [len(block) for block in large.blocks()] == [1] * 4


def test_a_sweep_counts_the_largest_cohort():
    assert RatesConfig(seeds=10).held() <= MEMORY_LIMIT / 2
