"""The pages 2.2 sends when nobody wrote an ErrorDocument, to the letter.

Tools and people compare them, so they are data: a template per status. The fields come from the request;
what a client sent is always escaped, notes and variant lists are HTML already, made by the server.
"""

from __future__ import annotations

from collections.abc import Mapping

from pyhttpd.core.uri import escape_html
from pyhttpd.http.status import status_line

CONTENT_TYPE = "text/html; charset=iso-8859-1"

_MOVED = '<p>The document has moved <a href="{location}">here</a>.</p>\n'

_UNAUTHORIZED = """\
<p>This server could not verify that you
are authorized to access the document
requested.  Either you supplied the wrong
credentials (e.g., bad password), or your
browser doesn't understand how to supply
the credentials required.</p>
"""

_INTERNAL = """\
<p>The server encountered an internal error or
misconfiguration and was unable to complete
your request.</p>
<p>Please contact the server administrator,
 {admin} and inform them of the time the error occurred,
and anything you might have done that may have
caused the error.</p>
<p>More information about this error may be available
in the server error log.</p>
"""

_TEXTS: Mapping[int, str] = {
    300: "{variants}",
    301: _MOVED,
    302: _MOVED,
    303: '<p>The answer to your request is located <a href="{location}">here</a>.</p>\n',
    305: """\
<p>This resource is only accessible through the proxy
{location}<br />
You will need to configure your client to use that proxy.</p>
""",
    307: _MOVED,
    400: """\
<p>Your browser sent a request that this server could not understand.<br />
{notes}</p>
""",
    401: _UNAUTHORIZED,
    403: "<p>You don't have permission to access {uri}\non this server.</p>\n",
    404: "<p>The requested URL {uri} was not found on this server.</p>\n",
    405: "<p>The requested method {method} is not allowed for the URL {uri}.</p>\n",
    406: (
        "<p>An appropriate representation of the requested resource {uri}"
        " could not be found on this server.</p>\n{variants}"
    ),
    407: _UNAUTHORIZED,
    408: "<p>Server timeout waiting for the HTTP request from the client.</p>\n",
    410: """\
<p>The requested resource<br />{uri}<br />
is no longer available on this server and there is no forwarding address.
Please remove all references to this resource.</p>
""",
    411: """\
<p>A request of the requested method {method} requires a valid Content-length.<br />
{notes}</p>
""",
    412: "<p>The precondition on the request for the URL {uri} evaluated to false.</p>\n",
    413: """\
The requested resource<br />{uri}<br />
does not allow request data with {method} requests, or the amount of data provided in
the request exceeds the capacity limit.
""",
    414: """\
<p>The requested URL's length exceeds the capacity
limit for this server.<br />
{notes}</p>
""",
    415: """\
<p>The supplied request data is not in a format
acceptable for processing by this resource.</p>
""",
    416: """\
<p>None of the range-specifier values in the Range
request-header field overlap the current extent
of the selected resource.</p>
""",
    417: """\
<p>The expectation given in the Expect request-header
field could not be met by this server.
{expectation}</p><p>Only the 100-continue expectation is supported.</p>
""",
    422: """\
<p>The server understands the media type of the
request entity, but was unable to process the
contained instructions.</p>
""",
    423: """\
<p>The requested resource is currently locked.
The lock must be released or proper identification
given before the method can be applied.</p>
""",
    424: """\
<p>The method could not be performed on the resource
because the requested action depended on another
action and that other action failed.</p>
""",
    426: """\
<p>The requested resource can only be retrieved
using SSL.  The server is willing to upgrade the current
connection to SSL, but your client doesn't support it.
Either upgrade your client, or try requesting the page
using https://
""",
    501: "<p>{method} to {uri} not supported.<br />\n{notes}</p>\n",
    502: """\
<p>The proxy server received an invalid
response from an upstream server.<br />
{notes}</p>
""",
    503: """\
<p>The server is temporarily unable to service your
request due to maintenance downtime or capacity
problems. Please try again later.</p>
""",
    504: """\
<p>The proxy server did not receive a timely response
from the upstream server.</p>
""",
    506: """\
<p>A variant for the requested resource
<pre>
{uri}
</pre>
is itself a negotiable resource. This indicates a configuration error.</p>
""",
    507: """\
<p>The method could not be performed on the resource
because the server is unable to store the
representation needed to successfully complete the
request.  There is insufficient free space left in
your storage allocation.</p>
""",
    510: """\
<p>A mandatory extension policy in the request is not
accepted by the server for this resource.</p>
""",
}

_PAGE = """\
<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">
<html><head>
<title>{line}</title>
</head><body>
<h1>{heading}</h1>
{text}{again}{signature}</body></html>
"""

_AGAIN = """\
<p>Additionally, a {line}
error was encountered while trying to use an ErrorDocument to handle the request.</p>
"""


def page(
    status: int,
    *,
    uri: str = "/",
    method: str = "GET",
    location: str | None = None,
    notes: str = "",
    verbose: bool = False,
    variants: str = "",
    expect: str | None = None,
    admin: str = "[no address given]",
    signature: str = "",
    line: str | None = None,
    recursive: int | None = None,
) -> str:
    """The page for a status.

    `uri`, `method`, `location` and `expect` are as the client or the configuration gave them; `notes`,
    `variants` and `signature` (with its `<hr>` line) are HTML. `verbose` lets `notes` take the place of the
    text about internal errors (2.2's note verbose-error-to). `line` replaces the status line if it begins
    with a three-digit code; `recursive` is the status an ErrorDocument itself ended with.
    """
    title = line if line and len(line) > 4 and line[:3].isdigit() and line[3] == " " else status_line(status)
    values = {
        "uri": escape_html(uri),
        "method": escape_html(method),
        "location": escape_html(location or ""),
        "notes": notes,
        "variants": variants,
        "expectation": _expectation(expect),
        "admin": escape_html(admin),
    }
    text = _TEXTS.get(status)
    if text is None:
        text = "<p>{notes}</p>\n" if verbose and notes else _INTERNAL
    return _PAGE.format(
        line=title,
        heading=title[4:],
        text=text.format_map(values),
        again=_AGAIN.format(line=status_line(recursive)) if recursive else "",
        signature=signature,
    )


def _expectation(expect: str | None) -> str:
    if expect is None:
        return "No expectation was seen, the Expect request-header \nfield was not presented by the client.\n"
    return f"The client sent<pre>\n    Expect: {escape_html(expect)}\n</pre>\n"
