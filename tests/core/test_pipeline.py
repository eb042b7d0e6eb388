"""The phases in order, and what ends them."""

from pyhttpd.core import hooks
from pyhttpd.core.module import Module


def test_a_file_is_served_with_its_type(get):
    answer = get("/x.txt", files={"htdocs/x.txt": "text\n"})
    assert (answer.status, answer.body) == (200, b"text\n")
    assert answer.headers.get("Content-Type") == "text/plain"


def test_what_is_missing_is_a_404_and_a_line_in_the_error_log(get):
    answer = get("/none")
    assert answer.status == 404
    assert "File does not exist: " in answer.log
    assert "[client 127.0.0.1]" in answer.log


def test_a_module_that_fails_is_a_500_without_a_traceback(site):
    made = site(files={"htdocs/x.txt": "text\n"})

    def broken(request):
        raise RuntimeError("secret detail")

    made.server._hooks["fixups"] = (broken,)
    answer = made.get("/x.txt")
    assert answer.status == 500
    assert b"secret detail" not in answer.body
    assert "RuntimeError: secret detail" in answer.log


def test_phases_run_in_apaches_order(site):
    made = site(files={"htdocs/x.txt": "text\n"})
    seen = []
    for phase in hooks.PHASES:
        if phase.name in made.server._hooks:
            note = (lambda name: lambda *_: seen.append(name))(phase.name)
            made.server._hooks[phase.name] = (note, *made.server._hooks[phase.name])
    made.get("/x.txt")
    order = [name for name in seen if name not in ("pre_connection", "child_init")]
    assert order == [name for name in (phase.name for phase in hooks.PHASES) if name in order]
    assert order[0] == "translate_name" or order[0] == "post_read_request"
    assert order[-1] == "log_transaction"


def test_a_journal_names_the_sections_that_had_a_say(site):
    conf = '<Directory "@ROOT@/htdocs">\nOptions None\n</Directory>\n'
    conf += "<Location /x.txt>\nDefaultType a/b\n</Location>\n"
    made = site(conf, {"htdocs/x.txt": "text\n"})
    kept = []
    module = Module("watch_module")

    @module.hook(hooks.POST_READ_REQUEST)
    def begin(request):
        from pyhttpd.core.journal import Journal

        request.journal = Journal()
        kept.append(request.journal)

    made.server._hooks["post_read_request"] = (begin, *made.server._hooks.get("post_read_request", ()))
    made.get("/x.txt")
    texts = [(step.text, step.location.line) for step in kept[0].steps if step.location]
    base = 7
    assert (f'merged <Directory "{made.root}/htdocs">', base + 1) in texts
    assert ("merged <Location /x.txt>", base + 4) in texts
    assert ("link", f"{made.root}/htdocs/x.txt") in kept[0].inputs  # Options None: links are not followed
