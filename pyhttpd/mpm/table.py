"""The MPMs there are, by name."""

from pyhttpd.mpm import event, prefork, worker

MPMS = {mpm.name: mpm for mpm in (prefork.MODEL, worker.MODEL, event.MODEL)}
