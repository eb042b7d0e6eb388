"""worker: a few processes of many threads; a thread serves one connection from its accept to its close.

The child's main thread listens. It reserves an idle worker before it accepts, so that a connection never
waits in a busy child while another one is idle; a kept connection holds its thread. See the manual page
worker.
"""

import threading
from queue import SimpleQueue

from pyhttpd.mpm.base import MPM, Child, Taken
from pyhttpd.mpm.linger import serve
from pyhttpd.mpm.poller import Poller
from pyhttpd.mpm.scoreboard import Status
from pyhttpd.mpm.sizing import WORKER

Job = Taken | None
BUSY_TURN = 0.25  # seconds between looks at our orders while all workers are busy


def run_child(child: Child) -> None:
    """Listen, and hand connections to workers, until told to finish; then wait for the workers."""
    jobs: SimpleQueue[Job] = SimpleQueue()
    idle = threading.Semaphore(child.limits.threads)
    threads = [
        threading.Thread(target=_work, args=(child, number, jobs, idle), name=f"worker {number}")
        for number in range(child.limits.threads)
    ]
    for thread in threads:
        thread.start()
    _listen(child, jobs, idle)
    for _ in threads:
        jobs.put(None)
    for thread in threads:
        thread.join()


def _listen(child: Child, jobs: "SimpleQueue[Job]", idle: threading.Semaphore) -> None:
    poller = Poller()
    poller.watch(child.orders)
    by_descriptor = {listener.fileno(): listener for listener in child.listeners.sockets}
    for descriptor in by_descriptor:
        poller.listen(descriptor)
    while not child.stopping:
        if not idle.acquire(timeout=BUSY_TURN):
            continue
        idle.release()
        for descriptor in poller.wait(60):
            if descriptor == child.orders:
                child.finish()
            elif not child.stopping and idle.acquire(blocking=False):
                if taken := child.take(by_descriptor[descriptor]):
                    jobs.put(taken)
                else:
                    idle.release()
    poller.close()


def _work(child: Child, number: int, jobs: "SimpleQueue[Job]", idle: threading.Semaphore) -> None:
    slot = child.slot(number)
    slot.report(Status.READY)
    while (job := jobs.get()) is not None:
        slot.report(Status.BUSY_READ)
        connection = child.connect(*job, slot, parked=False)
        if connection is not None:
            serve(child, slot, connection)
        slot.report(Status.READY)
        idle.release()
    slot.report(Status.DEAD)


MODEL = MPM(WORKER, run_child, "SIGUSR1 received.  Doing graceful restart")
