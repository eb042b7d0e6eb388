"""Output filters: functions from a body to a body, run once, before the head is made.

A filter gets the request, whose fields it may change, and the body: bytes, an iterable of bytes, or a
FileBody. It answers the body that goes on, which may be the same (a filter of header fields), or a
generator that reads the old one as it is read itself. So a file that no filter looks into stays a file, for
the kernel to send.

The stages are Apache's (util_filter.h); within one, filters run in the order they were inserted.
"""

from collections.abc import Callable

from pyhttpd.core.core_module.schema import PerDir
from pyhttpd.core.request import Request
from pyhttpd.http.response import Body

RESOURCE = 10
CONTENT_SET = 20
PROTOCOL = 30
TRANSCODE = 40

Filter = Callable[[Request, Body], Body]


def insert(request: Request, kind: int, function: Filter) -> None:
    """Add a filter to a request's answer."""
    request.output_filters.append((kind, function))


def insert_configured(request: Request) -> None:
    """Add the filters that SetOutputFilter and AddOutputFilterByType name."""
    settings = request.config(PerDir)
    names = settings.output_filters.split(";") if settings.output_filters else []
    if settings.filters_by_type and request.content_type:
        names += settings.filters_by_type.get(request.content_type.partition(";")[0].strip().lower(), ())
    for name in filter(None, names):
        insert_named(request, name)


def insert_named(request: Request, name: str) -> None:
    """Add a filter by its name; one that no module declares is told to the error log."""
    found = request.server.server.filters.get(name.lower())
    if found is None:
        request.log("error", f"an unknown filter was not added: {name}")
        return
    insert(request, *found)


def run(request: Request) -> None:
    """Let the filters have the answer."""
    if not request.output_filters:
        return
    for _, function in sorted(request.output_filters, key=lambda entry: entry[0]):
        request.body_out = function(request, request.body_out)
    request.output_filters = []
