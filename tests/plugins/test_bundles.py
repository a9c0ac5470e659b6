"""Bundles and manifests: what is one, byte for byte, and every way to be none."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ringfence import ConfigurationError
from ringfence.plugins import Bundle, BundleRefused, SpecReference, read_manifest
from ringfence.plugins.bundle import MOST_BYTES, MOST_FILES
from tests.plugins.specs import bundle

MANIFEST = b"""\
[plugin]
name = "ridged-mountains"
version = "1.2.0"
author = "ada"
title = "Ridged mountains"
description = "Sharp crests.\\nFrom folded noise."
entry = "ridged.main"
packages = ["numpy"]
grants = ["read:/usr/share/zoneinfo"]

[spec]
name = "worldgen.terrain"
version = "1.0"

[parameters.ridges]
type = "int"
default = 6
low = 1
high = 12
help = "how often"

[parameters.mood]
type = "str"
default = "calm"
choices = ["calm", "wild"]

[parameters.height]
type = "float"
default = 2
unit = "m"

[host]
suffixes = [".obj"]
"""
FILES = {
    "plugin.toml": MANIFEST,
    "ridged/__init__.py": b"",
    "ridged/main.py": b"def elevation(x): return x\n",
    "README.md": "Ein schöner Berg.\n".encode(),
    "LICENSE": b"free\n",
}


def test_what_a_manifest_says() -> None:
    manifest = read_manifest(MANIFEST)
    assert (manifest.name, manifest.version, str(manifest)) == (
        "ridged-mountains",
        (1, 2, 0),
        "ridged-mountains 1.2.0",
    )
    assert manifest.spec == SpecReference("worldgen.terrain", (1, 0))
    assert (manifest.kind, manifest.entry, manifest.packages) == (
        "plugin",
        "ridged.main",
        ("numpy",),
    )
    assert manifest.grants == ("read:/usr/share/zoneinfo",)
    assert dict(manifest.host) == {"suffixes": [".obj"]}
    assert manifest.arguments({}) == {"ridges": 6, "mood": "calm", "height": 2.0}
    assert manifest.arguments({"height": 3, "mood": "wild"})["height"] == 3.0
    wrong: list[tuple[dict[str, object], str]] = [
        ({"ridges": 13}, "parameter ridges: at most 12 was expected, got 13"),
        ({"ridges": 1.0}, "parameter ridges: int was expected, got float"),
        ({"ridges": True}, "parameter ridges: int was expected, got bool"),
        ({"mood": "sad"}, "parameter mood: one of calm, wild was expected"),
        ({"height": float("nan")}, "parameter height: a finite number was expected, got nan"),
        ({"height": 1 << 60}, "parameter height: float was expected, got int"),
        ({"depth": 1}, "has no parameter 'depth'; it has ridges, mood, height"),
    ]
    for given, error in wrong:
        with pytest.raises(ConfigurationError) as raised:
            manifest.arguments(given)
        assert str(raised.value).removeprefix("ridged-mountains").lstrip(": ") == error


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        (b'"ridged-mountains"', b'"Ridged"', "plugin.name: it must be lower-case words"),
        (b'"ridged-mountains"', b'"a--b"', "plugin.name: it must be lower-case words"),
        (b'"ridged-mountains"', b'"' + b"a" * 65 + b'"', "plugin.name: it may have 64 characters, and has 65"),
        (b'"1.2.0"', b'"1.2"', "plugin.version: it must be three numbers, as 1.2.0"),
        (b'"1.2.0"', b'"1.02.0"', "plugin.version: it must be three numbers, as 1.2.0"),
        (b'"1.2.0"', '"1.2.٣"'.encode(), "plugin.version: it must be three numbers"),
        (b'author = "ada"', b"", "plugin.author: it is missing"),
        (b'author = "ada"', b"author = 3", "plugin.author: it must be a text"),
        (b'"ada"', '"a\u202eda"'.encode(), "plugin.author: it has characters that cannot be seen"),
        (b'"ada"', b'"a\\u001bda"', "plugin.author: it has characters that cannot be seen"),
        (b'"ridged.main"', b'"ridged-main"', "plugin.entry: it must be the dotted name of a module"),
        (b'"ridged.main"', b'"../main"', "plugin.entry: it must be the dotted name of a module"),
        (b'["numpy"]', b'["numpy", "numpy"]', "plugin.packages: a name is in it twice"),
        (b'["numpy"]', b'["NumPy"]', "plugin.packages: 'NumPy' is no such name"),
        (b'["numpy"]', b'["numpy; import os"]', "plugin.packages: 'numpy; import os' is no such name"),
        (b'["numpy"]', b'"numpy"', "plugin.packages: it must be a list of at most 64 names"),
        (b'version = "1.0"', b'version = "1"', "spec.version: it must be two numbers, as 1.0"),
        (b"[host]", b"[hosts]", "hosts: nothing is called so; known: host, parameters, plugin, spec"),
        (b'title = "R', b'titel = "R', "plugin.titel: nothing is called so; known: author"),
        (b"default = 6", b"default = 13", "parameters.ridges.default: at most 12 was expected, got 13"),
        (b"default = 6", b"", "parameters.ridges.default: int was expected, got NoneType"),
        (b'type = "int"', b'type = "list"', "parameters.ridges.type: it must be one of int, float, bool, str"),
        (b"low = 1\n", b"low = nan\n", "parameters.ridges.low: it must be a finite number"),
        (b"[parameters.ridges]", b"[parameters._x]", "parameters._x: its name must be that of an argument"),
        (b"[parameters.ridges]", b'[parameters."a b"]', "parameters.a b: its name must be that of an argument"),
        (b"[plugin]", b"[plugin", "it is no TOML: "),
        (b"[plugin]", b"\xff[plugin]", "it is no TOML: "),
        (b"[host]", b"[host]\nx = " + b"[" * 5_000 + b"]" * 5_000, "it is no TOML: "),
        (b"[host]", b"[host]\nx = " + b"9" * 5_000, "it is no TOML: "),
        (b"[host]", b"#" * 70_000, "it has 70,"),
    ],
)  # fmt: skip
def test_a_manifest_that_is_wrong_names_the_field(before: bytes, after: bytes, error: str) -> None:
    assert before in MANIFEST
    with pytest.raises(BundleRefused) as raised:
        read_manifest(MANIFEST.replace(before, after, 1))
    assert str(raised.value).startswith(f"plugin.toml: {error}")


def test_the_same_files_are_the_same_bytes(tmp_path: Path) -> None:
    made = Bundle.of_files(FILES)
    packed = made.pack()
    assert packed == Bundle.of_files(dict(reversed(FILES.items()))).pack()
    # Pinned: what a bundle is named by may never change.
    assert made.sha256 == "3e2ea5dbc51f185bf6aa3d2f6edc487d09ebbdb57401c23d873067a931bee892"
    for name, data in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1, 1))
        path.chmod(0o777)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/config").write_bytes(b"\0")
    (tmp_path / "ridged/__pycache__").mkdir()
    (tmp_path / "ridged/old.pyc").write_bytes(b"\0")
    folder = Bundle.of_folder(tmp_path)
    assert folder.pack() == packed
    assert folder == made == Bundle.unpack(packed)
    assert list(made.modules) == ["ridged", "ridged.main"]


def refused(files: dict[str, bytes]) -> str:
    with pytest.raises(BundleRefused) as raised:
        Bundle.of_files({**FILES, **files})
    return str(raised.value)


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("../x.py", b"", "the bundle: the name '../x.py' leads out of it"),
        ("/x.py", b"", "the bundle: the name '/x.py' is absolute"),
        ("a\\..\\x.py", b"", "the bundle: the name 'a\\\\..\\\\x.py' is not one that every system reads"),
        ("C:x.py", b"", "the bundle: the name 'C:x.py' is absolute"),
        ("a//x.py", b"", "the bundle: the name 'a//x.py' is not one that every system reads"),
        ("Readme.MD", b"", "the bundle: 'Readme.MD' is in it beside 'README.md'"),
        ("x.so", b"", "'x.so': a bundle has Python and plain text only"),
        ("x.pyc", b"", "'x.pyc': a bundle has Python and plain text only"),
        ("x.pth", b"", "'x.pth': a bundle has Python and plain text only"),
        ("run", b"", "'run': a bundle has Python and plain text only"),
        ("x.py", b"\x7fELF...", "'x.py': it is no text; native code and binaries are refused"),
        ("x.json", b"MZ\x90", "'x.json': it is no text; native code and binaries are refused"),
        ("x.txt", b"a\0b", "'x.txt': it is no text; native code and binaries are refused"),
        ("x.py", b"# coding: latin-1\n'\xe4'", "'x.py': it is not UTF-8: "),
        ("a-b.py", b"", "'a-b.py': a module's name must be one that can be imported"),
        ("ä.py", b"", "'\\xe4.py': names of files must be ASCII"),
        ("a/b/c/d/e/f/g/h/i.py", b"", "'a/b/c/d/e/f/g/h/i.py': its name is too long, or too deep"),
        ("a" * 210 + ".py", b"", "'aaaaaaa"),
        ("big.txt", b"x" * MOST_BYTES, "the bundle: its files are 4,194"),
    ],
)  # fmt: skip
def test_a_file_that_no_bundle_has_is_refused(name: str, data: bytes, error: str) -> None:
    assert refused({name: data}).startswith(error)


def test_a_bundle_is_bounded_and_whole() -> None:
    many = {f"m{n}.py": b"" for n in range(MOST_FILES)}
    assert refused(many) == "the bundle: it has 505 files, and may have 500"
    for missing, error in [
        ("plugin.toml", "the bundle: it has no plugin.toml"),
        ("ridged/main.py", "plugin.toml: plugin.entry: there is no module 'ridged.main'"),
    ]:
        with pytest.raises(BundleRefused) as raised:
            Bundle.of_files({name: data for name, data in FILES.items() if name != missing})
        assert str(raised.value) == error


def test_a_folder_is_not_followed_out_of(tmp_path: Path) -> None:
    (tmp_path / "plugin.toml").write_bytes(MANIFEST)
    (tmp_path / "ridged").mkdir()
    (tmp_path / "ridged/main.py").symlink_to("/etc/passwd")
    with pytest.raises(BundleRefused, match="^'ridged/main.py': it is a link; a bundle has files"):
        Bundle.of_folder(tmp_path)
    (tmp_path / "ridged/main.py").unlink()
    os.mkfifo(tmp_path / "ridged/main.py")
    with pytest.raises(BundleRefused, match="^'ridged/main.py': it is no ordinary file$"):
        Bundle.of_folder(tmp_path)
    with pytest.raises(BundleRefused, match="^the bundle: it cannot be read: "):
        Bundle.of_folder(tmp_path / "nowhere")


def zipped(entries: list[tuple[zipfile.ZipInfo, bytes]], kind: int = zipfile.ZIP_STORED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", kind) as made:
        for info, data in entries:
            info.compress_type = kind
            made.writestr(info, data)
    return target.getvalue()


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


GOOD = Bundle.of_files(FILES).pack()


def archives() -> dict[str, tuple[bytes, str]]:
    """Archives that are no bundle, and what is said of each."""
    plain = [(entry(name), FILES[name]) for name in sorted(FILES)]
    bomb = [(entry("bomb.txt"), b"0" * (60 << 20)), *plain]
    cut = bytearray(GOOD)
    struct.pack_into("<H", cut, len(cut) - 14, 9)
    return {
        "nothing": (b"", "it is no zip archive"),
        "something else": (b"x" * 100, "it is no zip archive of one part"),
        "cut short": (GOOD[:-1], "it is no zip archive of one part"),
        "something in front": (b"#!/bin/sh\n" + GOOD, "something stands before or behind"),
        "something behind": (GOOD + b"x", "it is no zip archive of one part"),
        "a count that lies": (bytes(cut), "it is no zip archive of one part"),
        "compressed": (zipped(plain, zipfile.ZIP_DEFLATED), "it was not packed by"),
        "a bomb": (zipped(bomb, zipfile.ZIP_DEFLATED), "its files are 62,"),
        "other order": (zipped(plain[::-1]), "it was not packed by"),
        "a time": (GOOD.replace(b"\x21\x00", b"\x22\x00", 1), ""),
        "a link": (zipped([*plain, (entry("x.py", stat.S_IFLNK | 0o777), b"/etc/passwd")]), "'x.py' is a symbolic link"),
        "a device": (zipped([*plain, (entry("x.py", stat.S_IFCHR), b"")]), "'x.py' is no ordinary file"),
        "traversal": (zipped([*plain, (entry("../x.py"), b"")]), "the name '../x.py' leads out of it"),
        "twice": (zipped([*plain, (entry("LICENSE"), b"other")]), "'LICENSE' is in it twice"),
        "too large": (b"PK" * (MOST_BYTES + 1), "it has 8,388,610 bytes, and may have 8,388,608"),
    }  # fmt: skip


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_bytes_that_are_no_bundle() -> None:
    for what, (data, error) in archives().items():
        with pytest.raises(BundleRefused) as raised:
            Bundle.unpack(data)
        assert error in str(raised.value), what


def test_every_changed_byte_is_seen() -> None:
    small = bundle("def probe(n): return n").pack()
    survived = []
    for at in range(len(small)):
        changed = bytearray(small)
        changed[at] ^= 0x20
        try:
            other = Bundle.unpack(bytes(changed))
        except BundleRefused:
            continue
        assert other.pack() == bytes(changed) != small
        survived.append(at)
    assert survived == []


def test_names_of_modules_are_those_of_the_import_system() -> None:
    made: Any = bundle("x = 1", files={"a/b/__init__.py": "", "a/b/c.py": "", "d.py": ""})
    assert sorted(made.modules) == ["a.b", "a.b.c", "counter", "d"]
