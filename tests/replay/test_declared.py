"""Who says that his answers may be given again must look at nothing that he does not tell.

What the shipped modules and the phases of the core do is read, not run: nothing in them may take a header
field, a file's stamp, the clock, the client's address or chance round the request's journal. The few places
that do have their reason here.
"""

import ast
from pathlib import Path

import pytest

import pyhttpd
from pyhttpd.core.site import shipped

ROOT = Path(pyhttpd.__file__).parent
SILENT = {  # as dotted names, whatever stands before them
    *(
        "headers_in",
        "received",
        "connection.client",
        "connection.remote_host",
        "socket.gethostbyaddr",
        "open",
    ),
    *("os.stat", "os.lstat", "os.listdir", "os.scandir", "os.access", "os.environ", "os.getpid"),
    *("os.path.exists", "os.path.isfile", "os.path.isdir", "os.path.getmtime", "os.path.getsize"),
    *("time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "subprocess.Popen"),
    *("random.random", "random.choice", "random.randrange", "secrets.token_hex", "os.urandom"),
}
ALLOWED = {
    # mod_autoindex
    ("mod_autoindex", "list_directory", "os.access"): "the folder's stamp is noted before, and has its mode",
    ("mod_autoindex", "_children", "os.listdir"): "the folder's stamp is noted before",
    ("mod_autoindex", "_header", "headers_in"): "fields are set for a subrequest, none is read",
    ("mod_autoindex", "_plain", "open"): "its subrequest has noted the stamp",
    ("mod_autoindex", "_title", "open"): "its subrequest has noted the stamp",
    # mod_authn_file
    ("mod_authn_file", "_lines", "open"): "its stamp is noted before",
    # mod_headers
    ("mod_headers", "apply", "headers_in"): "a change of the request is never given again",
    ("mod_headers", "early", "headers_in"): "handed to apply",
    ("mod_headers", "fixup", "headers_in"): "handed to apply",
    ("mod_headers", "_echo", "headers_in"): "never given again",
    ("mod_headers", "_received", "received"): "never given again",
    ("mod_headers", "_duration", "time.monotonic_ns"): "never given again",
    # mod_log_config: lines are written for each giving
    ("mod_log_config", "field_in", "headers_in"): "asked anew for each text of fields",
    ("mod_log_config", "cookie", "headers_in"): "asked anew for each text of fields",
    ("mod_log_config", "port", "connection.client"): "asked anew for each line",
    ("mod_log_config", "process", "os.getpid"): "asked anew for each line",
    ("mod_log_config", "received_at", "received"): "asked anew for each line, or each second",
    ("mod_log_config", "received_at", "time.time"): "asked anew for each line",
    ("mod_log_config", "duration", "time.monotonic_ns"): "asked anew for each line",
    ("mod_log_config", "", "connection.client"): "asked once for each client",
    ("mod_log_config", "text", "connection.client"): "asked anew for each line",
    ("mod_log_config", "text", "connection.remote_host"): "asked anew for each line",
    # mod_mime
    ("mod_mime", "read_types", "open"): "read when the server starts",
    # mod_rewrite
    ("mod_rewrite", "_client_port", "connection.client"): "never given again",
    ("mod_rewrite", "look_up", "random.choice"): "never given again",
    ("mod_rewrite", "write", "connection.client"): "a RewriteLog is of answers that are never given again",
    ("mod_rewrite", "ask", "time.monotonic"): "what a program says is never given again",
    ("mod_rewrite", "_alone", "time.monotonic"): "what a program says is never given again",
    ("mod_rewrite", "_exchange", "time.monotonic"): "what a program says is never given again",
    ("mod_rewrite", "tend", "time.monotonic"): "in the parent's loop",
    ("mod_rewrite", "_launch", "os.environ"): "when a program starts",
    ("mod_rewrite", "read", "os.environ"): "the process's own, which stays the same",
    ("mod_rewrite", "_dbm", "os.path.exists"): "when the configuration is read",
    ("mod_rewrite", "_must_exist", "os.path.exists"): "when the configuration is read",
    ("mod_rewrite", "read_text", "open"): "a map's stamp is noted before",
    ("mod_rewrite", "read_sdbm", "open"): "a map's stamp is noted before",
    ("mod_rewrite", "read_dbm", "os.path.exists"): "a map's stamp is noted before",
    ("mod_rewrite", "_by_library", "open"): "a map's stamp is noted before",
    # mod_setenvif
    ("mod_setenvif", "_by_pattern", "headers_in"): "never given again",
}


def files_of(name):
    package = ROOT / "modules" / name
    return sorted(package.rglob("*.py")) if package.is_dir() else [package.with_suffix(".py")]


def looks(tree, function=""):
    """Every silent look in a tree: the innermost function's name, and what is looked at."""
    for node in ast.iter_child_nodes(tree):
        inner = node.name if isinstance(node, ast.FunctionDef) else function
        words = ast.unparse(node).split(".") if isinstance(node, ast.Attribute | ast.Name) else []
        for count in (1, 2, 3):
            if (name := ".".join(words[-count:])) in SILENT and len(words) >= count:
                yield inner, name
        yield from looks(node, inner)


def replayable():
    names = {path.stem if path.is_file() else path.name for path in (ROOT / "modules").glob("mod_*")}
    return sorted(name for name in names if (found := shipped(name)) is not None and found.replayable)


@pytest.mark.parametrize("name", replayable())
def test_modules_that_may_be_given_again_look_at_nothing_silently(name):
    found = {(name, *look) for path in files_of(name) for look in looks(ast.parse(path.read_text()))}
    assert sorted(found - set(ALLOWED)) == []


def test_every_exception_is_needed():
    found = {
        (name, *look) for name in replayable() for path in files_of(name)
        for look in looks(ast.parse(path.read_text()))
    }  # fmt: skip
    assert sorted(set(ALLOWED) - found) == []


def test_what_runs_programs_does_not_say_that_it_may_be_given_again():
    assert {"mod_cgi", "mod_cgid"}.isdisjoint(replayable())
