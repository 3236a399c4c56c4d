"""Threads, processes and a cluster: the same answers, progress, halts, ends and losses in each."""

import subprocess
import sys
import time
from concurrent.futures import CancelledError
from types import ModuleType

import numpy as np
import pytest

from bnviz.experiments import race
from bnviz.experiments.data_knobs import OWN
from bnviz.experiments.jobs import StoppedError
from bnviz.ui.answers import cluster
from bnviz.ui.answers.clerk import Clerk, Question
from bnviz.ui.answers.cluster import Cluster
from bnviz.ui.answers.workers import LostError, Processes, Threads, workers
from tests.browser import ROOT, free_port
from tests.cluster import clustered
from tests.own import own
from tests.samples import race_config
from tests.ui.answers import runs
from tests.waiting import until

pytestmark = pytest.mark.xdist_group("workers")


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    with clustered(2, tmp_path_factory.mktemp("dask")) as address:
        yield address


@pytest.fixture(scope="module", params=["threads", "processes", "cluster"])
def clerk(request):
    """A clerk of two cores over each kind of workers."""
    if request.param == "cluster":
        some = Cluster(request.getfixturevalue("scheduler"))
        yield Clerk(some)
        some.client.close()
        return
    some = Threads(2) if request.param == "threads" else Processes(2)
    clerk = Clerk(some)
    yield clerk
    for question in list(clerk._under_way):  # of a test that failed
        clerk._give_up(question)
    some.executor.shutdown()


def ask(clerk, run, config, key=None):
    return clerk.ask(Question(key or (run.__name__, config), run, config))


def answered(clerk, question, timeout=60):
    try:
        return question.answer.result(timeout=timeout)
    finally:
        clerk.leave(question)


def steps_of(path):
    try:
        return int(path.read_text().split()[1])
    except (FileNotFoundError, IndexError):
        return 0


def test_an_answer(clerk):
    assert answered(clerk, ask(clerk, runs.doubled, 21)) == 42


def test_the_same_bits_everywhere(clerk):
    config = race_config(steps=12)
    there = answered(clerk, ask(clerk, race.run, config, "race"))
    here = race.run(config)
    np.testing.assert_array_equal(here.test_accuracy, there.test_accuracy)
    np.testing.assert_array_equal(here.train_loss, there.train_loss)


def test_how_far_it_is_can_be_seen_while_it_runs(clerk, tmp_path):
    told = tmp_path / "told"
    question = ask(clerk, runs.until_told, str(told))
    until(lambda: question.share == 0.5)
    told.write_text("done")
    assert answered(clerk, question) == "done"


def test_who_asks_what_is_under_way_waits_for_the_same(clerk, tmp_path):
    told = tmp_path / "told"
    first, second = (ask(clerk, runs.until_told, str(told)) for _ in range(2))
    until((tmp_path / "told.begun").exists)
    clerk.leave(first)  # whoever began it goes away
    time.sleep(0.3)
    told.write_text("for the second")
    assert answered(clerk, second) == "for the second"
    assert (tmp_path / "told.begun").read_text() == "x"


def test_what_nobody_waits_for_ends_within_a_fifth_of_a_second(clerk, tmp_path):
    """And frees its core: so quickly for a thread or a process; a cluster may take a second."""
    seen = tmp_path / "steps"
    question = ask(clerk, runs.endless, str(seen))
    until(lambda: steps_of(seen) > 3)
    clerk.leave(question)
    left = time.monotonic()
    until(lambda: question.answer.done())
    took = time.monotonic() - left
    with pytest.raises((StoppedError, CancelledError)):
        question.answer.result()
    until(lambda: still(seen))
    assert took < (0.4 if clerk.workers.places < 100 else 2)  # on a busy machine


def still(path):
    """Whether the run that writes there has ended."""
    before = steps_of(path)
    time.sleep(0.1)
    return steps_of(path) == before


def test_what_goes_wrong_is_told_as_it_is(clerk):
    question = ask(clerk, runs.failing, 5)
    with pytest.raises(ValueError, match="not 5"):
        answered(clerk, question)


class TestOnOneMachine:
    @pytest.fixture(autouse=True)
    def here(self, clerk):
        if clerk.workers.places > 100:
            pytest.skip("a scheduler has a queue of its own")

    def test_a_third_run_halts_until_a_core_is_free_and_a_short_one_overtakes(
        self, clerk, tmp_path
    ):
        paths = [tmp_path / name for name in "ab"]
        long = [ask(clerk, runs.endless, str(path)) for path in paths]
        until(lambda: all(steps_of(path) for path in paths))
        until(lambda: min(q.work for q in long) > 1.2)
        assert answered(clerk, ask(clerk, runs.doubled, 4)) == 8
        assert not any(q.answer.done() for q in long)
        for question in long:
            clerk.leave(question)
        until(lambda: all(q.answer.done() for q in long))

    def test_a_halted_run_makes_no_step(self, clerk, tmp_path):
        path = tmp_path / "a"
        question = ask(clerk, runs.endless, str(path))
        until(lambda: steps_of(path))
        monkey = clerk._shared_out
        clerk._shared_out = lambda now: dict.fromkeys(clerk._under_way, 0)
        try:
            until(lambda: question.wire.cores == 0)
            time.sleep(0.05)
            assert still(path)
        finally:
            clerk._shared_out = monkey
        before = steps_of(path)
        until(lambda: steps_of(path) > before)
        clerk.leave(question)
        until(lambda: question.answer.done())


def test_a_worker_that_dies_is_a_loss_and_the_next_run_goes_well():
    some = Processes(1)
    clerk = Clerk(some)
    with pytest.raises(LostError):
        answered(clerk, ask(clerk, runs.dying, 1))
    assert answered(clerk, ask(clerk, runs.doubled, 2)) == 4
    some.executor.shutdown()


def test_a_worker_process_does_not_begin_with_the_page_that_asked(tmp_path, monkeypatch):
    """Streamlit makes the page the main module, and a new process begins with its parent's."""
    page, ran = tmp_path / "page.py", tmp_path / "ran"
    page.write_text(f"open({str(ran)!r}, 'w')")
    main = ModuleType("__main__")
    main.__file__, main.__spec__ = str(page), None
    monkeypatch.setitem(sys.modules, "__main__", main)
    some = Processes(1)
    clerk = Clerk(some)
    assert answered(clerk, ask(clerk, runs.doubled, 2)) == 4
    some.executor.shutdown()
    assert sys.modules["__main__"] is main
    assert not ran.exists()


def test_a_server_that_is_killed_takes_its_workers_along(tmp_path):
    steps = tmp_path / "steps"
    program = (
        "from bnviz.ui.answers.clerk import Clerk, Question\n"
        "from bnviz.ui.answers.workers import Processes\n"
        "from tests.ui.answers import runs\n"
        f"q = Clerk(Processes(1)).ask(Question('x', runs.endless, {str(steps)!r}))\n"
        "q.answer.result()"
    )
    server = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT)
    until(lambda: steps_of(steps) > 2)
    server.kill()
    server.wait()
    until(lambda: still(steps), seconds=5)


def test_a_readers_own_data_travel_with_their_config_and_give_the_same_bits(clerk):
    config = race_config(dataset=OWN, own_data=own(), scaling="raw", wrong_labels=0.2)
    there = answered(clerk, ask(clerk, race.run, config))
    here = race.run(config)
    assert there.config == config
    assert there.config.own_data is config.own_data
    for curves in ("test_accuracy", "train_loss"):
        np.testing.assert_array_equal(getattr(there, curves), getattr(here, curves))
    other = answered(clerk, ask(clerk, race.run, race_config(dataset=OWN, own_data=own(seed=1))))
    assert (other.train_loss != here.train_loss).any()


def test_a_scheduler_that_nobody_can_reach_is_a_loss(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.3)
    clerk = Clerk(cluster.Cluster(f"tcp://127.0.0.1:{free_port()}"))
    with pytest.raises(LostError, match="no scheduler at"):
        answered(clerk, ask(clerk, runs.doubled, 1))


def test_two_apps_share_one_computation(scheduler, tmp_path):
    """Two clerks stand for two processes of the app; the config is the key."""
    apps = [Clerk(Cluster(scheduler)) for _ in range(2)]
    told = tmp_path / "told"
    questions = [ask(app, runs.until_told, str(told)) for app in apps]
    until((tmp_path / "told.begun").exists)
    apps[0].leave(questions[0])  # nobody waits in the first app any more
    time.sleep(0.5)
    told.write_text("done")
    assert answered(apps[1], questions[1]) == "done"
    assert (tmp_path / "told.begun").read_text() == "x"
    for app in apps:
        app.workers.client.close()


@pytest.mark.parametrize(("where", "kind"), [("threads", Threads), ("processes", Processes)])
def test_the_environment_chooses(monkeypatch, where, kind):
    monkeypatch.setenv("BNVIZ_COMPUTE", where)
    assert type(workers()) is kind


def test_threads_unless_something_else_is_asked_for(monkeypatch):
    monkeypatch.delenv("BNVIZ_COMPUTE", raising=False)
    assert type(workers()) is Threads


def test_what_is_no_place_to_compute_is_refused_with_what_is():
    with pytest.raises(ValueError, match="threads, processes, or the address"):
        workers("mainframe")


def test_finished_runs_leave_nothing_open():
    some = Threads(1)
    clerk = Clerk(some)
    assert answered(clerk, ask(clerk, runs.doubled, 1)) == 2
    assert clerk._under_way == []
