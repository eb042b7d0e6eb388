"""Requests within requests: what they find, what they may, and where they end."""

import pytest

from pyhttpd.core import hooks, subrequest

FILES = {
    "htdocs/x.txt": "x\n", "htdocs/d/y.html": "y\n", "htdocs/shut/z.txt": "z\n",
    "htdocs/d/odd name%.txt": "o\n",
}  # fmt: skip
CONF = "<Location /shut>\nOrder allow,deny\nDeny from all\n</Location>\n"


@pytest.fixture
def during(site):
    """Do something while a request is in the fixups phase: `during(do, target)` gives what it gave."""
    made = site(CONF + "LimitInternalRecursion 5 3\n", FILES)
    job, found = [], []

    def once(request):
        if request.journal is not None:
            request.journal.never_again("somebody looks on")
        if request.initial and not found:
            found.append(None)
            found[0] = job[0](request)

    made.server._hooks["fixups"] = (once, *made.server._hooks.get("fixups", ()))

    def run(do, target="/x.txt", **asked):
        job[:], found[:] = [do], []
        answer = made.get(target, **asked)
        return found[0] if answer.status == 200 else answer

    run.site = made
    return run


@pytest.mark.parametrize(
    ("uri", "status", "kind"),
    [
        ("/d/y.html", 200, "text/html"), ("d/y.html", 200, "text/html"), ("/none", 200, None),
        ("/shut/z.txt", 403, None), ("/d/../../etc", 400, None), ("/%zz", 400, None),
    ],
)  # fmt: skip
def test_looking_up_a_url(during, uri, status, kind):
    sub = during(lambda request: subrequest.lookup_uri(request, uri))
    assert (sub.status, sub.content_type) == (status, kind)
    assert sub.main is not None
    assert not sub.initial


def test_a_url_that_is_not_there_has_no_file(during):
    sub = during(lambda request: subrequest.lookup_uri(request, "/none"))
    assert sub.info is None


def test_looking_up_a_file_beside_the_request(during):
    sub = during(lambda request: subrequest.lookup_file(request, "odd name%.txt"), "/d/y.html")
    assert (sub.status, sub.uri) == (200, "/d/odd name%.txt")
    assert sub.info is not None


def test_running_one_gives_its_body(during):
    assert (
        b"".join(during(lambda request: subrequest.run(subrequest.lookup_uri(request, "/d/y.html"))))
        == b"y\n"
    )


def test_one_whose_handler_fails_gives_nothing(during):
    def do(request):
        sub = subrequest.lookup_uri(request, "/none")
        return subrequest.run(sub), sub.status

    assert during(do) == (b"", 404)


def test_a_subrequest_has_no_body_and_does_not_take_the_clients(during):
    def do(request):
        sub = subrequest.lookup_uri(request, "/d/y.html", "POST")
        return sub.body, sub.headers_in.get("Content-Length"), request.headers_in.get("Content-Length")

    assert during(do, method="POST", body=b"abc") == (None, None, "3")


def test_nesting_is_limited_and_told(during):
    def do(request):
        depth = 0
        while request.status == 200 and depth < 20:
            request = subrequest.lookup_uri(request, "/x.txt")
            depth += 1
        return depth, request.status

    assert during(do) == (4, 500)
    text = "Request exceeded the limit of 3 subrequest nesting levels due to probable configuration error."
    assert text in during.site.log


def test_redirects_that_go_in_circles_end(site):
    made = site("LimitInternalRecursion 5\n", FILES)
    rounds = []

    def again(request):
        rounds.append(request.redirects)
        return subrequest.internal_redirect(request, "/x.txt")

    made.server.handlers = {**made.server.handlers, "text/plain": again}
    made.server._hooks["handler"] = (again,)
    assert made.get("/x.txt").status == 500
    assert len(rounds) == 6
    assert "Request exceeded the limit of 5 internal redirects" in made.log


def test_an_internal_redirect_passes_its_environment_on(site):
    made = site("SetEnv ONE 1\n", FILES)
    seen = []

    def handle(request):
        if request.prev is None:
            return subrequest.internal_redirect(request, "/d/y.html?q")
        seen.append((request.env.get("REDIRECT_ONE"), request.uri, request.query, request.prev.uri))
        return b"done"

    made.server._hooks["handler"] = (handle,)
    made.server.handlers = {}
    assert made.get("/x.txt").body == b"done"
    assert seen == [("1", "/d/y.html", "q", "/x.txt")]


def test_a_place_checked_for_the_main_request_is_not_checked_again(during):
    checks = []
    server = during.site.server
    server._hooks["access_checker"] = (lambda request: checks.append(request.uri),)
    during(lambda request: subrequest.lookup_file(request, "x.txt"))
    assert checks == ["/x.txt"]
    checks.clear()
    during(lambda request: subrequest.lookup_uri(request, "/shut/z.txt"))
    assert checks == ["/x.txt", "/shut/z.txt"]


def test_header_parsers_see_main_requests_only(during):
    seen = []
    during.site.server._hooks["header_parser"] = (lambda request: seen.append(request.uri),)
    during(lambda request: subrequest.lookup_uri(request, "/d/y.html"))
    assert seen == ["/x.txt"]


def test_the_log_is_written_once_for_all(during):
    seen = []
    during.site.server._hooks["log_transaction"] = (lambda request: seen.append(request.uri),)
    during(lambda request: subrequest.lookup_uri(request, "/d/y.html"))
    assert seen == ["/x.txt"]
    assert hooks.LOG_TRANSACTION.run == "all"
