"""What of a client's servers is shown on a terminal: all of it, but what may be a secret.

What is hidden for nothing costs a look into the file; what is shown stays in a terminal's history,
or in a picture of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["HIDDEN", "hide"]

HIDDEN = "••••••"

_TABLES = frozenset({"env", "headers", "http_headers"})
_NAMED = r"(?:token|key|secret|passw|pwd|auth|credential|cookie|session|bearer|header)"
_SECRET_NAME = re.compile(rf"(?i)[\w.-]*{_NAMED}[\w.-]*")
_SECRET_OPTION = re.compile(rf"(?i)(--?[\w.-]*{_NAMED}[\w.-]*)(=.*)?", re.DOTALL)
_ASSIGNED = re.compile(rf"(?i)([\w.-]*{_NAMED}[\w.-]*\s*[=:]\s*).+", re.DOTALL)
_SHORT_HEADER = frozenset({"-H"})
_ONLY_A_REFERENCE = re.compile(r"(?:Bearer )?\$\{[^}]*\}")
_OF_ADDRESS = re.compile(r"(?<=://)[^/@\s]*@|(?<=[?#]).*", re.DOTALL)
_WORD = re.compile(r"[A-Za-z0-9_+=.~-]{20,}")
_KNOWN = re.compile(
    r"\b(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[a-z]|rfk|eyJ|AKIA)[-_A-Za-z0-9]{8,}"
)


def hide(value: Any, key: str = "") -> Any:
    """The same, without what may be a secret.

    Args:
        value: what a file says.
        key: the name of the member that it is the value of.
    """
    if isinstance(value, Mapping):
        if key in _TABLES:
            return {name: _hidden(one) for name, one in value.items()}
        return {name: hide(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return list(_arguments(value)) if key == "args" else [hide(one, key) for one in value]
    if not isinstance(value, str):
        return value
    if _SECRET_NAME.fullmatch(key) and not key.endswith("_env_var"):
        return _hidden(value)
    return _text(value)


def _hidden(value: Any) -> Any:
    return value if isinstance(value, str) and _ONLY_A_REFERENCE.fullmatch(value) else HIDDEN


def _arguments(arguments: Sequence[Any]) -> Iterator[Any]:
    follows = False
    for one in arguments:
        option = _SECRET_OPTION.fullmatch(one) if isinstance(one, str) else None
        if option is not None and option[2]:
            yield f"{option[1]}={HIDDEN}"
        elif option is not None or not follows:
            yield _text(one) if isinstance(one, str) else one
        else:
            yield _hidden(one)
        follows = (option is not None and not option[2]) or one in _SHORT_HEADER


def _text(value: str) -> str:
    """A text, of which a part may be a secret."""
    if "://" in value:
        value = _OF_ADDRESS.sub(HIDDEN, value)
    elif not value.startswith("-"):
        value = _ASSIGNED.sub(rf"\1{HIDDEN}", value)
    value = _KNOWN.sub(HIDDEN, value)
    return _WORD.sub(lambda match: HIDDEN if _is_random(match[0]) else match[0], value)


def _is_random(word: str) -> bool:
    """Whether a long word looks like one that nobody thought of: names have few digits."""
    return sum(one.isdigit() for one in word) >= 4 and any(one.isalpha() for one in word)
