"""The workers of a pool: as many as are wanted, each replaced when it is lost or outdated."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pactgraph.model import Snapshot
from pactgraph.query.cancellation import Cancellation
from pactgraph.query.hot_copy import AVAILABLE, HotCopy, Updates
from pactgraph.query.process import WorkerProcess, start_of, start_worker
from pactgraph.query.shares import Shares
from pactgraph.query.waiting import IdleWorkers, Place, shutting_down


class Staff:
    """``workers`` processes that read snapshots below ``root``, and with ``network`` one more that has it.

    ``reserve`` more are for clients that took little of the others' time lately (see ``IdleWorkers``).

    A graph of up to ``hot_quads`` quads is kept in memory for those without network (see ``HotCopy``).
    """

    def __init__(
        self,
        root: Path,
        *,
        workers: int,
        reserve: int,
        network: bool,
        memory_mb: int,
        prologue: Mapping[str, Any],
        most_waiting: int,
        updates: Updates | None,
        hot_quads: int,
    ) -> None:
        self.deaths: Counter[str] = Counter()
        """How many were lost, by the code of the error that their caller heard."""
        self._most = workers + reserve
        self._root = root
        self._memory_mb = memory_mb
        self._prologue = prologue
        self.shares = Shares()
        """What each client has had of the workers lately; whoever ends a query notes what it took."""
        self._idle = {
            False: IdleWorkers(most_waiting, self.shares, reserve),
            True: IdleWorkers(most_waiting, self.shares),
        }
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._alive: set[WorkerProcess] = set()
        self._leaving: set[WorkerProcess] = set()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._copy: HotCopy | None = None
        if hot_quads and updates is not None and AVAILABLE:
            start = start_of(root, memory_mb=memory_mb, prologue=prologue)
            self._copy = HotCopy(start, most=hot_quads, updates=updates, renew=self._renew)
        for each in [False] * (workers + reserve) + [True] * network:
            self._jobs.put(partial(self._start, each))
        self._thread = threading.Thread(target=self._start_and_bury, name="start workers", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many callers wait for a worker."""
        return sum(idle.waiting for idle in self._idle.values())

    @property
    def hot_quads(self) -> int:
        """How many quads are kept in memory; 0 when workers read from disk."""
        return self._copy.size if self._copy is not None else 0

    @property
    def hot_revision(self) -> int | None:
        """The revision that is kept in memory; it follows the newest."""
        return self._copy.revision if self._copy is not None else None

    def follow(self, snapshot: Snapshot) -> None:
        """Have the copy in memory follow to a snapshot, soon; returns at once."""
        if self._copy is not None:
            self._copy.want(snapshot)

    def enter(self, place: Place) -> Place:
        """Give a caller a worker, or a place in the queue; raises as ``IdleWorkers.enter`` does."""
        return self._idle[place.network].enter(place)

    def when_woken(self, place: Place, action: Callable[[], object]) -> None:
        """Have ``action`` called when there is a worker for a caller, or never will be."""
        self._idle[place.network].when_woken(place, action)

    def leave(self, place: Place) -> None:
        """Give up a place that was never used."""
        self._idle[place.network].leave(place)

    def wait(self, place: Place, deadline: float, cancellation: Cancellation) -> WorkerProcess:
        """Return a worker that lives, waiting for one; raises as ``IdleWorkers.wait`` does."""
        while True:
            worker = self._idle[place.network].wait(place, deadline, cancellation)
            if not worker.is_dead:
                return worker
            self.replace(worker, "idle")  # it died while idle: not this query's fault
            place = self.enter(place)

    def give_back(self, worker: WorkerProcess) -> None:
        """Take a worker back."""
        if not self._is_relieved(worker):
            self._idle[worker.network].put(worker)

    def replace(self, worker: WorkerProcess, reason: str) -> None:
        """Let a worker go that was killed or died, and start another in the background."""
        self.deaths[reason] += 1
        worker.kill(shutting_down() if self._closing.is_set() else None)
        if self._is_relieved(worker):
            return
        self._jobs.put(partial(self._start, worker.network))
        with self._lock:
            self._dismiss(worker)

    def close(self) -> None:
        """End all workers, and the queries under way with them. May be called more than once."""
        self._closing.set()
        if self._copy is not None:
            self._copy.stop()
        self._jobs.put(None)
        for idle in self._idle.values():
            idle.close()
        self._thread.join()
        with self._lock:
            workers, self._alive, self._leaving = self._alive | self._leaving, set(), set()
        for worker in workers:
            worker.kill(shutting_down())
        for worker in workers:
            worker.bury()
        if self._copy is not None:
            self._copy.close()

    def _start_and_bury(self) -> None:
        """Start and bury workers on a thread that outlives them, as PR_SET_PDEATHSIG asks."""
        while (job := self._jobs.get()) is not None and not self._closing.is_set():
            job()

    def _start(self, network: bool) -> None:
        try:
            worker = self._copy.fork() if self._copy is not None and not network else None
            worker = worker or start_worker(
                self._root, memory_mb=self._memory_mb, prologue=self._prologue, network=network
            )
        except OSError:  # the machine has no process or memory to spare now
            self._closing.wait(1)
            self._jobs.put(partial(self._start, network))
            return
        self._admit(worker)

    def _admit(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._alive.add(worker)
            late = self._closing.is_set()
        if late:
            worker.kill(shutting_down())
            worker.bury()
            return
        self.give_back(worker)
        self._shrink()

    def _renew(self) -> None:
        """Put workers that share the newest copy in the place of all others; none leaves before one comes.

        Others that are busy leave when they are done: until then there are twice as many as wanted, at most.
        """
        with self._lock:
            alive = [worker for worker in self._alive if not worker.network]
            others = sum(map(self._is_outdated, alive))
        for _ in range(min(others, 2 * self._most - len(alive))):
            worker = self._copy.fork() if self._copy is not None and not self._closing.is_set() else None
            if worker is None:
                return
            self._admit(worker)

    def _shrink(self) -> None:
        """Let idle workers go while there are too many: outdated ones first."""
        idle = self._idle[False]
        while (worker := idle.take_one(self._is_outdated) or idle.take_one(lambda _: True)) is not None:
            if not self._is_relieved(worker):
                idle.put(worker)
                return

    def _is_relieved(self, worker: WorkerProcess) -> bool:
        """Let a worker go when there are too many, unless an outdated one can go instead; return whether.

        There may be more than one too many: several threads start workers, one for each that is lost and one
        for each that is outdated.
        """
        with self._lock:
            alive = [each for each in self._alive if not each.network]
            if worker.network or worker not in self._alive or len(alive) <= self._most:
                return False
            if not self._is_outdated(worker) and any(map(self._is_outdated, alive)):
                return False
            self._dismiss(worker)
        return True

    def _dismiss(self, worker: WorkerProcess) -> None:
        self._alive.discard(worker)
        self._leaving.add(worker)
        self._jobs.put(partial(self._bury, worker))

    def _bury(self, worker: WorkerProcess) -> None:
        worker.bury()
        with self._lock:
            self._leaving.discard(worker)

    def _is_outdated(self, worker: WorkerProcess) -> bool:
        newest = self._copy.snapshot if self._copy is not None else None
        fresh = worker.copy == newest and not worker.has_followed
        return newest is not None and not worker.network and not fresh
