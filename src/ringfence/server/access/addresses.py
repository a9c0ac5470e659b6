"""Where a request comes from."""

from __future__ import annotations

import functools
import ipaddress

from starlette.requests import HTTPConnection

__all__ = ["is_from_here"]

_OF_PROXIES = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def is_from_here(request: HTTPConnection) -> bool:
    """Whether a request was made on this machine: to a proxy on it may have come from anywhere."""
    if request.client is None or any(name in request.headers for name in _OF_PROXIES):
        return False
    return _is_loopback(request.client.host)


@functools.lru_cache(maxsize=1_000)
def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
