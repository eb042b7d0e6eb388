"""Which files an Include means, in which order, and what it refuses."""

from pathlib import Path

import pytest

from pyhttpd.config import include


def made(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def named(folder: Path, pattern: str = "") -> list[str]:
    paths = include.files_of(str(folder / pattern))
    return [str(Path(path).relative_to(folder)) for path in paths]


def test_a_file_means_itself_there_or_not(tmp_path):
    assert named(tmp_path, "none.conf") == ["none.conf"]


def test_a_pattern_is_taken_in_byte_order_without_hidden_files(tmp_path):
    made(tmp_path, "20-b.conf", "10-a.conf", "3-c.conf", "Z.conf", "a.conf", ".hidden.conf", "b.conf.bak")
    assert named(tmp_path, "*.conf") == ["10-a.conf", "20-b.conf", "3-c.conf", "Z.conf", "a.conf"]
    assert named(tmp_path, ".h*") == [".hidden.conf"]


@pytest.mark.parametrize(
    ("pattern", "names"), [("[ab]", ["a", "b"]), ("[^a]", ["b", "c"]), ("?", ["a", "b", "c"])]
)
def test_classes_and_single_letters(tmp_path, pattern, names):
    assert named(made(tmp_path, "a", "b", "c"), pattern) == names


def test_a_pattern_that_meets_a_folder_takes_all_of_it(tmp_path):
    assert named(made(tmp_path, "sub/x", "sub/.y"), "s*") == ["sub/.y", "sub/x"]


def test_a_folder_is_taken_whole_with_hidden_files_and_subfolders(tmp_path):
    made(tmp_path, "b.txt", "a", ".dot", "sub/x.conf")
    assert named(tmp_path) == [".dot", "a", "b.txt", "sub/x.conf"]


def test_a_bracket_that_is_never_closed_is_a_letter(tmp_path):
    assert named(made(tmp_path, "a[b"), "a[b") == ["a[b"]


def test_a_pattern_in_the_folder_part_is_refused(tmp_path):
    with pytest.raises(ValueError, match="Wildcard patterns not allowed in Include"):
        named(tmp_path, "*/x.conf")


def test_the_folder_of_a_pattern_must_be_there_unless_it_is_optional(tmp_path):
    with pytest.raises(ValueError, match=f"Include directory '{tmp_path}/none' not found"):
        named(tmp_path, "none/*.conf")
    assert list(include.files_of(f"{tmp_path}/none/*.conf", optional=True)) == []
    assert list(include.files_of(f"{tmp_path}/none", optional=True)) == []


def test_a_folder_that_contains_itself_is_refused(tmp_path):
    made(tmp_path, "x")
    (tmp_path / "loop").symlink_to(tmp_path)
    with pytest.raises(ValueError, match="exceeds the maximum include directory nesting level of 20"):
        named(tmp_path)


def test_only_plain_files_and_the_empty_device_are_read(tmp_path):
    assert include.read("/dev/null") == ""
    with pytest.raises(ValueError, match="Bad file descriptor"):
        include.read("/dev/zero")
    with pytest.raises(ValueError, match="No such file or directory"):
        include.read(str(tmp_path / "none"))
