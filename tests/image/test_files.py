"""The file system inside the guest: what a program expects of one, and what it cannot do to it."""

from __future__ import annotations

import errno

import pytest

from tests.support.wasm_guest import WasmGuest


def test_the_tree(shared: WasmGuest) -> None:
    assert shared.value("import os\nsorted(os.listdir('/')), os.listdir('/box')") == (
        ["box", "lib", "ringfence", "tmp"],
        ["tmp"],
    )
    assert shared.value("os.readlink('/tmp')") == "/box/tmp"
    assert shared.value(
        "os.path.isfile('/lib/python3.13/json/__init__.py'), os.path.exists('/etc/passwd')"
    ) == (True, False)


def test_a_file_is_written_read_and_changed(guest: WasmGuest) -> None:
    code = """
import os
with open("a", "w") as file: file.write("hello")
with open("a", "a") as file: file.write(" there")
with open("a", "r+") as file:
    file.seek(1); file.write("E")
with open("a", "rb") as file:
    seen = file.read(), file.seek(0, 2), file.seek(-5, 2), file.read()
os.truncate("a", 3)
seen, open("a").read(), os.stat("a").st_size, os.stat("a").st_nlink
"""
    assert guest.value(code) == ((b"hEllo there", 11, 6, b"there"), "hEl", 3, 1)


def test_a_hole_reads_as_zeros(guest: WasmGuest) -> None:
    code = "with open('a', 'wb') as f: f.seek(100_000); f.write(b'x')\nopen('a', 'rb').read() == bytes(100_000) + b'x'"
    assert guest.value(code) is True


def test_folders(guest: WasmGuest) -> None:
    code = """
import os, pathlib, shutil
os.makedirs("a/b/c")
for n in range(50): pathlib.Path(f"a/b/{n}").write_text(str(n))
found = sorted(str(p) for p in pathlib.Path("a").rglob("*"))
os.rename("a/b", "d")
moved = sorted(os.listdir("d")) == sorted([*map(str, range(50)), "c"]), os.listdir("a"), os.listdir("d/..")
shutil.rmtree("d")
len(found), moved, os.listdir(".")
"""
    assert guest.value(code) == (52, (True, [], ["a", "d"]), ["a"])


def test_a_file_is_made_where_a_link_leads(guest: WasmGuest) -> None:
    code = """
import os
os.mkdir("inner"); os.symlink("inner/new", "link"); os.symlink("link", "chain"); os.symlink("self", "self")
open("chain", "w").write("there")
def refused(path, mode):
    try:
        open(path, mode)
    except OSError as error:
        return type(error).__name__, error.strerror
os.symlink("inner/other", "second"); os.symlink("nowhere/at/all", "lost")
open("inner/new").read(), os.path.islink("link"), refused("second", "x"), refused("self", "w"), refused("lost", "w"), sorted(os.listdir("inner"))
"""
    assert guest.value(code) == (
        "there",
        True,
        ("FileExistsError", "File exists"),
        ("OSError", "Symbolic link loop"),
        ("FileNotFoundError", "No such file or directory"),
        ["new"],
    )


def test_names_go_while_they_are_read(guest: WasmGuest) -> None:
    """A listing that goes on behind names that were removed misses none of the others."""
    code = """
import os
for n in range(150): open(f"{n:0100}", "w").close()
seen = 0
for entry in os.scandir("."):
    os.remove(entry.path); seen += 1
seen, os.listdir(".")
"""
    assert guest.value(code) == (150, [])


def test_an_open_file_outlives_its_name(guest: WasmGuest) -> None:
    code = "import os\nf = open('a', 'w+'); f.write('x'); os.remove('a'); f.seek(0)\nf.read(), os.path.exists('a'), os.fstat(f.fileno()).st_nlink"
    assert guest.value(code) == ("x", False, 0)


def test_links(guest: WasmGuest) -> None:
    code = """
import os
open("a", "w").write("x")
os.link("a", "hard"); os.symlink("a", "soft"); os.symlink("/box/tmp", "home"); os.symlink("none", "dangling")
os.symlink("loop2", "loop1"); os.symlink("loop1", "loop2")
try: open("loop1")
except OSError as error: loop = error.errno
os.readlink("soft"), open("soft").read(), open("home/home/a").read(), os.stat("a").st_nlink, os.path.exists("dangling"), os.path.lexists("dangling"), loop
"""
    assert guest.value(code)[:6] == ("a", "x", "x", 2, False, True)
    assert guest.value("import errno\nloop == errno.ELOOP") is True


def test_descriptors_of_folders(guest: WasmGuest) -> None:
    code = """
import os
os.mkdir("d")
at = os.open("d", os.O_RDONLY | os.O_DIRECTORY)
os.close(os.open("f", os.O_WRONLY | os.O_CREAT, dir_fd=at))
found = os.listdir("d")
os.unlink("f", dir_fd=at)
try: os.open("f", os.O_RDONLY, dir_fd=at)
except OSError as error: missing = type(error).__name__
os.rmdir("d")
try: os.open("f", os.O_WRONLY | os.O_CREAT, dir_fd=at)
except OSError as error: gone = type(error).__name__
os.close(at)
found, missing, gone
"""
    assert guest.value(code) == (["f"], "FileNotFoundError", "FileNotFoundError")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("open('/lib/python3.13/os.py', 'a')", errno.EROFS),
        ("open('/new', 'w')", errno.EROFS),
        ("import os\nos.remove('/lib/python3.13/os.py')", errno.EROFS),
        ("import os\nos.mkdir('/box/new')", errno.EROFS),
        ("import os\nos.rename('/lib', 'mine')", errno.EROFS),
        ("import os\nos.link('/lib/python3.13/os.py', 'mine')", errno.EROFS),
        ("open('missing')", errno.ENOENT),
        ("open('a' * 300, 'w')", errno.ENAMETOOLONG),
        ("import os\nos.mkdir('d')\nopen('d', 'w')", errno.EISDIR),
        ("open('f', 'w').close()\nopen('f/g')", errno.ENOTDIR),
        ("import os\nos.makedirs('x/y')\nos.rename('x', 'x/y/z')", errno.EINVAL),
        ("import os\nos.makedirs('p/q')\nos.rmdir('p')", errno.ENOTEMPTY),
        ("import os\nos.truncate(open('s', 'w').name, 1 << 40)", errno.ENOSPC),
        ("f = open('big', 'wb')\nwhile True: f.write(b'x' * 65536)", errno.ENOSPC),
        ("n = 0\nwhile True: open(f'many{n}', 'w').close(); n += 1", errno.ENOSPC),
        ("kept = []\nwhile True: kept.append(open('f', 'w'))", errno.EMFILE),
    ],
)
def test_what_is_refused(guest: WasmGuest, code: str, error: int) -> None:
    name = errno.errorcode[error]
    caught = f"import errno\ntry:\n    exec({code!r}, globals())\nexcept OSError as e:\n    got = errno.errorcode[e.errno]\ngot"
    assert guest.value(caught) == name
    guest.value("kept = f = None\n1 + 1")


def test_room_that_was_given_back_can_be_used_again(guest: WasmGuest) -> None:
    code = """
import os
for _ in range(20):
    with open("a", "wb") as file: file.write(bytes(3 << 20))
    os.rename("a", "b")
for _ in range(500):
    open("c", "w").close(); os.symlink("c", "d"); os.mkdir("e")
    os.remove("c"); os.remove("d"); os.rmdir("e")
os.listdir(".")
"""
    assert guest.value(code) == ["b"]


def test_sqlite_in_a_file(guest: WasmGuest) -> None:
    code = """
import sqlite3
with sqlite3.connect("db") as db:
    db.execute("create table t (a)"); db.executemany("insert into t values (?)", [(n,) for n in range(1000)])
db.close()
sqlite3.connect("db").execute("select sum(a) from t").fetchone()[0]
"""
    assert guest.value(code) == 499_500


def test_two_connections_share_a_database(guest: WasmGuest) -> None:
    code = """
import os, sqlite3
one, other = (sqlite3.connect("db", timeout=0) for _ in range(2))
one.execute("create table t (a)"); one.commit()
seen = [other.execute("select count(*) from t").fetchone()[0]]
one.execute("insert into t values (1)")
seen.append(other.execute("select count(*) from t").fetchone()[0])
try:
    other.execute("insert into t values (2)")
except sqlite3.OperationalError as error:
    seen.append(str(error))
one.commit()
other.execute("insert into t values (3)"); other.commit()
seen += [one.execute("select sum(a) from t").fetchone()[0], sorted(os.listdir("."))]
seen
"""
    assert guest.value(code) == [0, 0, "database is locked", 4, ["db"]]
