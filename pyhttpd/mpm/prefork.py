"""prefork: many processes, each of which serves one connection at a time, from its accept to its close.

The simplest MPM and the most robust one: a child that dies takes one client with it. Waiting for the next
request of a kept connection occupies the whole child. See the manual page prefork.
"""

from pyhttpd.mpm.base import MPM, Child, Taken
from pyhttpd.mpm.linger import serve
from pyhttpd.mpm.poller import Poller
from pyhttpd.mpm.scoreboard import Slot, Status
from pyhttpd.mpm.sizing import PREFORK


def run_child(child: Child) -> None:
    """Take connections one after the other until told to finish."""
    slot = child.slot(0)
    poller = Poller()
    poller.watch(child.orders)
    by_descriptor = {listener.fileno(): listener for listener in child.listeners.sockets}
    for descriptor in by_descriptor:
        poller.listen(descriptor)
    slot.report(Status.READY)
    while not child.stopping:
        for descriptor in poller.wait(60):
            if descriptor == child.orders:
                child.finish()
            elif not child.stopping and (taken := child.take(by_descriptor[descriptor])):
                _serve(child, slot, taken)
    poller.close()


def _serve(child: Child, slot: Slot, taken: Taken) -> None:
    slot.report(Status.BUSY_READ)
    connection = child.connect(*taken, slot, parked=False)
    if connection is not None:
        serve(child, slot, connection)
    slot.report(Status.READY)


MODEL = MPM(PREFORK, run_child, "Graceful restart requested, doing restart")
