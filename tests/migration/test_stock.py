"""The configuration that came with Apache 2.2, unchanged but for its paths and ports: it starts and serves.

Its extra files are taken one by one: those whose modules are built work, each other one is refused at exactly
the directives whose modules come later, with file, line, column and a sentence.
"""

import json
import re
from pathlib import Path

import pytest
from migration_running import get, gone, lines_with, pyhttpd, running

from pyhttpd.config.registry import apache22
from pyhttpd.core.site import shipped

STOCK = Path(__file__).parents[3] / "shared/reference/stock-2.2"
EXTRA = sorted(path.name for path in (STOCK / "extra").glob("*.conf"))
WORKING = ("mpm", "default", "vhosts", "autoindex", "userdir", "info")

pytestmark = pytest.mark.skipif(not STOCK.exists(), reason="2.2's own files are not here")


@pytest.fixture
def root(tmp_path, free_port):
    """A server root as `make install` of 2.2 left it."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    for name in ("conf/extra", "logs", "htdocs", "cgi-bin", "icons", "manual", "error", "docs"):
        (tmp_path / name).mkdir(parents=True)
    for host in ("dummy-host", "dummy-host2"):
        (tmp_path / f"docs/{host}.example.com").mkdir()
        (tmp_path / f"docs/{host}.example.com/index.html").write_text(f"{host}\n")
    (tmp_path / "htdocs/index.html").write_text("<html><body><h1>It works!</h1></body></html>")
    (tmp_path / "conf/mime.types").write_bytes((STOCK / "mime.types").read_bytes())
    for path in (STOCK / "httpd.conf", *(STOCK / "extra").glob("*.conf")):
        text = path.read_text("utf-8").replace("/usr/local/apache2", str(tmp_path))
        text = re.sub(r"(?m)^Listen 8080$", f"Listen 127.0.0.1:{free_port}", text)
        text = text.replace("*:8080", f"*:{free_port}")
        (tmp_path / "conf" / path.relative_to(STOCK)).write_text(text)
    return tmp_path


@pytest.mark.parametrize("mpm", ["prefork", "worker", "event"])
def test_it_serves_under_each_mpm(mpm, root, free_port):
    options = ("-d", str(root), "--mpm", mpm, "-C", "ServerName localhost")
    with running(free_port, *options, "-c", "Include conf/extra/httpd-mpm.conf"):
        assert get(free_port, "/") == (200, (root / "htdocs/index.html").read_bytes())
        assert len((root / "htdocs/index.html").read_bytes()) == 44
        assert get(free_port, "/none")[0] == 404
        assert get(free_port, "/.htpasswd")[0] == 403
        assert lines_with(root / "logs/access_log", '"GET /none HTTP/1.1" 404') == 1
    assert gone(root / "logs/httpd.pid")


def test_all_its_modules_are_listed_whether_built_or_not(root):
    listed = pyhttpd("-d", str(root), "-M").stdout
    named = re.findall(r"(?m)^LoadModule (\w+)", (root / "conf/httpd.conf").read_text())
    assert [name for name in named if f" {name} (shared)" not in listed] == []


@pytest.mark.parametrize("name", [f"httpd-{word}.conf" for word in WORKING])
def test_an_extra_file_of_built_modules_loads(name, root):
    done = pyhttpd("-d", str(root), "-t", "-c", f"Include conf/extra/{name}")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", [name for name in EXTRA if name[6:-5] not in WORKING])
def test_another_is_refused_at_the_directives_that_come_later(name, root):
    done = pyhttpd("-d", str(root), "-t", "--json", "-c", f"Include conf/extra/{name}")
    errors = json.loads(done.stdout)["errors"]
    for error in errors:
        if error["message"].startswith("Unrecognized LogFormat directive %x"):
            continue
        directive = re.match(r"Invalid command '(\w+)'", error["message"])
        assert directive, error
        module = apache22()[directive[1].lower()].module
        assert shipped(module) is None, error
        assert error["hint"].startswith(f"{module} is known but not built yet in pyhttpd ")
        place = error["location"]
        line = Path(place["file"]).read_text().splitlines()[place["line"] - 1]
        assert line[place["column"] - 1 : place["end_column"] - 1] == directive[1]
        assert place["file"].endswith(f"conf/extra/{name}")
    assert done.returncode == (1 if errors else 0)


def test_its_virtual_hosts_are_told_apart_by_name(root, free_port):
    options = ("-d", str(root), "-C", "ServerName localhost", "-c", "Include conf/extra/httpd-vhosts.conf")
    with running(free_port, *options, "-c", f'<Directory "{root}/docs">\nAllow from all\n</Directory>'):
        assert get(free_port, "/", "dummy-host2.example.com") == (200, b"dummy-host2\n")
        assert get(free_port, "/", "www.dummy-host.example.com") == (200, b"dummy-host\n")
        assert get(free_port, "/", "nobody.example.com") == (200, b"dummy-host\n")
        assert lines_with(root / "logs/dummy-host2.example.com-access_log", "GET ") == 1


def test_its_listings_have_icons(root, free_port):
    (root / "htdocs/index.html").rename(root / "htdocs/page.html")
    options = ("-d", str(root), "-C", "ServerName localhost", "-c", "Include conf/extra/httpd-autoindex.conf")
    with running(free_port, *options):
        status, page = get(free_port, "/")
    assert status == 200
    assert b'<img src="/icons/text.gif" alt="[TXT]"></td><td><a href="page.html">' in page
