"""`pyhttpd compare`: the MPMs side by side, each on the user's own configuration.

Which MPM serves a configuration best depends on its files, modules and clients, so it is measured there
rather than told. The server that may be running is not touched: those that are compared are started from the
same files on other ports, and write elsewhere (see `apart`).

    words    the options
    asked    the URLs as requests
    served   a server is started and ended
    crowd    idle, slow and new clients beside the load
    measure  rounds
    show     table and plots
"""

import argparse
import resource
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pyhttpd.diagnostics import PROGRAM
from pyhttpd.tools import configured
from pyhttpd.tools.compare.words import parser

if TYPE_CHECKING:
    from pyhttpd.core.server import Server
    from pyhttpd.tools.compare.asked import Asked
    from pyhttpd.tools.compare.measure import Plan, Result
    from pyhttpd.tools.load.wrk import Source

INTERRUPTED = 130
WARM = 1.0  # seconds of load that nobody measures
SPARE = 256  # descriptors beside those of the clients


def main(words: list[str]) -> int:
    """Measure and show; the exit status."""
    chosen = parser().parse_args(words)
    try:
        asked, results = prepare(chosen)
        if chosen.svg:
            chosen.svg.touch()  # rather than find out in some minutes that it cannot be written
    except (ValueError, OSError) as error:
        if str(error):
            print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return compare(words, chosen, asked, results)


def compare(words: list[str], chosen: argparse.Namespace, asked: "Asked", results: list["Result"]) -> int:
    """Measure and show what has been found sound; the exit status."""
    from pyhttpd.tools.compare import show

    with TemporaryDirectory(prefix="pyhttpd-load-") as folder:
        plan = plan_of(chosen, asked, Path(folder))
        facts = stamp(words, plan, chosen.rounds)
        finished = measured(plan, results, chosen.rounds)
    if not any(result.phases or result.trouble for result in results):
        print(f"{PROGRAM}: interrupted before anything was measured", file=sys.stderr)
        return INTERRUPTED
    if chosen.svg:
        chosen.svg.write_text(show.drawing(plan, results))
    if chosen.json:
        show.put_json(plan, results, facts)
    else:
        show.put(plan, results, facts)
    return INTERRUPTED if not finished else int(any(result.trouble for result in results))


def prepare(chosen: argparse.Namespace) -> tuple["Asked", list["Result"]]:
    """Read the configuration as each MPM would. Raises ValueError, without text where it has been shown."""
    from pyhttpd.mpm.common import MPMSettings
    from pyhttpd.tools.compare.asked import Asked
    from pyhttpd.tools.compare.measure import Result

    results = []
    for mpm in chosen.mpm:
        server = built(chosen, mpm)
        limits = server.main.config(MPMSettings).limits(mpm)
        results.append(Result(mpm, limits.children * limits.threads, kept(server)))
    asked = Asked(tuple(chosen.url or ["/"]), server.main.name)
    asked.check()
    return asked, results


def kept(server: "Server") -> str:
    """What the main server says of connections that stay."""
    from pyhttpd.core.core_module.schema import PerServer

    settings = server.main.config(PerServer)
    return f"{settings.keep_alive_timeout} s" if settings.keep_alive else "Off"


def built(chosen: argparse.Namespace, mpm: str) -> "Server":
    """The server that the configuration describes under one MPM. Raises ValueError."""
    server = configured.build(argparse.Namespace(**vars(chosen) | {"mpm": mpm, "json": False}))
    if server is None:
        raise ValueError
    return server


def plan_of(chosen: argparse.Namespace, asked: "Asked", folder: Path) -> "Plan":
    """What is to be done."""
    from pyhttpd.tools.compare.measure import Plan

    room = chosen.idle + chosen.slow + chosen.connections + SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < room:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(room, hard) if hard >= 0 else room, hard))
    options = configured.run_of(argparse.Namespace(**vars(chosen) | {"mpm": "", "json": False})).options
    return Plan(
        replace(options, mpm=None),
        asked,
        source_of(asked, folder, own=chosen.own_load),
        chosen.seconds,
        min(WARM, chosen.seconds),
        chosen.connections,
        chosen.idle,
        chosen.slow,
    )


def source_of(asked: "Asked", folder: Path, *, own: bool) -> "Source":
    """wrk if it is there, else our own."""
    from pyhttpd.tools.load import wrk
    from pyhttpd.tools.load.own import Generator

    requests = asked.requests()
    return wrk.Driver(folder, requests) if wrk.installed() and not own else Generator(requests)


def stamp(words: list[str], plan: "Plan", count: int) -> dict[str, str]:
    """What the figures depend on."""
    from pyhttpd.tools.load import machine

    rounds = f"{count} of {plan.seconds:g} s; median, ± half of what they differ by"
    facts = machine.stamp(shlex.join(["pyhttpd", "compare", *words]), {plan.source.name})
    return {**facts, "load by": f"{plan.source.name}, {plan.connections} connections", "rounds": rounds}


def measured(plan: "Plan", results: list["Result"], count: int) -> bool:
    """Measure behind a progress bar; whether nobody interrupted."""
    from pyhttpd.tools.compare import measure, show

    with interruptible(), suppress(KeyboardInterrupt):
        with show.progress(count * len(results)) as tell:
            measure.rounds(plan, results, count, tell)
        return True
    return False


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM clean up as Ctrl-C does, and neither of them disturb the cleaning."""
    signals = (signal.SIGINT, signal.SIGTERM)

    def interrupt(*_: Any) -> None:
        for one in signals:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = [signal.signal(one, interrupt) for one in signals]
    try:
        yield
    finally:
        for one, handler in zip(signals, before, strict=True):
            signal.signal(one, handler)
