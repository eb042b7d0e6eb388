"""Whether a process is there."""

import os


def exists(pid: int) -> bool:
    """Whether any process has this number, one that nobody has waited for included."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # it is another user's
        return True
    return True


def running(pid: int) -> bool:
    """Whether a process that we started still runs; one that has ended is waited for."""
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:  # we became a daemon since, and are no longer its parent; or it was reaped
        return exists(pid)
