"""Typed hooks that untrusted plugins implement.

See ``docs/plugins.md``.
"""

from __future__ import annotations

from ringfence.plugins.bundle import Bundle
from ringfence.plugins.manifest import Manifest, Parameter, SpecReference, read_manifest

__all__ = ["Bundle", "Manifest", "Parameter", "SpecReference", "read_manifest"]
