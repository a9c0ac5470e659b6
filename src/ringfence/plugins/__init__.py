"""Typed hooks that untrusted plugins implement.

::

    from ringfence import plugins
    from ringfence.plugins import Array, hook

    class Terrain(plugins.HookSpec, name="example.terrain", version="1.0"):
        @hook()
        def elevation(self, x: Array["float64", "n"], seed: int) -> Array["float64", "n"]:
            \"\"\"Metres above the sea.\"\"\"
            return x * 0

    with plugins.PluginHost(Terrain, [plugins.Bundle.of_folder("ridges")]) as host:
        answer = host.call("elevation", x=x, seed=7)

See ``docs/plugins.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringfence.errors import BundleRefused, HookUnanswered, SpecMismatch
from ringfence.model.hooks import Answer, HookFailure
from ringfence.plugins.arrays import AllowNonFinite, Array, ArrayType, Range, Unit
from ringfence.plugins.bundle import Bundle
from ringfence.plugins.compatibility import STANDARD, check_compatible
from ringfence.plugins.hookspec import Case, Hook, HookSpec, hook
from ringfence.plugins.manifest import Manifest, Parameter, SpecReference, read_manifest
from ringfence.plugins.quarantine import Quarantined, QuarantineRule

if TYPE_CHECKING:
    from ringfence.plugins.host import CALL_LIMITS as CALL_LIMITS
    from ringfence.plugins.host import PluginHost as PluginHost
    from ringfence.plugins.trial import CaseReport as CaseReport
    from ringfence.plugins.trial import TrialReport as TrialReport
    from ringfence.plugins.trial import try_out as try_out
    from ringfence.plugins.using import Use as Use
    from ringfence.plugins.world import LostState as LostState
    from ringfence.plugins.world import SavedWorld as SavedWorld

_LAZY = {
    "CALL_LIMITS": "host",
    "CaseReport": "trial",
    "LostState": "world",
    "PluginHost": "host",
    "SavedWorld": "world",
    "TrialReport": "trial",
    "Use": "using",
    "try_out": "trial",
}

__all__ = [
    "CALL_LIMITS",
    "STANDARD",
    "AllowNonFinite",
    "Answer",
    "Array",
    "ArrayType",
    "Bundle",
    "BundleRefused",
    "Case",
    "CaseReport",
    "Hook",
    "HookFailure",
    "HookSpec",
    "HookUnanswered",
    "LostState",
    "Manifest",
    "Parameter",
    "PluginHost",
    "QuarantineRule",
    "Quarantined",
    "Range",
    "SavedWorld",
    "SpecMismatch",
    "SpecReference",
    "TrialReport",
    "Unit",
    "Use",
    "check_compatible",
    "hook",
    "read_manifest",
    "try_out",
]


def __getattr__(name: str) -> object:
    # What drives guests is loaded by those who do: analysis and workshops read bundles only.
    if name in _LAZY:
        import importlib

        value = getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
