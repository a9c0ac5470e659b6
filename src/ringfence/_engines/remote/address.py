"""Where a service is."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from ringfence.errors import ConfigurationError
from ringfence.model.guest_link import PATH

__all__ = ["Address"]

_KEY = re.compile(r"[!-~]{1,512}", re.ASCII)
_SOCKETS = {"http": "ws", "https": "wss"}


class Address(NamedTuple):
    """Where a service is, and who asks.

    Attributes:
        url: ``http://host:port``, or ``https``; what people are shown.
        key: the API key, or empty.
        engine: the service's engine, or empty for the one that it chooses.
    """

    url: str
    key: str
    engine: str

    @classmethod
    def of(cls, url: object, key: object, engine: object) -> Address:
        """From what a caller wrote.

        Raises:
            ConfigurationError: one of them is wrong. The message does not show the key.
        """
        wrong = f"{url!r} is no address of a service; write http://host:port or https://host"
        if not isinstance(url, str):
            raise ConfigurationError(wrong)
        try:
            parts = urlsplit(url)
            usable = parts.scheme in _SOCKETS and bool(parts.hostname) and parts.port != 0
        except ValueError:
            raise ConfigurationError(wrong) from None
        if parts.username is not None or parts.password is not None:
            raise ConfigurationError(
                "the address of a service has no user and no password; the key goes into key= or "
                "RINGFENCE_API_KEY"
            )
        if not usable or parts.query or parts.fragment or not url.isascii() or " " in url:
            raise ConfigurationError(wrong)
        if not isinstance(key, str) or (key and not _KEY.fullmatch(key)):
            raise ConfigurationError("key= is no API key: printable ASCII without spaces")
        if engine is not None and (not isinstance(engine, str) or not engine):
            raise ConfigurationError(f"engine={engine!r} is no name of an engine of the service")
        return cls(url.rstrip("/"), key, engine or "")

    @property
    def socket(self) -> str:
        """The address of its WebSockets."""
        scheme, _, rest = self.url.partition("://")
        asked = f"?{urlencode({'engine': self.engine})}" if self.engine else ""
        return f"{_SOCKETS[scheme.lower()]}://{rest}{PATH}{asked}"

    @property
    def headers(self) -> dict[str, str]:
        """Of a request to it."""
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}

    def __repr__(self) -> str:
        return f"Address({self.url!r}, engine={self.engine!r})"
