"""Lists of rights of Windows: who may use a file besides its user, the system and administrators.

https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format
"""

from __future__ import annotations

import contextlib
import ctypes
import re
import sys
from collections.abc import Iterator
from ctypes import wintypes
from functools import cache
from pathlib import Path
from typing import NamedTuple

assert sys.platform == "win32"

import msvcrt

__all__ = ["Rights", "keep_for_user", "make_folder_for_user", "rights_of", "user_name"]

_FILE = 1  # SE_FILE_OBJECT
_OWNER, _LIST, _PROTECTED = 0x1, 0x4, 0x8000_0000  # …_SECURITY_INFORMATION
_OWNER_AND_RIGHTS = _OWNER | _LIST
_QUERY, _USER = 0x8, 1  # TOKEN_QUERY, TokenUser
_ALWAYS = frozenset({"SY", "BA", "CO", "OW"})
"""The system, administrators, and whoever owns it."""

_ENTRY = re.compile(r"\(([^)]*)\)")


class _Attributes(ctypes.Structure):
    """SECURITY_ATTRIBUTES."""

    _fields_ = (
        ("size", wintypes.DWORD),
        ("descriptor", ctypes.c_void_p),
        ("inherited", wintypes.BOOL),
    )


_rights = ctypes.WinDLL("advapi32", use_last_error=True)
_kernel = ctypes.WinDLL("kernel32", use_last_error=True)
_pointer = ctypes.c_void_p
_rights.GetNamedSecurityInfoW.argtypes = (wintypes.LPCWSTR, ctypes.c_int, wintypes.DWORD) + (
    _pointer,
) * 5
_rights.GetSecurityInfo.argtypes = (wintypes.HANDLE, ctypes.c_int, wintypes.DWORD) + (_pointer,) * 5
_rights.ConvertSecurityDescriptorToStringSecurityDescriptorW.argtypes = (
    *(_pointer, wintypes.DWORD, wintypes.DWORD),
    *(_pointer, _pointer),
)
_rights.ConvertStringSecurityDescriptorToSecurityDescriptorW.argtypes = (
    *(wintypes.LPCWSTR, wintypes.DWORD),
    *(_pointer, _pointer),
)
_rights.SetFileSecurityW.argtypes = (wintypes.LPCWSTR, wintypes.DWORD, _pointer)
_rights.ConvertSidToStringSidW.argtypes = (_pointer, _pointer)
_rights.OpenProcessToken.argtypes = (wintypes.HANDLE, wintypes.DWORD, _pointer)
_rights.GetTokenInformation.argtypes = (
    *(wintypes.HANDLE, ctypes.c_int, _pointer),
    *(wintypes.DWORD, _pointer),
)
_kernel.GetCurrentProcess.restype = wintypes.HANDLE
_kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
_kernel.CreateDirectoryW.argtypes = (wintypes.LPCWSTR, _pointer)
_kernel.LocalFree.argtypes = (_pointer,)


class Rights(NamedTuple):
    """What a list of rights says.

    Attributes:
        owner: whose it is: a name of the format's, or an identifier.
        own: whether that is this process's user, or the group of administrators.
        others: who else may do something with it.
    """

    owner: str
    own: bool
    others: frozenset[str]


def rights_of(place: Path | int) -> Rights:
    """Look at a file.

    Args:
        place: its path, or a descriptor of it.

    Raises:
        OSError: it cannot be looked at.
    """
    return _read(_describe_file(place), _own_names())


def keep_for_user(place: Path) -> None:
    """Close a file or a folder, and what will be made in it, to others.

    Raises:
        OSError: this user may not do that.
    """
    _write(place, _for_user())


def make_folder_for_user(place: Path) -> None:
    """Make a folder that is closed to others from its beginning.

    Raises:
        FileExistsError: something of that name is there.
        OSError: it cannot be made.
    """
    with _made_of(_for_user()) as made:
        attributes = _Attributes(ctypes.sizeof(_Attributes), made)
        if not _kernel.CreateDirectoryW(str(place), ctypes.byref(attributes)):
            raise ctypes.WinError(ctypes.get_last_error())


def _for_user() -> str:
    entries = "".join(f"(A;OICI;FA;;;{who})" for who in (user_name(), "SY", "BA"))
    return f"D:P{entries}"


def _write(place: Path, text: str) -> None:
    """Give a file this list of rights, and no other."""
    with _made_of(text) as made:
        if not _rights.SetFileSecurityW(str(place), _LIST | _PROTECTED, made):
            raise ctypes.WinError(ctypes.get_last_error())


@contextlib.contextmanager
def _made_of(text: str) -> Iterator[ctypes.c_void_p]:
    """What a description describes, as Windows has it."""
    made = _pointer()
    convert = _rights.ConvertStringSecurityDescriptorToSecurityDescriptorW
    if not convert(text, 1, ctypes.byref(made), None):
        raise ctypes.WinError(ctypes.get_last_error())
    try:
        yield made
    finally:
        _kernel.LocalFree(made)


def _read(text: str, own: frozenset[str]) -> Rights:
    """What a description says.

    Args:
        text: in Microsoft's format.
        own: the names of this process's user.
    """
    head, _, entries = text.partition("D:")
    owner = head.removeprefix("O:").partition("G:")[0]
    if not entries or "NO_ACCESS_CONTROL" in entries:
        others = {"WD"}  # without a list everybody may do everything
    else:
        fields = [entry.split(";") for entry in _ENTRY.findall(entries)]
        others = {entry[5] for entry in fields if not entry[0].startswith(("D", "OD", "XD"))}
    return Rights(owner, owner in own | {"BA"}, frozenset(others - _ALWAYS - own))


def _describe_file(place: Path | int) -> str:
    found = _pointer()
    wanted = (_FILE, _OWNER_AND_RIGHTS, None, None, None, None, ctypes.byref(found))
    if isinstance(place, int):
        error = _rights.GetSecurityInfo(msvcrt.get_osfhandle(place), *wanted)
    else:
        error = _rights.GetNamedSecurityInfoW(str(place), *wanted)
    if error:
        raise ctypes.WinError(error)
    try:
        return _describe(found, _OWNER_AND_RIGHTS)
    finally:
        _kernel.LocalFree(found)


def _describe(made: ctypes.c_void_p, what: int) -> str:
    """The description of what Windows has."""
    text = wintypes.LPWSTR()
    convert = _rights.ConvertSecurityDescriptorToStringSecurityDescriptorW
    if not convert(made, 1, what, ctypes.byref(text), None):
        raise ctypes.WinError(ctypes.get_last_error())
    return _take(text)


def _take(text: wintypes.LPWSTR) -> str:
    """A text that Windows has allocated."""
    try:
        return text.value or ""
    finally:
        _kernel.LocalFree(text)


@cache
def _own_names() -> frozenset[str]:
    """How a description may name this process's user: some have short names."""
    name = user_name()
    with _made_of(f"O:{name}") as made:
        return frozenset({name, _describe(made, _OWNER).removeprefix("O:")})


@cache
def user_name() -> str:
    """This process's user, as an identifier (``S-1-5-…``).

    Raises:
        OSError: nobody knows.
    """
    token = wintypes.HANDLE()
    if not _rights.OpenProcessToken(_kernel.GetCurrentProcess(), _QUERY, ctypes.byref(token)):
        raise ctypes.WinError(ctypes.get_last_error())
    try:
        user = ctypes.create_string_buffer(256)  # TOKEN_USER: a pointer to what follows it
        size = wintypes.DWORD()
        known = _rights.GetTokenInformation(token, _USER, user, len(user), ctypes.byref(size))
        text = wintypes.LPWSTR()
        if not known or not _rights.ConvertSidToStringSidW(
            _pointer.from_buffer(user), ctypes.byref(text)
        ):
            raise ctypes.WinError(ctypes.get_last_error())
    finally:
        _kernel.CloseHandle(token)
    return _take(text)
