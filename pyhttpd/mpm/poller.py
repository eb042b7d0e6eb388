"""Waiting for many descriptors at once: epoll on Linux, kqueue on BSD and macOS, behind the same few lines.

A connection stays armed until it is disarmed, so that a listener which answers by itself spends no system
call on arming. A worker thread can put one back with `arm` while the listener waits, without waking it:
both kernels allow that from any thread.
"""

import contextlib
import select
import sys
from collections.abc import Iterable

READ, WRITE = 1, 2

if sys.platform == "linux":
    EVENTS = {READ: select.EPOLLIN | select.EPOLLRDHUP, WRITE: select.EPOLLOUT}

    class Poller:
        """epoll; a listening socket wakes one of the children that share it."""

        def __init__(self) -> None:
            self._poll = select.epoll()

        def listen(self, descriptor: int) -> None:
            """Report a listening socket whenever a connection waits there."""
            self._poll.register(descriptor, select.EPOLLIN | select.EPOLLEXCLUSIVE)

        def watch(self, descriptor: int) -> None:
            """Report a pipe whenever it is readable."""
            self._poll.register(descriptor, select.EPOLLIN)

        def arm(self, descriptor: int, direction: int, known: bool) -> None:
            """Report a connection whenever it is ready; `known` if it has been armed before."""
            (self._poll.modify if known else self._poll.register)(descriptor, EVENTS[direction])

        def disarm(self, descriptor: int) -> None:
            """Report a connection no more for now (once at most, if it breaks)."""
            self._poll.modify(descriptor, select.EPOLLONESHOT)

        def forget(self, descriptor: int) -> None:
            """Report this descriptor no more."""
            with contextlib.suppress(OSError, ValueError):
                self._poll.unregister(descriptor)

        def wait(self, seconds: float) -> Iterable[int]:
            """The descriptors that are ready, after at most this long."""
            return [descriptor for descriptor, _ in self._poll.poll(max(seconds, 0), 512)]

        def close(self) -> None:
            self._poll.close()

else:
    FILTERS = {READ: select.KQ_FILTER_READ, WRITE: select.KQ_FILTER_WRITE}

    class Poller:
        """kqueue."""

        def __init__(self) -> None:
            self._queue = select.kqueue()

        def _change(self, descriptor: int, kind: int, flags: int) -> None:
            self._queue.control([select.kevent(descriptor, kind, flags)], 0)

        def listen(self, descriptor: int) -> None:
            """Report a listening socket whenever a connection waits there."""
            self._change(descriptor, select.KQ_FILTER_READ, select.KQ_EV_ADD)

        watch = listen

        def arm(self, descriptor: int, direction: int, known: bool) -> None:
            """Report a connection whenever it is ready; `known` if it has been armed before."""
            self.disarm(descriptor)
            self._change(descriptor, FILTERS[direction], select.KQ_EV_ADD)

        def disarm(self, descriptor: int) -> None:
            """Report a connection no more for now."""
            for kind in FILTERS.values():
                with contextlib.suppress(OSError, ValueError):
                    self._change(descriptor, kind, select.KQ_EV_DELETE)

        def forget(self, descriptor: int) -> None:
            """Report this descriptor no more."""
            self.disarm(descriptor)

        def wait(self, seconds: float) -> Iterable[int]:
            """The descriptors that are ready, after at most this long."""
            events = self._queue.control(None, 512, max(seconds, 0))
            return list(dict.fromkeys(event.ident for event in events))

        def close(self) -> None:
            self._queue.close()
