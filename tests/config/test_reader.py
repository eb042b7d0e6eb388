"""Reading: Apache's order, its messages to the letter, and the tree that comes out.

Golden files in data/: NAME.conftest is a configuration, a rule, and the tree; NAME.errortest a
configuration, a rule, and the message as it is shown.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pyhttpd.config.reader import read_file, read_text
from pyhttpd.config.tree import Directive, Section
from pyhttpd.diagnostics import ConfigError, Location

DATA = Path(__file__).parent / "data"
ORACLE = Path(__file__).parents[3] / "shared" / "reference" / "oracle-2.2-cases.json"
RULE = "----\n"


@dataclass
class FakeHost:
    """A server that is being built, as far as reading goes."""

    server_root: str = "/server"
    defines: dict[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(
        default_factory=lambda: {"NAME": "value", "TWO": "a b", "EMPTY": ""}
    )
    version: tuple[int, int, int] = (2, 2, 34)
    modules: set[str] = field(default_factory=lambda: {"core.c", "mod_so.c", "mod_version.c", "mod_dir.c"})
    loaded: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)

    def has_module(self, name: str) -> bool:
        return name in self.modules

    def load_module(self, identifier: str, path: str) -> str | None:
        path = str(Path(self.server_root, path))
        if identifier == "absent_module":
            raise ValueError(f"Cannot load {path} into server: {path}: no such module")
        if any(name == identifier for name, _ in self.loaded):
            return f"module {identifier} is already loaded, skipping"
        self.loaded.append((identifier, path))
        self.modules |= {identifier, f"mod_{identifier.removesuffix('_module')}.c"}
        return None

    def load_file(self, path: str) -> None:
        self.files.append(path)

    def located(self, path: str) -> str:
        return path

    def lost_root(self, path: str) -> str:
        raise ValueError("ServerRoot must be a valid directory")

    def warn(self, message: str, location: Location) -> None:
        self.warnings.append((message, str(location)))


def golden(pattern: str) -> list[Path]:
    return sorted(DATA.glob(pattern))


def parts(path: Path) -> tuple[str, str]:
    """The configuration and what is expected of it."""
    config, expected = path.read_text("utf-8").split(RULE)
    return config, expected


def outline(nodes: list[Directive], depth: int = 0) -> Iterator[str]:
    """A tree as text: line number, name, words; the body of a section further in."""
    for node in nodes:
        section = isinstance(node, Section)
        name = f"<{node.name}>" if section else node.name
        words = "".join(f" [{word}]" for word in node.words)
        yield f"{node.location.line:3} {'    ' * depth}{name}{words}\n"
        if isinstance(node, Section):
            yield from outline(node.children, depth + 1)


def shown(text: str, host: FakeHost | None = None, htaccess: bool = False) -> str:
    return "".join(outline(read_text(text, "CONF", host or FakeHost(), htaccess).root))


def refused(text: str, host: FakeHost | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        read_text(text, "CONF", host or FakeHost())
    return caught.value.diagnostics[0].apache_first_line


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "conf").mkdir()
    return tmp_path


def write(root: Path, **texts: str) -> None:
    for name, text in texts.items():
        (root / "conf" / f"{name}.conf").write_text(text)


@pytest.mark.parametrize("path", golden("*.conftest"), ids=lambda path: path.stem)
def test_golden_trees(path):
    config, expected = parts(path)
    assert shown(config) == expected


@pytest.mark.parametrize("path", golden("*.errortest"), ids=lambda path: path.stem)
def test_golden_errors(path):
    config, expected = parts(path)
    with pytest.raises(ConfigError) as caught:
        read_text(config, "CONF", FakeHost())
    assert caught.value.render() == expected


def oracle() -> list[tuple[str, str, str]]:
    """What a real 2.2 said while reading, of the cases that need nothing but the text."""
    if not ORACLE.exists():
        return []
    skip = ("PREFIX", "CASES", "DIR/", "LoadFile", "so_module")
    cases = [(case["name"], case["fragment"], case["output"]) for case in json.loads(ORACLE.read_text())]
    return [
        case
        for case in cases
        if case[2].startswith("httpd: Syntax") and not any(word in case[1] + case[2] for word in skip)
    ]


@pytest.mark.parametrize(("name", "config", "output"), oracle() or [("none", "</A>", "")])
def test_messages_are_those_of_a_real_server(name, config, output):
    if name == "none":
        pytest.skip("the recorded cases are not here")
    assert refused(config) == output


# ---- Include


def test_include_reads_a_file_in_place_and_relative_to_the_server_root(root):
    write(root, one="One\nInclude conf/two.conf\nOneAgain\n", two="Two\n")
    text = shown("<A x>\nInclude conf/one.conf\n</A>\n", FakeHost(str(root)))
    assert text.split() == ["1", "<A>", "[x]", "1", "One", "1", "Two", "3", "OneAgain"]


def test_an_include_that_fails_names_every_file(root):
    write(root, outer="\nInclude conf/missing.conf\n")
    conf = root / "conf"
    assert refused("Include conf/outer.conf\n", FakeHost(str(root))) == (
        f"httpd: Syntax error on line 1 of CONF: Syntax error on line 2 of {conf}/outer.conf: "
        f"Could not open configuration file {conf}/missing.conf: No such file or directory"
    )


def test_an_include_of_itself_stops_at_the_depth_of_128(root):
    write(root, self="Include conf/self.conf\n")
    message = refused("Include conf/self.conf\n", FakeHost(str(root)))
    assert message.count(f"Syntax error on line 1 of {root}/conf/self.conf: ") == 128
    assert message.endswith(
        ": Exceeded maximum include depth of 128. You have probably a recursion somewhere."
    )


def test_a_section_must_end_in_its_own_file(root):
    write(root, open="<Directory /x>\n", close="</Directory>\n")
    path = root / "conf" / "open.conf"
    assert refused("Include conf/open.conf\n</Directory>\n", FakeHost(str(root))) == (
        f"httpd: Syntax error on line 1 of CONF: Syntax error on line 1 of {path}: "
        f"{path}:1: <Directory> was not closed."
    )
    assert refused("<Directory /x>\nInclude conf/close.conf\n", FakeHost(str(root))).endswith(
        "</Directory> without matching <Directory> section"
    )


def test_include_optional_takes_what_is_not_there(root):
    text = "IncludeOptional conf/none.conf\nIncludeOptional none/*.conf\nIncludeOptional conf/*.conf\nA\n"
    assert shown(text, FakeHost(str(root))).split() == ["4", "A"]


# ---- directives that run at once


def test_load_module_is_told_to_the_host_and_leaves_no_node():
    host = FakeHost()
    assert shown("LoadModule x_module modules/mod_x.so\nLoadModule x_module modules/mod_x.so\n", host) == ""
    assert host.loaded == [("x_module", "/server/modules/mod_x.so")]
    assert host.warnings == [("module x_module is already loaded, skipping", "CONF:2")]


def test_load_file_takes_any_number():
    host = FakeHost()
    shown("LoadFile a /b\nLoadFile\n", host)
    assert host.files == ["/server/a", "/b"]


def test_server_root_counts_from_its_line_on_and_stays_in_the_tree(tmp_path):
    host = FakeHost("/elsewhere")
    text = f'LoadModule a_module a.so\nServerRoot "{tmp_path}/"\nLoadModule b_module b.so\n'
    assert shown(text, host) == f"  2 ServerRoot [{tmp_path}/]\n"
    assert [path for _, path in host.loaded] == ["/elsewhere/a.so", f"{tmp_path}/b.so"]


def test_define_is_seen_by_the_lines_below():
    text = "A ${PORT}\nDefine PORT 81\nA ${PORT}\n<IfDefine PORT>\nB\n</IfDefine>\nUnDefine PORT\nA ${PORT}\n"
    assert [line.split(None, 1)[1] for line in shown(text).splitlines()] == [
        "A [${PORT}]",
        "A [81]",
        "B",
        "A [${PORT}]",
    ]


def test_a_name_without_a_value_does_not_hide_the_environment():
    assert shown("A ${NAME}\n", FakeHost(defines={"NAME": ""})) == "  1 A [value]\n"


def test_if_version_is_an_ordinary_section_until_its_module_is_there():
    assert shown("<IfVersion < 2.4>\nA\n</IfVersion>\n", FakeHost(modules=set())).split()[:2] == [
        "1",
        "<IfVersion>",
    ]


# ---- the whole


def test_in_htaccess_only_conditions_are_decided():
    text = "Include x\nServerRoot /none\n<IfModule mod_dir.c>\nLoadModule a b\n</IfModule>\nDefine A b\n"
    assert shown(text, htaccess=True).split()[1::2][0] == "Include"
    assert [line.split()[1] for line in shown(text, htaccess=True).splitlines()] == [
        "Include",
        "ServerRoot",
        "LoadModule",
        "Define",
    ]


def test_directives_of_the_command_line_stand_before_and_after_the_file(root):
    write(root, main="B\n")
    tree = read_file(f"{root}/conf/main.conf", FakeHost(), before=["A one", "A two"], after=["C"])
    assert [(node.name, node.location.line) for node in tree.root] == [("A", 1), ("A", 2), ("B", 1), ("C", 1)]
    assert str(tree.root[1].location) == "-c/-C directives:2"
    assert len(tree.sources) == len(tree.lines) == 3


def test_a_mistake_on_the_command_line(root):
    write(root, main="")
    with pytest.raises(ConfigError) as caught:
        read_file(f"{root}/conf/main.conf", FakeHost(), before=["<IfModule"])
    first = caught.value.diagnostics[0].apache_first_line
    assert (
        first == "httpd: Syntax error in -C/-c directive: <IfModule> directive requires additional arguments"
    )


def test_a_main_file_that_is_missing(root):
    path = f"{root}/conf/none.conf"
    with pytest.raises(ConfigError) as caught:
        read_file(path, FakeHost())
    expected = f"httpd: Could not open configuration file {path}: No such file or directory"
    assert caught.value.diagnostics[0].apache_first_line == expected
    assert read_file(path, FakeHost(), missing_ok=True).root == []


def test_a_file_of_any_bytes_is_read(root):
    (root / "conf" / "main.conf").write_bytes(b"A \xff\xe4 \xc3\xa4\r\n")
    (node,) = read_file(f"{root}/conf/main.conf", FakeHost()).root
    assert node.words == ["\udcff\udce4", "\u00e4"]


def test_sections_know_their_parent_and_their_end():
    tree = read_text("<A x>\n<B y>\nC z\n</B>\n</A>\n", "CONF", FakeHost())
    outer, inner, directive = tree.walk()
    assert isinstance(inner, Section)
    assert inner.parent is outer
    assert directive.parent is inner
    assert inner.closed_at is not None
    assert inner.closed_at.line == 4
