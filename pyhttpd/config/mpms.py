"""The names of the MPMs, for all who need no more of them; mpm/table.py has the MPMs themselves."""

MPM_NAMES = ("prefork", "worker", "event")
DEFAULT_MPM = "event"
