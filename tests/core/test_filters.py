"""Output filters: their order, and what a body stays if nobody looks inside."""

import os

import pytest

from pyhttpd.core import filters
from pyhttpd.core.filters import CONTENT_SET, PROTOCOL, RESOURCE, TRANSCODE
from pyhttpd.http.response import FileBody

FILES = {"htdocs/x.txt": "text", "htdocs/x.html": "<p>"}


@pytest.fixture
def made(site):
    """A site with filters that mark what they see; `made(conf)`."""

    def make(conf):
        built = site(conf, FILES)
        for name, kind in (("one", RESOURCE), ("two", RESOURCE), ("set", CONTENT_SET), ("last", TRANSCODE)):
            built.server.filters[name] = (kind, marking(name))
        return built

    return make


def marking(name):
    def mark(request, body):
        def marked():
            yield from body
            yield f" {name}".encode()

        request.headers_out.unset("Content-Length")
        return marked()

    return mark


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ("one", "text one"),
        ("one;two", "text one two"),
        ("two;one", "text two one"),
        ("last;set;one", "text one set last"),
        ("ONE", "text one"),
        (";one;", "text one"),
    ],
)
def test_stages_go_before_the_order_of_insertion(made, names, text):
    assert made(f'SetOutputFilter "{names}"\n').get("/x.txt").text == text


def test_filters_by_type(made):
    site = made("AddOutputFilterByType one text/plain\nAddOutputFilterByType two;set text/html TEXT/CSS\n")
    assert site.get("/x.txt").text == "text one"
    assert site.get("/x.html").text == "<p> two set"


def test_an_unknown_filter_is_told_and_passed_over(made):
    answer = made("SetOutputFilter none;one\n").get("/x.txt")
    assert answer.text == "text one"
    assert "an unknown filter was not added: none" in answer.log


def test_a_filter_that_fails_is_a_500(made):
    site = made("SetOutputFilter broken\n")

    def broken(request, body):
        raise RuntimeError("no")

    site.server.filters["broken"] = (RESOURCE, broken)
    answer = site.get("/x.txt")
    assert answer.status == 500
    assert "RuntimeError: no" in answer.log


def test_errors_do_not_pass_through_the_contents_filters(made):
    site = made("SetOutputFilter one\n")
    site.server._hooks["fixups"] = (lambda request: 403,)
    assert " one" not in site.get("/x.txt").text


def test_a_filtered_body_has_no_length_of_the_file(made):
    answer = made("SetOutputFilter one\n").get("/x.txt")
    assert answer.headers.get("Content-Length") in (None, str(len("text one")))


class Asking:
    """As much of a request as `run` looks at."""

    def __init__(self, body, *chain):
        self.body_out, self.output_filters = body, list(chain)


def test_a_file_that_no_filter_touches_stays_a_file(tmp_path):
    (tmp_path / "x").write_text("text")
    with FileBody(os.open(tmp_path / "x", os.O_RDONLY)) as body:
        seen = []
        request = Asking(body, (PROTOCOL, lambda request, given: seen.append(given) or given))
        filters.run(request)
        assert request.body_out is body
        assert seen == [body]
        assert request.output_filters == []
