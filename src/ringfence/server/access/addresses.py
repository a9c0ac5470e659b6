"""Where a request comes from."""

from __future__ import annotations

import functools
import ipaddress

from starlette.requests import HTTPConnection

__all__ = ["is_from_here"]

_OF_PROXIES = (
    "forwarded",
    "via",
    "x-forwarded-",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-",
    "x-envoy-",
    "true-client-ip",
    "client-ip",
    "cf-",
    "cdn-loop",
    "fly-",
)
"""What the names of headers begin with that proxies add."""


def is_from_here(request: HTTPConnection) -> bool:
    """Whether a request was made on this machine: to a proxy on it may have come from anywhere.

    A proxy shows in what it adds, in the name that it was asked for, or in the HTTP/1.0 that nginx
    speaks to a service unless it is told otherwise. One that shows in nothing, such as a tunnel of
    bytes, cannot be told from a program of this machine: see docs/deploy.md, "Behind a proxy".
    """
    if request.client is None or request.scope.get("http_version") == "1.0":
        return False
    hosts = []
    for name, value in request.scope["headers"]:
        text = name.decode("latin-1").lower()
        if text.startswith(_OF_PROXIES):
            return False
        if text == "host":
            hosts.append(value.decode("latin-1"))
    if len(hosts) != 1 or not _names_loopback(hosts[0]):
        return False
    return _is_loopback(request.client.host)


@functools.lru_cache(maxsize=1_000)
def _names_loopback(host: str) -> bool:
    """Whether a host, with or without a port, is this machine's own name for itself."""
    if host.startswith("["):
        return _is_loopback(host[1:].partition("]")[0])
    name = host.partition(":")[0].lower().removesuffix(".")
    return name == "localhost" or name.endswith(".localhost") or _is_loopback(name)


@functools.lru_cache(maxsize=1_000)
def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
