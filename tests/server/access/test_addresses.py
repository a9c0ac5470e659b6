"""Which requests were made on this machine."""

from __future__ import annotations

import pytest
from starlette.requests import HTTPConnection

from ringfence.server.access.addresses import is_from_here


def request(
    address: str | None, version: str = "1.1", host: str | None = "localhost:8000", **headers: str
) -> HTTPConnection:
    sent = [(name.replace("_", "-").encode(), one.encode()) for name, one in headers.items()]
    if host is not None:
        sent.append((b"host", host.encode()))
    client = None if address is None else (address, 12345)
    scope = {"type": "http", "http_version": version, "client": client, "headers": sent}
    return HTTPConnection(scope)


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
    "header",
    ["forwarded", "x_forwarded_for", "x_forwarded_host", "x_forwarded_proto", "X_Forwarded_Prefix",
     "x_real_ip", "via", "cf_connecting_ip", "true_client_ip", "x_original_forwarded_for"],
)  # fmt: skip
def test_a_proxy_may_have_it_from_anywhere(header: str) -> None:
    assert not is_from_here(request("127.0.0.1", **{header: "127.0.0.1"}))
    assert not is_from_here(request("127.0.0.1", **{header: ""}))


def test_nginx_speaks_http_1_0_to_what_is_behind_it() -> None:
    assert not is_from_here(request("127.0.0.1", "1.0"))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8000", "localhost", "LOCALHOST.:1", "a.localhost", "[::1]:80"]
)
def test_names_of_this_machine(host: str) -> None:
    assert is_from_here(request("127.0.0.1", host=host))


@pytest.mark.parametrize(
    "host", ["sandbox.example", "10.0.0.7:8000", "[fe80::1]", "localhost.example", "", None]
)
def test_who_was_asked_for_by_another_name_was_asked_from_elsewhere(host: str | None) -> None:
    assert not is_from_here(request("127.0.0.1", host=host))
