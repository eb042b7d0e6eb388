"""From a failure to an answer: ErrorDocument in all its forms, and what happens when that fails."""

import pytest

from pyhttpd.core import hooks

FILES = {"htdocs/oops.txt": "sorry\n", "htdocs/x.txt": "x\n", "htdocs/shut/x.txt": "x\n"}
SHUT = "<Location /shut>\nOrder allow,deny\nDeny from all\n</Location>\n"


def test_text(get):
    answer = get("/none", conf='ErrorDocument 404 "not <b>here</b>"')
    assert (answer.status, answer.text) == (404, "not <b>here</b>")
    assert answer.headers.get("Content-Type") == "text/html; charset=iso-8859-1"


@pytest.mark.parametrize("line", ['"half quoted', "unquoted"])
def test_text_with_other_quotes(get, line):
    assert get("/none", conf=f"ErrorDocument 404 {line}").text == line.lstrip('"')


def test_a_path_is_served_with_the_first_status(get):
    answer = get("/none", conf="ErrorDocument 404 /oops.txt", files=FILES)
    assert (answer.status, answer.text) == (404, "sorry\n")
    assert answer.headers.get("Content-Type") == "text/plain"


def test_a_url_is_a_redirect(get):
    answer = get("/none", conf="ErrorDocument 404 http://other.example/x", files=FILES)
    assert (answer.status, answer.headers.get("Location")) == (302, "http://other.example/x")


def test_default_restores_the_page(get):
    conf = "ErrorDocument 404 /oops.txt\n<Location /d>\nErrorDocument 404 default\n</Location>\n"
    assert "was not found on this server" in get("/d/none", conf=conf, files=FILES).text


def test_an_inner_section_adds_to_the_outer(get):
    conf = 'ErrorDocument 403 "no"\n<Location />\nErrorDocument 404 "none"\n</Location>\n' + SHUT
    assert get("/none", conf=conf, files=FILES).text == "none"
    assert get("/shut/x.txt", conf=conf, files=FILES).text == "no"


def test_a_document_that_is_missing_itself_is_told(get):
    answer = get("/none", conf="ErrorDocument 404 /gone", files=FILES)
    assert answer.status == 404
    assert "The requested URL /none was not found" in answer.text
    assert "Additionally, a 404 Not Found\nerror was encountered while trying" in answer.text


def test_a_document_that_is_forbidden_goes_no_further(get):
    conf = SHUT + "ErrorDocument 404 /shut/x.txt\nErrorDocument 403 /shut/x.txt\n"
    answer = get("/none", conf=conf, files=FILES)
    assert answer.status == 404
    assert "Additionally, a 403 Forbidden" in answer.text
    answer = get("/shut/x.txt", conf=conf, files=FILES)
    assert answer.status == 403
    assert "Additionally, a 403 Forbidden" in answer.text


def test_a_url_for_401_is_ignored_with_a_notice(site):
    made = site(
        "ErrorDocument 401 http://other.example/\n<Location />\nAuthType Basic\nAuthName x\n"
        'AuthUserFile "@ROOT@/users"\nRequire valid-user\n</Location>\n',
        {"users": ""},
    )
    answer = made.get("/")
    assert (answer.status, answer.headers.get("WWW-Authenticate")) == (401, 'Basic realm="x"')
    texts = [notice.message for notice in made.server.site.warnings]
    assert "cannot use a full URL in a 401 ErrorDocument directive --- ignoring!" in texts


def test_a_401_keeps_its_challenge_when_a_document_answers(get):
    conf = (
        "ErrorDocument 401 /oops.txt\n<Location /shut>\nAuthType Basic\nAuthName x\n"
        'AuthUserFile "@ROOT@/users"\nRequire valid-user\n</Location>\n'
    )
    answer = get("/shut/x.txt", conf=conf, files={**FILES, "users": ""})
    assert (answer.status, answer.text) == (401, "sorry\n")
    assert answer.headers.get("WWW-Authenticate") == 'Basic realm="x"'


def test_the_document_knows_what_happened(site):
    files = {**FILES, "cgi-bin/e": "#!/bin/sh\necho; echo $REDIRECT_STATUS $REDIRECT_URL $REQUEST_METHOD\n"}
    conf = 'ScriptAlias /cgi-bin/ "@ROOT@/cgi-bin/"\nErrorDocument 404 /cgi-bin/e\n'
    answer = site(conf, files).get("/none", method="POST", body=b"x")
    assert answer.status == 404
    assert answer.text == "404 /none GET\n"


def test_head_of_an_error_has_no_body_and_stays_head(get):
    answer = get("/none", conf="ErrorDocument 404 /oops.txt", files=FILES, method="HEAD")
    assert (answer.status, answer.body) == (404, b"")
    assert answer.headers.get("Content-Length") == "6"


@pytest.mark.parametrize("status", [400, 408, 411, 413, 414, 500, 501, 503])
def test_some_statuses_end_the_connection(site, status):
    made = site(files=FILES)
    made.server._hooks["fixups"] = (lambda request: status,)
    answer = made.get("/x.txt", headers={"Connection": "keep-alive"})
    assert (answer.status, answer.headers.get("Connection")) == (status, "close")


@pytest.mark.parametrize("status", [403, 404, 405, 410])
def test_others_do_not(site, status):
    made = site(files=FILES)
    made.server._hooks["fixups"] = (lambda request: status,)
    answer = made.get("/x.txt", headers={"Connection": "keep-alive"})
    assert (answer.status, answer.headers.get("Connection")) == (status, "Keep-Alive")


def test_only_fields_set_for_errors_go_out_with_one(site):
    made = site(files=FILES)

    def fixup(request):
        request.headers_out.set("X-Success", "1")
        request.err_headers_out.set("X-Always", "1")
        return 403

    made.server._hooks["fixups"] = (fixup,)
    headers = made.get("/x.txt").headers
    assert (headers.get("X-Success"), headers.get("X-Always")) == (None, "1")


def test_a_phase_that_says_done_has_answered(site):
    made = site(files=FILES)

    def fixup(request):
        request.body_out, request.content_type = b"mine", "a/b"
        return hooks.DONE

    made.server._hooks["fixups"] = (fixup,)
    answer = made.get("/x.txt")
    assert (answer.status, answer.body) == (200, b"mine")


@pytest.mark.parametrize(
    ("line", "text"),
    [("Off", ""), ("On", "Server at www.example.com Port 80</address>"), ("EMail", '<a href="mailto:me@x">')],
)
def test_server_signature(get, line, text):
    page = get("/none", conf=f"ServerSignature {line}\nServerAdmin me@x").text
    assert text in page
    assert ("<address>" in page) is bool(text)


def test_pages_trust_nobody(get):
    answer = get("/%3Cscript%3E", headers={"Host": "www.example.com"})
    assert b"<script>" not in answer.body


def test_405_and_501_list_what_is_allowed(get):
    answer = get("/x.txt", files=FILES, method="DELETE")
    assert (answer.status, answer.headers.get("Allow")) == (405, "GET,HEAD,POST,OPTIONS,TRACE")
    answer = get("/x.txt", conf="TraceEnable off", files=FILES, method="BREW")
    assert (answer.status, answer.headers.get("Allow")) == (501, "GET,HEAD,POST,OPTIONS")
