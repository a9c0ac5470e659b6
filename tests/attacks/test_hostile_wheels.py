"""Wheels that attack the host which reads them, and guests that attack the wheels they are lent.

Each hostile file is refused by its name and with the reason, through the public entry point, and
nothing was started for it.
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence import Sandbox
from ringfence.errors import WheelRefused
from tests.attacks.canaries import descendants
from tests.support.capabilities import require
from tests.support.wheels import build_wheel, metadata, record_of, wheel_bytes, write_archive

_NAME = "gadget-1.0-py3-none-any.whl"
_INFO = "gadget-1.0.dist-info"

Entries = list[tuple[str | zipfile.ZipInfo, bytes]]


@pytest.fixture(autouse=True)
def _takes_wheels(engine: str) -> None:
    require(engine, "wheels")


@pytest.fixture
def refuse(engine: str, tmp_path: Path) -> Iterator[Callable[[bytes], str]]:
    """Gives the reason for which these bytes are refused."""
    before = descendants(os.getpid())

    def reason(data: bytes) -> str:
        path = tmp_path / _NAME
        path.write_bytes(data)
        with pytest.raises(WheelRefused) as caught:
            ringfence.run("1", engine=engine, packages=[path])
        said = str(caught.value)
        assert said.isprintable()
        assert len(said) < 1_000
        return said.removeprefix(f"packages: {_NAME}: ")

    yield reason
    assert descendants(os.getpid()) <= before


def entries(**files: bytes) -> Entries:
    return list(wheel_bytes(files={"gadget.py": b"", **files}).items())


def named(name: str, **attributes: Any) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("placeholder")
    info.filename = name
    for key, value in attributes.items():
        setattr(info, key, value)
    return info


# --- names -----------------------------------------------------------------------------------

_NAMES = {
    "../evil.py": "the name '../evil.py' leads out of it",
    "a/../../evil.py": "the name 'a/../../evil.py' leads out of it",
    "/etc/evil.py": "the name '/etc/evil.py' is absolute",
    "C:/evil.py": "the name 'C:/evil.py' is absolute",
    "a\\..\\evil.py": "the name 'a\\\\..\\\\evil.py' is not one that every system reads alike",
    "a//evil.py": "the name 'a//evil.py' is not one that every system reads alike",
    "./evil.py": "the name './evil.py' is not one that every system reads alike",
    "evil\n.py": "the name 'evil\\n.py' is not one that every system reads alike",
    "evil\x1b[2J.py": "the name 'evil\\x1b[2J.py' is not one that every system reads alike",
    "evil\u202e.py": "the name 'evil\\u202e.py' is not one that every system reads alike",
    "evil\x00.py": "the name 'evil\\x00.py' does not end where it says",
    "a" * 300: f"the name '{'a' * 118}… is too long",
    "a/" * 600 + "b": f"the name '{'a/' * 59}… is too long",
    "GADGET.py": "'GADGET.py' is in it beside 'gadget.py'",
    "gadget.py/inner.py": "'gadget.py' is a file and a folder",
}


@pytest.mark.parametrize("name", _NAMES, ids=ascii)
def test_names(refuse: Callable[[bytes], str], name: str) -> None:
    assert refuse(write_archive([*entries(), (named(name), b"x = 1")])) == _NAMES[name]


def test_a_name_twice(refuse: Callable[[bytes], str]) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = write_archive([*entries(), ("gadget.py", b"x = 1")])
    assert refuse(data) == "'gadget.py' is in it twice"


def test_a_name_in_another_encoding(refuse: Callable[[bytes], str]) -> None:
    data = write_archive([*entries(), ("gadget_é.py", b"")])
    central = data.rindex(b"PK\x01\x02")
    flags = struct.unpack_from("<H", data, central + 8)[0]
    changed = bytearray(data)
    for place in (central + 8, data.index("gadget_é.py".encode()) - 24):
        struct.pack_into("<H", changed, place, flags & ~0x800)
    assert refuse(bytes(changed)).endswith(" is in no known encoding")


# --- kinds of entries ------------------------------------------------------------------------


def test_a_symbolic_link(refuse: Callable[[bytes], str]) -> None:
    link = named("gadget_link.py", create_system=3, external_attr=0o120777 << 16)
    assert (
        refuse(write_archive([*entries(), (link, b"/etc/passwd")]))
        == "'gadget_link.py' is a symbolic link"
    )


@pytest.mark.parametrize("kind", [0o010000, 0o020000, 0o060000, 0o140000, 0o040000])
def test_devices_and_pipes(refuse: Callable[[bytes], str], kind: int) -> None:
    odd = named("gadget_odd", create_system=3, external_attr=(kind | 0o666) << 16)
    assert refuse(write_archive([*entries(), (odd, b"")])) == "'gadget_odd' is no ordinary file"


def test_a_folder_with_content(refuse: Callable[[bytes], str]) -> None:
    data = write_archive([*entries(), (named("folder/", compress_type=0), b"content")])
    assert refuse(data) == "'folder' is a folder with content"


def test_an_encrypted_file(refuse: Callable[[bytes], str]) -> None:
    data = bytearray(write_archive(entries()))
    for place in (6, data.index(b"PK\x01\x02") + 8):
        data[place] |= 1
    assert refuse(bytes(data)) == "'gadget.py' is encrypted"


def test_another_compression(refuse: Callable[[bytes], str]) -> None:
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        data = write_archive([*entries(), (named("large.py", compress_type=method), b"1" * 99)])
        assert refuse(data) == "'large.py' is compressed in a way that wheels are not"


# --- sizes -----------------------------------------------------------------------------------


def test_a_bomb(refuse: Callable[[bytes], str]) -> None:
    said = refuse(write_archive(entries(zeros=bytes(20 << 20))))
    assert said.endswith("more than 100 times the archive: a bomb")


def test_more_than_there_may_be(refuse: Callable[[bytes], str]) -> None:
    said = refuse(write_archive(entries(**{f"zeros{i}": bytes(8 << 20) for i in range(9)})))
    assert said.endswith("bytes, and may be 67,108,864")


def test_a_file_without_end(engine: str, tmp_path: Path) -> None:
    path = tmp_path / _NAME
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(WheelRefused, match="is larger than the 67,108,864 bytes that a wheel may"):
        ringfence.run("1", engine=engine, packages=[path])


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_what_is_no_file(engine: str, tmp_path: Path, kind: str) -> None:
    path = tmp_path / _NAME
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(WheelRefused, match=r"cannot be read: Is a directory|is no ordinary file"):
        ringfence.run("1", engine=engine, packages=[path])


def test_more_files_than_there_may_be(refuse: Callable[[bytes], str]) -> None:
    said = refuse(write_archive([(f"f{i}", b"") for i in range(20_001)]))
    assert said == "it says that it has 20,001 files, and may have 20,000"


def test_a_directory_that_says_less_than_it_is(refuse: Callable[[bytes], str]) -> None:
    data = bytearray(write_archive(entries()))
    struct.pack_into("<HH", data, len(data) - 14, 1, 1)  # it has more: what zipfile would count
    said = refuse(bytes(data))
    assert said == "its directory has 4 files, and says 1"


def test_entries_that_share_their_bytes(refuse: Callable[[bytes], str]) -> None:
    """Fifield's bomb: one kernel of data, unpacked by many entries."""
    data = bytearray(write_archive([("a" * 9, b"x" * 1_000), ("b" * 9, b"x" * 1_000)]))
    second = data.rindex(b"PK\x01\x02")
    struct.pack_into("<L", data, second + 42, 0)
    data[second + 46 : second + 55] = b"b" * 9
    assert refuse(bytes(data)) == "'bbbbbbbbb' overlaps another entry"


@pytest.mark.parametrize("change", [-1, 1, 1 << 10])
def test_a_file_that_is_not_as_long_as_it_says(refuse: Callable[[bytes], str], change: int) -> None:
    data = bytearray(write_archive([*entries(), ("long.py", b"x = 1\n" * 1_000)]))
    central = data.rindex(b"PK\x01\x02")
    struct.pack_into("<L", data, central + 24, 6_000 + change)
    said = refuse(bytes(data))
    assert said.startswith(("it is no whole zip archive", "'long.py' is not as long as it says"))


def test_a_damaged_stream(refuse: Callable[[bytes], str]) -> None:
    data = bytearray(write_archive(entries(long=os.urandom(10_000))))
    place = data.index(b"long") + 600
    data[place] ^= 0xFF
    said = refuse(bytes(data))
    assert said.startswith(("it is no whole zip archive: ", "'long' is not the file"))


# --- archives --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 21, 22, 1_000])
def test_what_is_no_archive(refuse: Callable[[bytes], str], size: int) -> None:
    assert refuse(bytes(size)).startswith("it is no zip archive")


def test_something_in_front_and_behind(refuse: Callable[[bytes], str]) -> None:
    data = write_archive(entries())
    assert (
        refuse(b"#!/bin/sh\n" + data) == "something stands before or behind the zip archive in it"
    )
    assert refuse(data + b"\0") == "it is no zip archive of one part that ends where the file ends"
    assert refuse(data + data) == "something stands before or behind the zip archive in it"


def test_zip64(refuse: Callable[[bytes], str]) -> None:
    data = write_archive(entries())
    locator = b"PK\x06\x07" + bytes(16)
    assert (
        refuse(data[:-22] + locator + data[-22:])
        == "it uses Zip64, which no wheel of its size needs"
    )


def test_every_cut(refuse: Callable[[bytes], str]) -> None:
    data = write_archive(entries())
    for end in range(0, len(data), 37):
        assert refuse(data[:end])


def test_every_byte(refuse: Callable[[bytes], str], engine: str, tmp_path: Path) -> None:
    """What a flipped byte does is a refusal, or nothing that matters; never another exception."""
    from ringfence.wheels.defect import Defect
    from ringfence.wheels.distribution import parse_wheel

    data = write_archive(entries())
    expected = dict(parse_wheel(_NAME, data).files)
    refused = 0
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 0x55
        try:
            assert dict(parse_wheel(_NAME, bytes(changed)).files) == expected
        except Defect:
            refused += 1
    assert refused > len(data) // 2
    assert refuse(data[: len(data) // 2])


# --- what a wheel says of itself -------------------------------------------------------------

_INFO_ROW = f"{_INFO}/RECORD,,\n".encode()


def _recorded(change: Callable[[bytes], bytes]) -> bytes:
    files = wheel_bytes()
    files[f"{_INFO}/RECORD"] = change(files[f"{_INFO}/RECORD"])
    return write_archive(files.items())


def _replaced(**replace: bytes | None) -> bytes:
    files = wheel_bytes(
        replace={f"@{name}": data for name, data in replace.items() if name != "py"}
    )
    return write_archive(files.items())


_RECORDS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "not listed": (lambda r: r.split(b"\n", 1)[1], "'gadget.py' is not listed in its RECORD"),
    "not there": (lambda r: b"ghost.py,sha256=x,1\n" + r, "its RECORD lists 'ghost.py', which is not in it"),
    "outside": (lambda r: b"../../etc/passwd,sha256=x,1\n" + r, "its RECORD lists '../../etc/passwd', which is not in it"),
    "twice": (lambda r: r.split(b"\n")[0] + b"\n" + r, "its RECORD lists 'gadget.py' twice"),
    "no hash": (lambda r: b"gadget.py,,\n" + r.split(b"\n", 1)[1], "its RECORD has no SHA-256 or better of 'gadget.py'"),
    "weak hash": (lambda r: b"gadget.py,md5=x,1\n" + r.split(b"\n", 1)[1], "its RECORD has no SHA-256 or better of 'gadget.py'"),
    "wrong hash": (lambda r: b"gadget.py,sha256=AAAA,12\n" + r.split(b"\n", 1)[1], "'gadget.py' is not the file that its RECORD names: the hash differs"),
    "wrong size": (lambda r: r.replace(b",12\n", b",13\n", 1), "'gadget.py' is not the file that its RECORD names: the size differs"),
    "a row too short": (lambda r: b"gadget.py\n" + r, "its RECORD has a row that is none: 'gadget.py'"),
    "no text": (lambda r: b"\xff\xfe" + r, "its RECORD is not UTF-8"),
    "rows without number": (lambda r: b"a,,\n" * 200_000 + r, "its RECORD lists 'a', which is not in it"),
    "no table": (lambda r: b'"gadget' + r, "its RECORD "),
    "a field without end": (lambda r: b"x" * 200_000 + b",,\n" + r, "its RECORD cannot be read: "),
}  # fmt: skip


@pytest.mark.parametrize("what", _RECORDS)
def test_records(refuse: Callable[[bytes], str], what: str) -> None:
    change, says = _RECORDS[what]
    assert refuse(_recorded(change)).startswith(says)


def test_a_file_that_was_changed_afterwards(refuse: Callable[[bytes], str]) -> None:
    files = {**wheel_bytes(), "gadget.py": b"ANSWER = 43\n"}
    said = refuse(write_archive(files.items()))
    assert said == "'gadget.py' is not the file that its RECORD names: the hash differs"


def _signed(change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A wheel whose RECORD is right, whatever else is not."""
    files = wheel_bytes()
    del files[f"{_INFO}/RECORD"]
    change(files)
    files[f"{_INFO}/RECORD"] = record_of(files, _INFO)
    return write_archive(files.items())


def _put(name: str, text: str) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.update({f"{_INFO}/{name}": text.encode()})


def _take(name: str) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        del files[f"{_INFO}/{name}"]

    return change


_TAG = "Wheel-Version: 1.0\nTag: "
_STATEMENTS: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "no METADATA": (_take("METADATA"), "it has no METADATA"),
    "no WHEEL": (_take("WHEEL"), "it has no WHEEL"),
    "another name": (_put("METADATA", metadata("other", "1.0")), "its METADATA is not of gadget 1.0"),
    "another version": (_put("METADATA", metadata("gadget", "2.0")), "its METADATA is not of gadget 1.0"),
    "no version": (_put("METADATA", metadata("gadget", "newest")), "its METADATA is not of gadget 1.0"),
    "a large METADATA": (_put("METADATA", metadata("gadget", "1.0") + os.urandom(1 << 20).hex()), "its METADATA is too large"),
    "another format": (_put("WHEEL", "Wheel-Version: 2.0\nTag: py3-none-any\n"), "its format is '2.0', and this reads 1.0 and what is like it"),
    "native tags inside": (_put("WHEEL", f"{_TAG}cp313-cp313-win32\n"), "it was built for other tags than its name says"),
    "two of them": (lambda f: f.update({"other-1.0.dist-info/METADATA": b""}), "it has 2 folders ending in .dist-info, and must have one"),
    "an unknown scheme": (lambda f: f.update({"gadget-1.0.data/home/.bashrc": b""}), "nobody knows where 'gadget-1.0.data/home/.bashrc' belongs"),
    "data over a module": (lambda f: f.update({"gadget-1.0.data/data/gadget.py": b""}), "'gadget.py' is in it twice"),
    "data over the metadata": (lambda f: f.update({f"gadget-1.0.data/purelib/{_INFO}/METADATA": b""}), f"'{_INFO}/METADATA' is in it twice"),
    "a name twice": (_put("METADATA", metadata("gadget", "1.0", "Name: gadget")), "its METADATA is not of gadget 1.0"),
    "a version without end": (_put("METADATA", metadata("gadget", "9" * 100_000)), "its METADATA is not of gadget 1.0"),
    "a letter with parts": (_put("METADATA", 'Content-Type: multipart/mixed; boundary="x"\n\n--x\n\n--x--\n'), "its METADATA is not of gadget 1.0"),
    "brackets without end": (_put("METADATA", metadata("gadget", "1.0", "Requires-Dist: x; " + "(" * 1_900)), "it requires 'x; ((((("),
    "a requirement without end": (_put("METADATA", metadata("gadget", "1.0", "Requires-Dist: x>=1" + ".1" * 300_000)), "it requires 'x>=1.1"),
    "a Python without end": (_put("METADATA", metadata("gadget", "1.0", "Requires-Python: >=" + "3" * 50_000)), "its Requires-Python is '>=333"),
    "tags without number": (_put("WHEEL", _TAG + "-".join([".".join(f"t{i}" for i in range(40_000))] * 3) + "\n"), "it was built for other tags than its name says"),
    "a marker of another world": (_put("METADATA", metadata("gadget", "1.0", "Requires-Dist: x; moon == 'full'")), "it requires "),
}  # fmt: skip


@pytest.mark.parametrize("what", _STATEMENTS)
def test_statements(refuse: Callable[[bytes], str], what: str) -> None:
    change, says = _STATEMENTS[what]
    assert refuse(_signed(change)).startswith(says)


def test_a_wheel_of_another_name(engine: str, tmp_path: Path) -> None:
    path = build_wheel(tmp_path)
    for name, says in {
        "other-1.0-py3-none-any.whl": "its folder 'gadget-1.0.dist-info' is not of other 1.0",
        "gadget-1.1-py3-none-any.whl": "its folder 'gadget-1.0.dist-info' is not of gadget 1.1",
        "gadget.whl": "its name is not that of a wheel: ",
        "gadget-1.0-py3-none.whl": "its name is not that of a wheel: ",
        "\x1b[2J-1.0-py3-none-any.whl": "its name is not that of a wheel: ",
    }.items():
        renamed = path.with_name(name)
        renamed.write_bytes(path.read_bytes())
        with pytest.raises(WheelRefused) as caught:
            ringfence.run("1", engine=engine, packages=[renamed])
        assert says in str(caught.value)


# --- what was kept ---------------------------------------------------------------------------


def test_what_was_unpacked_is_not_trusted_later(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who could write to the cache changes a file that was checked: it is made again."""
    path = build_wheel(tmp_path, files={"gadget.py": f"ANSWER = {os.getpid()}\n"})
    with Sandbox(engine=engine, packages=[path]) as box:
        assert box.run("import gadget\ngadget.ANSWER").value == os.getpid()
    root = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ringfence" / "images"
    text = str(os.getpid()).encode()
    kept = [f for f in root.glob("packages-*/**/*") if f.is_file() and text in f.read_bytes()]
    assert kept
    for file in kept:
        file.write_bytes(file.read_bytes().replace(text, b"9" * len(text)))
    from ringfence.runtime.registry import parse_engines

    parse_engines(engine)[0]._zygotes.close()  # type: ignore[attr-defined]
    with Sandbox(
        engine=engine, packages=[path], policy=ringfence.Policy(deterministic=engine == "wasi")
    ) as box:
        assert box.run("import gadget\ngadget.ANSWER").value == os.getpid()


def test_a_cache_that_is_open_to_others_is_not_used(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build_wheel(tmp_path, files={"gadget.py": f"x = {zlib.crc32(os.urandom(8))}\n"})
    ringfence.run("1", engine=engine)  # the image is found before the cache is another
    (tmp_path / "ringfence").mkdir(mode=0o755)
    (tmp_path / "ringfence").chmod(0o755)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(ringfence.RingfenceError, match="is open to others, and holds code"):
        ringfence.run("1", engine=engine, packages=[path])
