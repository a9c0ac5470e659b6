"""The key file of the user: made once, whole, and refused when others could have read it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from ringfence.errors import StateKeyNotUsable
from ringfence.runtime.state_key import key_path, user_key


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the key of this test's user is."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "ringfence"


def refused() -> str:
    with pytest.raises(StateKeyNotUsable) as caught:
        user_key()
    return str(caught.value)


def test_it_is_made_once(home: Path) -> None:
    key = user_key()
    assert len(key) == 32
    assert user_key() == key
    assert [path.name for path in home.iterdir()] == ["state.key"]
    assert (home / "state.key").stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700


def test_it_is_below_the_home_folder_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    expected = tmp_path / ".local" / "state" / "ringfence" / "state.key"
    for value in (None, "", "relative/folder"):
        if value is None:
            monkeypatch.delenv("XDG_STATE_HOME", raising=False)
        else:
            monkeypatch.setenv("XDG_STATE_HOME", value)
        assert key_path() == expected


def test_many_at_once_have_the_same(home: Path) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(user_key())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert len(set(found)) == 1
    assert [path.name for path in home.iterdir()] == ["state.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o601])
def test_one_that_is_open_to_others_is_refused(home: Path, mode: int) -> None:
    user_key()
    path = home / "state.key"
    path.chmod(mode)
    assert refused() == (
        f"the key file {path} is open to others (mode {mode:04o}): they may know it. Remove it, "
        "and what was saved with it"
    )


def test_one_of_somebody_else_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user_key()
    path = home / "state.key"
    if os.geteuid() == 0:
        os.chown(path, 12345, 12345)
        owner = 12345
    else:
        owner = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
        home.chmod(0o700)
        assert "written by others" in refused()
        return
    assert refused() == (
        f"the key file {path} belongs to user {owner}, not to the one who runs this; pass key= "
        "bytes of your own"
    )


def test_a_folder_that_others_can_write_is_refused(home: Path) -> None:
    user_key()
    for mode in (0o770, 0o707):
        home.chmod(mode)
        assert refused() == (
            f"the folder of the key file, {home}, can be written by others; pass key= bytes of "
            "your own"
        )


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33, b"x" * 5_000])
def test_one_of_another_length_is_refused(home: Path, content: bytes) -> None:
    user_key()
    path = home / "state.key"
    path.write_bytes(content)
    assert refused() == (
        f"the key file {path} does not hold a key of 32 bytes; remove it, or pass key= bytes of "
        "your own"
    )


def test_what_is_not_a_file_is_refused(home: Path) -> None:
    home.mkdir(parents=True, mode=0o700)
    path = home / "state.key"
    path.mkdir()
    assert refused() == f"the key file {path} is not a file; pass key= bytes of your own"
    path.rmdir()
    os.mkfifo(path, 0o600)
    assert refused() == f"the key file {path} is not a file; pass key= bytes of your own"


def test_a_link_is_not_followed(home: Path, tmp_path: Path) -> None:
    home.mkdir(parents=True, mode=0o700)
    (tmp_path / "elsewhere").write_bytes(bytes(32))
    path = home / "state.key"
    path.symlink_to(tmp_path / "elsewhere")
    assert refused() == (
        f"the key file {path} cannot be used: Too many levels of symbolic links; pass key= bytes "
        "of your own"
    )


def test_a_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    path = tmp_path / "file" / "ringfence" / "state.key"
    assert refused() == (
        f"the key file {path} cannot be used: Not a directory; pass key= bytes of your own"
    )
