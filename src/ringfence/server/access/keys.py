"""API keys: ``rfk_ID_SECRET``. The id finds the row; of the secret only a hash is kept anywhere.

A secret is 256 random bits: there is nothing to guess, so one SHA-256 is enough, and costs nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from typing import Literal, NamedTuple, cast, get_args

from ringfence.errors import ConfigurationError

__all__ = ["SCOPES", "Key", "Scope", "as_scopes", "is_digest_of", "is_key_id", "make", "read"]

Scope = Literal["run", "admin", "metrics", "agent"]

SCOPES: tuple[Scope, ...] = get_args(Scope)
"""What a key may be allowed: ``run`` code and keep sessions; ``agent`` tasks, which spend a model's
tokens; ``metrics``, to read them; ``admin``, what is the operator's."""

_KEY = re.compile(r"rfk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")
_ID = re.compile(r"[0-9a-f]{16}")


class Key(NamedTuple):
    """The two parts of a key.

    Attributes:
        id: visible: it stands in lists and logs.
        secret: never kept.
    """

    id: str
    secret: str

    def __str__(self) -> str:
        """The whole key, to hand out once."""
        return f"rfk_{self.id}_{self.secret}"

    def __repr__(self) -> str:
        return f"Key(id={self.id!r})"

    @property
    def digest(self) -> str:
        """What is kept of the secret."""
        return hashlib.sha256(self.secret.encode()).hexdigest()


def make() -> Key:
    """A new key."""
    return Key(secrets.token_hex(8), secrets.token_urlsafe(32))


def read(text: str) -> Key | None:
    """A key from its text; None where it is none."""
    match = _KEY.fullmatch(text)
    return None if match is None else Key(match[1], match[2])


def is_digest_of(digest: str, key: Key) -> bool:
    """Whether a digest is the key's; it takes the same time whatever they are."""
    return hmac.compare_digest(digest, key.digest)


def is_key_id(text: str) -> bool:
    """Whether a text is the visible part of a key."""
    return _ID.fullmatch(text) is not None


def as_scopes(scopes: Iterable[str]) -> list[Scope]:
    """Scopes, sorted.

    Raises:
        ConfigurationError: one of them is none, or there is none.
    """
    wanted = sorted(set(scopes))
    wrong = [one for one in wanted if one not in SCOPES]
    if wrong or not wanted:
        raise ConfigurationError(
            f"a key has one or more of the scopes {', '.join(SCOPES)}"
            + (f"; {wrong[0]!r} is none" if wrong else "")
        )
    return cast("list[Scope]", wanted)
