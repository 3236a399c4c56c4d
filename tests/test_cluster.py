"""A Dask cluster behind two app processes: as plain processes, on loopback."""

import os
import threading

import pytest
from distributed import Client

from tests.browser import end, free_port, start, wait_for
from tests.cluster import PATIENCE, clustered
from tests.protocol import visiting

pytestmark = pytest.mark.xdist_group("deploy")  # not beside the others: two cores

SETTINGS = "race-depth=4&race-width=32&race-seeds=2&race-steps={steps}"


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


def opened_by(addresses, link):
    """What readers see who ask at the same time, one at each address."""
    seen = {}

    def visit(address):
        with visiting(address) as reader:
            seen[address] = reader.opens("race", link)

    readers = [threading.Thread(target=visit, args=[address]) for address in addresses]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return [seen[address] for address in addresses]


def test_one_config_is_computed_once_for_both(cluster, two_apps):
    before = computed(cluster)
    opened_by(two_apps[:1], SETTINGS.format(steps=400))
    alone = computed(cluster) - before
    assert alone > 0
    one, other = opened_by(two_apps, SETTINGS.format(steps=300))
    assert computed(cluster) - before == 2 * alone  # as one more reader alone
    assert one.figures
    assert one == other


def test_the_cluster_computes_the_same_bits_as_the_app(cluster, two_apps, tmp_path):
    port, log = free_port(), tmp_path / "log"
    assert "BNVIZ_COMPUTE" not in os.environ
    alone = start(port, log)
    address = f"http://127.0.0.1:{port}"
    wait_for(alone, address + "/_stcore/health", log)
    link = SETTINGS.format(steps=200)
    (here,), (there,) = opened_by([address], link), opened_by(two_apps[:1], link)
    end(alone)
    assert here == there
