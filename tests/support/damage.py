"""Bytes that are damaged for sure: another byte in place of a seal's last may be the same one."""

from __future__ import annotations

__all__ = ["damaged"]


def damaged(data: bytes) -> bytes:
    """These, with one bit of the last byte the other way round."""
    return data[:-1] + bytes([data[-1] ^ 1])
