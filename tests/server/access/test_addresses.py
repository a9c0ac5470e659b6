"""Which requests were made on this machine."""

from __future__ import annotations

import pytest
from starlette.requests import HTTPConnection

from ringfence.server.access.addresses import is_from_here


def request(address: str | None, **headers: str) -> HTTPConnection:
    sent = [(name.replace("_", "-").encode(), one.encode()) for name, one in headers.items()]
    client = None if address is None else (address, 12345)
    return HTTPConnection({"type": "http", "client": client, "headers": sent})


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_this_machine(address: str) -> None:
    assert is_from_here(request(address))


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "8.8.8.8", "::ffff:8.8.8.8", "fe80::1%eth0", "localhost", "127.0.0.1.example",
     "0.0.0.0", "::", "", None],
)  # fmt: skip
def test_others(address: str | None) -> None:
    assert not is_from_here(request(address))


@pytest.mark.parametrize(
    "header", ["forwarded", "x_forwarded_for", "x_forwarded_host", "x_real_ip", "via"]
)
def test_a_proxy_may_have_it_from_anywhere(header: str) -> None:
    assert not is_from_here(request("127.0.0.1", **{header: "127.0.0.1"}))
    assert not is_from_here(request("127.0.0.1", **{header: ""}))
