"""A Dask cluster, by the address of its scheduler: an extra, see docs/hosting.md.

The key of a task is that of its config, so that several processes of the app share one
computation, and the scheduler ends it when none of them waits any more.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from distributed import Client, get_worker
from distributed.scheduler import KilledWorker

from bnviz.ui.answers.clerk import Question, Wire
from bnviz.ui.answers.workers import LostError, computed, pass_on

TOPIC = "bnviz-share"  # under which workers tell how far they are
PATIENCE = 5  # seconds for the scheduler to answer
MANY = 10_000  # the scheduler knows its workers, and has a queue of its own


class _Task:
    """The wire at its worker's end: whether the scheduler still wants the task."""

    cores = MANY

    def __init__(self) -> None:
        self._worker = get_worker()
        self._key = self._worker.get_current_task()

    @property
    def share(self) -> float:
        raise AttributeError("the share is told, and not asked for, at this end")

    @share.setter
    def share(self, share: float) -> None:
        self._worker.log_event(TOPIC, {"key": self._key, "share": share})

    @property
    def stopped(self) -> bool:
        task = self._worker.state.tasks.get(self._key)
        return task is None or task.state == "cancelled"


def _computed_there(run: Callable[..., Any], config: Any) -> Any:
    return computed(run, config, _Task(), threads=1)


class _Asked:
    """The wire at the app's end."""

    cores = 0

    def __init__(self, future: Future[Any]) -> None:
        self._future, self.share = future, 0.0

    @property
    def stopped(self) -> bool:
        return self._future.cancelled()

    @stopped.setter
    def stopped(self, stopped: bool) -> None:
        if stopped:
            self._future.cancel()


class Cluster:
    """The workers of a Dask scheduler."""

    cores = places = MANY
    memory = math.inf

    def __init__(self, address: str) -> None:
        self.address = address
        self._wires: dict[str, _Asked] = {}
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """Connected when it is first needed; LostError if nobody answers."""
        if self._client is None:
            try:
                client = Client(self.address, timeout=PATIENCE, set_as_default=False)
            except OSError as error:
                raise LostError(f"no scheduler at {self.address}") from error
            client.subscribe_topic(TOPIC, self._hear)
            self._client = client
        return self._client

    def submit(self, question: Question) -> tuple[Future[Any], Wire]:
        key = "bnviz-" + hashlib.sha256(repr(question.key).encode()).hexdigest()
        executor = self.client.get_executor()
        task = executor.submit(_computed_there, question.run, question.config, key=key)
        wire = self._wires[key] = _Asked(task)
        answer: Future[Any] = Future()

        def ended(done: Future[Any]) -> None:
            if self._wires.get(key) is wire:
                del self._wires[key]
            pass_on(done, answer, KilledWorker, OSError)

        task.add_done_callback(ended)
        return answer, wire

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        _, told = event
        if wire := self._wires.get(told["key"]):
            wire.share = told["share"]
