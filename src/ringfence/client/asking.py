"""What can be asked of a service, as requests: paths, bodies and keys, written once."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ringfence.client.messages import Request
from ringfence.errors import ConfigurationError
from ringfence.model import Limits
from ringfence.model.as_json import value_as_json
from ringfence.runtime import arguments
from ringfence_guest.protocol.codec import EncodeError, decode, encode

__all__ = ["LimitsLike", "Options", "call_request", "code_request", "options_of", "session_path"]

LimitsLike = Limits | Mapping[str, float | int | str] | None
"""Limits by name, or an object of which what differs from the defaults is asked for."""

_RUNNING = 60.0
_MARGIN = 45.0
"""Seconds that a run may take, and that it may wait before it begins."""

_MOST = 1 << 62


class Options(dict[str, Any]):
    """What a sandbox is made with, as a service takes it."""


def options_of(
    *,
    engine: str | None = None,
    packages: Sequence[str] | None = None,
    limits: LimitsLike = None,
    files: Mapping[str, bytes] | None = None,
    durability: str | None = None,
) -> Options:
    """Options that were given; what was not is the operator's to decide.

    Raises:
        ConfigurationError: one of them is wrong.
    """
    told = Options()
    if engine is not None:
        told["engine"] = engine
    if packages is not None:
        names, wheels = arguments.check_packages(packages)
        if wheels:
            raise ConfigurationError("packages: a service lends what its operator has, by name")
        told["packages"] = list(names)
    if limits is not None:
        told["limits"] = _limits(limits)
    if files is not None:
        told["files"] = {
            arguments.check_file_name(name): base64.b64encode(
                arguments.check_content(name, content)
            ).decode("ascii")
            for name, content in files.items()
        }
    if durability is not None:
        told["durability"] = durability
    return told


def code_request(
    path: str,
    code: str,
    *,
    stdin: str | None,
    inputs: Mapping[str, Any] | None,
    timeout: float | None,
    options: Mapping[str, Any],
    most: int,
    wait: bool = True,
) -> Request:
    """Code to run.

    Raises:
        ConfigurationError: an argument is wrong, or a value cannot cross.
    """
    body = {"code": arguments.check_code(code), **options}
    if stdin is not None:
        body["stdin"] = stdin
    if inputs is not None:
        given = arguments.check_inputs(inputs)
        body["inputs"] = {name: _value(item) for name, item in given.items()}
    return _run(path, body, timeout, most, wait)


def call_request(
    path: str,
    name: str,
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None,
    *,
    timeout: float | None,
    options: Mapping[str, Any],
    most: int,
    wait: bool = True,
) -> Request:
    """A function to call.

    Raises:
        ConfigurationError: an argument is wrong, or a value cannot cross.
    """
    given, named = arguments.check_call(args, kwargs)
    body = {
        "name": name,
        "args": [_value(item) for item in given],
        "kwargs": {key: _value(item) for key, item in named.items()},
        **options,
    }
    return _run(path, body, timeout, most, wait)


def session_path(session_id: str, rest: str = "") -> str:
    """Below a session."""
    return f"/v1/sessions/{quote(session_id, safe='')}{rest}"


def _run(path: str, body: dict[str, Any], timeout: float | None, most: int, wait: bool) -> Request:
    if timeout is not None:
        body["timeout_seconds"] = timeout
    if not wait:
        body["on_busy"] = "reject"
    seconds = (_RUNNING if timeout is None else float(timeout)) + _MARGIN
    return Request.json(
        "POST",
        path,
        body,
        # One for each thing that is asked for: however often it is sent, it is run once.
        headers={"idempotency-key": secrets.token_urlsafe(24)},
        repeatable=True,
        most=most,
        seconds=seconds,
    )


def _value(value: Any) -> Any:
    """A value as JSON; what a sandbox would make of it goes before: subclasses, records, views."""
    try:
        body, blob, _ = encode(value, limit=_MOST)
        return value_as_json(decode(body, b"".join(map(bytes, blob)), limit=_MOST))
    except EncodeError as error:
        raise ConfigurationError(f"a value cannot cross: {error}") from None


def _limits(limits: LimitsLike) -> dict[str, Any]:
    if isinstance(limits, Limits):
        usual = Limits()
        return {
            name: getattr(limits, name)
            for name in Limits.__dataclass_fields__
            if getattr(limits, name) != getattr(usual, name)
        }
    if not isinstance(limits, Mapping):
        raise ConfigurationError("limits must be ringfence.Limits(…), or limits by name")
    return dict(limits)
