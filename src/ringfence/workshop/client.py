"""A workshop from elsewhere, over HTTP: publishing, reviewing and searching. What is installed is
believed for its signatures: :class:`HttpFetch` only carries bytes to
:class:`ringfence.workshop.signing.Client`.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self, cast, get_args

import httpx

from ringfence.errors import (
    BundleRefused,
    ConfigurationError,
    WorkshopRefusal,
    WorkshopRefused,
    WorkshopUnreachable,
)

__all__ = ["HttpFetch", "WorkshopClient"]

_TIMES = httpx.Timeout(30.0, connect=10.0)
_AS_IT_IS = {"accept-encoding": "identity"}
_MOST_ANSWER = 8 << 20
_MOST_FILE = 32 << 20
_REASONS: frozenset[str] = frozenset(get_args(WorkshopRefusal))


class HttpFetch:
    """Gets signed metadata and targets from a workshop: a ``Fetch`` for the signing client. Close
    it, or use it in a ``with`` block.

    Args:
        url: of the workshop, ``https://workshop.example``.

    Raises:
        ConfigurationError: it is no address.
    """

    def __init__(self, url: str) -> None:
        self.url = _address(url)
        self._client = httpx.Client(timeout=_TIMES, headers=_AS_IT_IS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def __call__(self, path: str) -> Iterator[bytes]:
        """The pieces of what is at ``metadata/…`` or ``targets/…``, as they come.

        Raises:
            FileNotFoundError: there is nothing.
            WorkshopUnreachable: it did not arrive.
        """
        taken = 0
        try:
            with self._client.stream("GET", f"{self.url}/{path}") as answer:
                if answer.status_code == 404:
                    raise FileNotFoundError(path)
                if answer.status_code != 200:
                    raise WorkshopUnreachable(
                        f"{self.url} answered {answer.status_code} for {path}; try again later"
                    )
                for piece in _pieces(self.url, answer):
                    taken += len(piece)
                    if taken > _MOST_FILE:
                        raise WorkshopUnreachable(f"{self.url}: {path} does not end")
                    yield piece
        except httpx.HTTPError as error:
            raise _unreachable(self.url, error) from error

    def close(self) -> None:
        """End all connections."""
        self._client.close()


class WorkshopClient:
    """A workshop's service. Use it in a ``with`` block.

    What it answers are JSON values with strangers' texts in them.

    Args:
        url: of the workshop, ``https://workshop.example``; ``http`` only on this machine.
        token: of an account, where what is asked for needs one.

    Raises:
        ConfigurationError: it is no address; a token would be sent in the clear.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = _address(url)
        headers = {"accept": "application/json", **_AS_IT_IS}
        if token is not None:
            if not _is_private(self.url):
                raise ConfigurationError(
                    f"{self.url} would be sent the token in the clear; it has to be https"
                )
            if not (token.isascii() and token.isprintable() and " " not in token):
                raise ConfigurationError("the token is none: it has characters that no token has")
            headers["authorization"] = f"Bearer {token}"
        self._client = httpx.Client(timeout=_TIMES, headers=headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all connections."""
        self._client.close()

    # --- about it and oneself -------------------------------------------------------------

    def about(self) -> dict[str, Any]:
        """``service``, ``register`` and ``specs`` of the workshop."""
        return self._ask("GET", "/v1")

    def register(self, name: str) -> dict[str, Any]:
        """Make an account, where the workshop lets anybody; has its ``token``, shown this once."""
        return self._ask("POST", "/v1/accounts", {"name": name})

    def account(self) -> dict[str, Any]:
        """The account that the token is of: ``name``, ``scopes``, ``allowed``."""
        return self._ask("GET", "/v1/account")

    def tokens(self) -> list[dict[str, Any]]:
        """The tokens of one's account, without their secrets."""
        return cast("list[dict[str, Any]]", self._ask("GET", "/v1/account/tokens")["tokens"])

    def new_token(
        self, *, scopes: Sequence[str] | None = None, label: str = "", days: int | None = None
    ) -> dict[str, Any]:
        """Another token of one's account; has its ``token``, shown this once."""
        asked: dict[str, Any] = {"label": label}
        if scopes is not None:
            asked["scopes"] = list(scopes)
        if days is not None:
            asked["days"] = days
        return self._ask("POST", "/v1/account/tokens", asked)

    def revoke_token(self, number: str) -> dict[str, Any]:
        """End a token of one's account."""
        return self._ask("DELETE", f"/v1/account/tokens/{_part(number)}")

    # --- submissions ----------------------------------------------------------------------

    def submit(self, data: bytes) -> dict[str, Any]:
        """Send a packed bundle; the submission, which is ``uploaded``.

        Raises:
            BundleRefused: it is no bundle.
            WorkshopRefused: the workshop does not take it; says why.
            WorkshopUnreachable: it does not answer. Sending the same again changes nothing.
        """
        return self._ask("POST", "/v1/submissions", data=data)

    def submission(self, number: str) -> dict[str, Any]:
        """One submission, with its reports."""
        return self._ask("GET", f"/v1/submissions/{_part(number)}")

    def submissions(self, *, state: str = "") -> list[dict[str, Any]]:
        """One's submissions, or everybody's for a reviewer; without reports."""
        query = {"state": state} if state else {}
        found = self._ask("GET", "/v1/submissions", query=query)["submissions"]
        return cast("list[dict[str, Any]]", found)

    def submitted_bundle(self, number: str) -> bytes:
        """The packed bundle of a submission that is not decided, to look at."""
        return self._send("GET", f"/v1/submissions/{_part(number)}/bundle")

    def withdraw(self, number: str) -> dict[str, Any]:
        """Take a submission back."""
        return self._ask("POST", f"/v1/submissions/{_part(number)}/withdraw", {})

    def approve(self, number: str) -> dict[str, Any]:
        """Publish what is in review."""
        return self._ask("POST", f"/v1/submissions/{_part(number)}/approve", {})

    def refuse(self, number: str, reason: str) -> dict[str, Any]:
        """Refuse what is in review."""
        return self._ask("POST", f"/v1/submissions/{_part(number)}/refuse", {"reason": reason})

    def retry(self, number: str) -> dict[str, Any]:
        """Have what is in review analysed and tried once more."""
        return self._ask("POST", f"/v1/submissions/{_part(number)}/retry", {})

    # --- what is published ----------------------------------------------------------------

    def search(
        self, query: str = "", *, kind: str = "", spec: str = "", first: int = 0, most: int = 20
    ) -> tuple[list[dict[str, Any]], int]:
        """Offered versions, the best first, and how many there are in all."""
        asked = {"query": query, "kind": kind, "spec": spec, "first": first, "most": most}
        found = self._ask("GET", "/v1/plugins", query={k: v for k, v in asked.items() if v != ""})
        return found["plugins"], found["count"]

    def plugin(self, name: str) -> dict[str, Any]:
        """A plugin: ``name``, ``account``, ``latest``."""
        return self._ask("GET", f"/v1/plugins/{_part(name)}")

    def versions(self, name: str) -> list[dict[str, Any]]:
        """All versions of a plugin, the highest first."""
        found = self._ask("GET", f"/v1/plugins/{_part(name)}/versions")["versions"]
        return cast("list[dict[str, Any]]", found)

    def yank(self, name: str, version: str, reason: str) -> dict[str, Any]:
        """Offer a version to nobody new."""
        return self._withdraw(name, version, "yank", {"reason": reason})

    def revoke(self, name: str, version: str, reason: str) -> dict[str, Any]:
        """Let nobody load a version any more."""
        return self._withdraw(name, version, "revoke", {"reason": reason})

    def reinstate(self, name: str, version: str) -> dict[str, Any]:
        """Offer a version again."""
        return self._withdraw(name, version, "reinstate", {})

    def _withdraw(
        self, name: str, version: str, what: str, asked: dict[str, Any]
    ) -> dict[str, Any]:
        path = f"/v1/plugins/{_part(name)}/versions/{_part(version)}/{what}"
        return self._ask("POST", path, asked)

    # --- over the wire --------------------------------------------------------------------

    def _ask(
        self,
        method: str,
        path: str,
        asked: dict[str, Any] | None = None,
        *,
        data: bytes | None = None,
        query: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        if asked is not None:
            data = json.dumps(asked).encode()
        told = _object(self._send(method, path, data, query))
        if told is None:
            raise WorkshopUnreachable(f"{self.url} is no workshop: its answer is not JSON")
        return told

    def _send(
        self,
        method: str,
        path: str,
        data: bytes | None = None,
        query: dict[str, Any] | None = None,
    ) -> bytes:
        taken = bytearray()
        address = f"{self.url}{path}"
        try:
            with self._client.stream(method, address, content=data, params=query or None) as answer:
                for piece in _pieces(self.url, answer):
                    taken += piece
                    if len(taken) > _MOST_ANSWER * 2:
                        raise WorkshopUnreachable(f"{self.url}: its answer does not end")
        except httpx.HTTPError as error:
            raise _unreachable(self.url, error) from error
        if not answer.is_success:
            raise self._refusal(answer.status_code, bytes(taken))
        return bytes(taken)

    def _refusal(self, status: int, data: bytes) -> Exception:
        """What the workshop says of why not; its words are bounded."""
        told = (_object(data) or {}).get("error")
        told = told if isinstance(told, dict) else {}
        reason, message = told.get("reason"), told.get("message")
        if not isinstance(message, str):
            return WorkshopUnreachable(f"{self.url} answered {status}, and not as a workshop does")
        message = " ".join(message[:2_000].split())  # one line: it does not speak as we do
        if reason == "bundle-refused":
            return BundleRefused("", message.removeprefix("the bundle: "))
        if isinstance(reason, str) and reason in _REASONS:
            return WorkshopRefused(cast("WorkshopRefusal", reason), message)
        return WorkshopUnreachable(f"{self.url}: {message}")


def _pieces(url: str, answer: httpx.Response) -> Iterator[bytes]:
    """The pieces of an answer as they come over the wire.

    Raises:
        WorkshopUnreachable: it is compressed: a few bytes of that are all memory there is, before
            anybody could count them.
    """
    encoding = answer.headers.get("content-encoding", "identity")
    if encoding.strip().lower() != "identity":
        raise WorkshopUnreachable(
            f"{url} answers in an encoding that nobody asked for: {encoding[:40]!a}"
        )
    return answer.iter_raw(1 << 16)


def _object(data: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _address(url: str) -> str:
    """An address without what does not belong there.

    Raises:
        ConfigurationError: it is none.
    """
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        parsed = httpx.URL("")
    if parsed.scheme not in {"http", "https"} or not parsed.host or parsed.userinfo:
        raise ConfigurationError(
            f"{url[:200]!a} is no workshop's address: https://workshop.example"
        )
    if parsed.query or parsed.fragment:
        raise ConfigurationError(f"{url[:200]!a}: a workshop's address ends before ? and #")
    return str(parsed).rstrip("/")


def _is_private(url: str) -> bool:
    """Whether nobody on the way can read what is sent."""
    parsed = httpx.URL(url)
    if parsed.scheme == "https" or parsed.host == "localhost":
        return True
    try:
        return ipaddress.ip_address(parsed.host).is_loopback
    except ValueError:
        return False


def _part(text: str) -> str:
    """One part of a path.

    Raises:
        ConfigurationError: it cannot be one.
    """
    if not text or not all(one.isascii() and (one.isalnum() or one in "-._") for one in text):
        raise ConfigurationError(f"{text[:80]!a} is no name, version or number")
    if set(text) == {"."}:
        raise ConfigurationError(f"{text[:80]!a} is no name, version or number")
    return text


def _unreachable(url: str, error: httpx.HTTPError) -> WorkshopUnreachable:
    said = str(error) or type(error).__name__
    return WorkshopUnreachable(f"{url} does not answer: {said}; is the address right?")
