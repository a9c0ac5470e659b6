"""Who may use a file on Windows: what a list of rights says, what is written, what is refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ringfence.errors import ImageNotUsable, StateKeyNotUsable
from ringfence.images.cache import ImageCache
from ringfence.runtime.state_key import key_path, user_key
from ringfence.system.access import access_of, make_private_folder

assert sys.platform == "win32"

from ringfence.system import windows_access
from ringfence.system.windows_access import (
    _own_names,
    _read,
    _write,
    keep_for_user,
    rights_of,
    user_name,
)

_ME = "S-1-5-21-1-2-3-1001"
_OWN = frozenset({_ME})


def _open_to_all(place: Path) -> None:
    _write(place, f"D:P(A;OICI;FA;;;{user_name()})(A;OICI;FA;;;WD)")


@pytest.mark.parametrize(
    ("text", "own", "others"),
    [
        (f"O:{_ME}G:{_ME}D:P(A;OICI;FA;;;{_ME})(A;;FA;;;SY)(A;;FA;;;BA)", True, set()),
        (f"O:BAG:BAD:(A;ID;FA;;;{_ME})", True, set()),
        (f"O:SYG:SYD:(A;;FA;;;{_ME})", False, set()),
        (f"O:S-1-5-21-1-2-3-1002G:DUD:(A;;FA;;;{_ME})", False, set()),
        (f"O:{_ME}G:DUD:(A;;FA;;;{_ME})(A;;0x1200a9;;;WD)", True, {"WD"}),
        (f"O:{_ME}G:DUD:AI(A;OICIIO;GR;;;BU)(A;ID;FA;;;{_ME})", True, {"BU"}),
        (f"O:{_ME}G:DUD:(D;;FA;;;WD)(A;;FA;;;{_ME})", True, set()),
        (f"O:{_ME}G:DUD:(A;;FA;;;S-1-5-21-1-2-3-1002)", True, {"S-1-5-21-1-2-3-1002"}),
        (f"O:{_ME}G:DUD:(XA;;FR;;;AU;(x == 1))(A;;FA;;;CO)", True, {"AU"}),
        (f"O:{_ME}G:DU", True, {"WD"}),
        (f"O:{_ME}G:DUD:NO_ACCESS_CONTROL", True, {"WD"}),
    ],
)
def test_what_a_list_says(text: str, own: bool, others: set[str]) -> None:
    rights = _read(text, _OWN)
    assert (rights.own, set(rights.others)) == (own, others)


def test_the_user_is_known() -> None:
    assert any(name.startswith("S-1-") for name in _own_names())


@pytest.mark.parametrize(
    ("identifier", "name"), [("S-1-5-19", "LS"), ("S-1-5-20", "NS"), ("S-1-5-18", "SY"), (_ME, _ME)]
)
def test_a_user_may_have_a_short_name(
    monkeypatch: pytest.MonkeyPatch, identifier: str, name: str
) -> None:
    """As accounts of services have: what is theirs is described by it."""
    monkeypatch.setattr(windows_access, "user_name", lambda: identifier)
    _own_names.cache_clear()
    try:
        assert _own_names() == {identifier, name}
    finally:
        monkeypatch.undo()
        _own_names.cache_clear()


def test_a_file_is_kept_for_its_user(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"secret")
    keep_for_user(file)
    rights = rights_of(file)
    assert (rights.own, rights.others) == (True, frozenset())
    with file.open("rb") as opened:
        assert rights_of(opened.fileno()) == rights
    assert file.read_bytes() == b"secret"


def test_a_folder_is_private_from_its_beginning(tmp_path: Path) -> None:
    made = tmp_path / "a" / "b"
    make_private_folder(made, parents=True)
    make_private_folder(made, parents=True)
    for folder in (made, made.parent):
        access = access_of(folder)
        assert (access.own, access.readable, access.writable) == (True, False, False)


def test_a_cache_that_is_open_to_others_is_refused(tmp_path: Path) -> None:
    cache = ImageCache(tmp_path / "cache")
    home = cache.make_private("images", "kind")
    cache.publish("kind", "key", {"file": b"code"})
    assert cache.find("kind", "key") == home / "key"
    _open_to_all(home)
    with pytest.raises(ImageNotUsable, match=r"is open to others.*icacls"):
        cache.find("kind", "key")


def test_the_key_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert key_path() == tmp_path / "ringfence" / "state" / "state.key"
    key = user_key()
    assert len(key) == 32
    assert user_key() == key
    assert access_of(key_path()).readable is False
    _open_to_all(key_path())
    with pytest.raises(StateKeyNotUsable, match=r"is open to others \(rights of .*WD"):
        user_key()
    os.unlink(key_path())
    assert user_key() != key
