"""Which registry npm is set to, without npm."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ringfence.errors import ConfigurationError
from ringfence.images.npm import archive_address, find_registry

SCOPE = "@micropython"


def registry(home: Path, **environment: str) -> str:
    return find_registry(
        SCOPE, {"HOME": str(home), "NPM_CONFIG_GLOBALCONFIG": "/none", **environment}
    )


def with_npm(folder: Path, script: str) -> str:
    """PATH with a program ``npm``."""
    folder.mkdir()
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def test_npm_is_asked_for_its_default(tmp_path: Path) -> None:
    path = with_npm(
        tmp_path / "bin", 'test "$* $PWD" = "config get registry /" && echo https://x.example/'
    )
    assert registry(tmp_path, PATH=path) == "https://x.example/"


def test_the_npm_that_is_here(tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    assert registry(tmp_path, PATH=os.environ["PATH"]).startswith("https://")


def test_nothing_says_where(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="names no registry of npm's: install npm, set"):
        registry(tmp_path, PATH=str(tmp_path))
    path = with_npm(tmp_path / "bin", "exit 3")
    with pytest.raises(ConfigurationError, match="npm does not tell its registry .*exit status 3"):
        registry(tmp_path, PATH=path)


def test_the_order(tmp_path: Path) -> None:
    machine = tmp_path / "machine"
    machine.write_text("registry=https://machine.example/npm\n")
    settings = {"NPM_CONFIG_GLOBALCONFIG": str(machine)}
    assert registry(tmp_path, **settings) == "https://machine.example/npm/"
    (tmp_path / ".npmrc").write_text(
        "; a comment\n# registry=https://wrong.example\n//x.example/:_authToken=${TOKEN}\n"
        'registry = "https://${WHERE}.example/"\n'
    )
    assert registry(tmp_path, WHERE="user", **settings) == "https://user.example/"
    given = {"npm_config_registry": "http://variable.example"}
    assert registry(tmp_path, WHERE="user", **settings, **given) == "http://variable.example/"
    own = tmp_path / "own"
    own.write_text(
        "@micropython:registry=https://scope.example/\n@other:registry=https://no.example/"
    )
    told = registry(tmp_path, WHERE="x", NPM_CONFIG_USERCONFIG=str(own), **settings, **given)
    assert told == "https://scope.example/"


def test_the_folder_that_one_happens_to_be_in_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".npmrc").write_text("registry=https://somebody.example/")
    monkeypatch.chdir(tmp_path)
    path = with_npm(tmp_path / "bin", "echo https://x.example")
    assert registry(tmp_path / "home", PATH=path) == "https://x.example/"


@pytest.mark.parametrize("address", ["ftp://x.example", "file:///etc", "x.example", "https://"])
def test_what_is_no_address(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigurationError, match="which is no address"):
        registry(tmp_path, NPM_CONFIG_REGISTRY=address)


def test_where_an_archive_is() -> None:
    assert archive_address("https://x.example/npm/", "@a/b", "1.2.3") == (
        "https://x.example/npm/@a/b/-/b-1.2.3.tgz"
    )
