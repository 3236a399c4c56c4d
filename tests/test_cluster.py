"""A Dask cluster behind two app processes: as plain processes, on loopback."""

import os
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from distributed import Client

from tests.browser import end, free_port, query, start, wait_for
from tests.cluster import PATIENCE, clustered
from tests.pages import opened, specs
from tests.protocol import visiting
from tests.proxy import BEHIND_THE_PROXY, proxied, wait_for_all

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("deploy")]  # alone: two cores

SETTING = {"depth": "4", "width": "32", "seeds": "2", "steps": "200"}


def link(learning_rate):
    return query("race", SETTING | {"learning_rate": learning_rate})[1:]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A client of a scheduler with one worker."""
    with (
        clustered(1, tmp_path_factory.mktemp("cluster")) as address,
        Client(address, timeout=PATIENCE, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def two_apps(cluster, tmp_path_factory):
    """Two app processes that train on the cluster, and have run the front door."""
    logs, ports = tmp_path_factory.mktemp("apps"), [free_port(), free_port()]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("BNVIZ_COMPUTE", cluster.scheduler.address)
        apps = [start(port, logs / str(port)) for port in ports]
    addresses = [f"http://127.0.0.1:{port}" for port in ports]
    for app, port, address in zip(apps, ports, addresses, strict=True):
        wait_for(app, address + "/_stcore/health", logs / str(port))
        with visiting(address) as reader:
            reader.opens()
    yield addresses
    for app, port in zip(apps, ports, strict=True):
        end(app)
        assert "Traceback" not in (logs / str(port)).read_text()


def computed(cluster):
    """How many tasks the worker has ended so far."""
    counts = cluster.run(lambda dask_worker: dask_worker.state.executed_count)
    return sum(counts.values())


def opened_by(readers, link):
    """What readers see who ask at the same time; each is said by what `visiting` takes."""

    def visit(place):
        with visiting(*place) as reader:
            return reader.opens("race", link)

    with ThreadPoolExecutor(len(readers)) as pool:
        return [*pool.map(visit, readers)]


def computed_once(cluster, readers, rates):
    """Two readers who ask the same at the same time see the same, and it was computed once.

    rates: two learning rates that nobody has asked for.
    """
    before = computed(cluster)
    opened_by(readers[:1], link(rates[0]))
    alone = computed(cluster) - before
    assert alone > 0
    one, other = opened_by(readers, link(rates[1]))
    assert computed(cluster) - before == 2 * alone  # as one more reader alone
    assert one.figures
    assert one == other


def test_one_config_is_computed_once_for_both(cluster, two_apps):
    computed_once(cluster, [(address,) for address in two_apps], rates=("0.01", "0.018"))


@BEHIND_THE_PROXY
def test_and_for_readers_whom_the_proxy_sends_to_either(cluster, two_apps, tmp_path):
    """All of deploy/ at once: a proxy, two apps, a scheduler and a worker."""
    log = tmp_path / "log"
    with proxied([urlsplit(address).port for address in two_apps], log) as door:
        wait_for_all(log)
        with visiting(door) as one, visiting(door) as other:
            cookies = [one.cookie, other.cookie]
        assert {*cookies} == {"bnviz=app1", "bnviz=app2"}
        computed_once(cluster, [(door, cookie) for cookie in cookies], rates=("0.032", "0.056"))


def test_the_cluster_computes_the_same_bits_as_the_app(two_apps):
    assert "BNVIZ_COMPUTE" not in os.environ
    here = opened("race", small=False, **SETTING, learning_rate="0.1")
    (there,) = opened_by([(two_apps[0],)], link("0.1"))
    assert specs(here) == there.figures
