"""Run Python you do not trust, from Python.

The public names are loaded on first use (PEP 562): ``import ringfence`` costs a few milliseconds,
and code that runs beside a guest can import a submodule without paying for the façade.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False  # type checkers take it for typing's, which would cost most of the import
if TYPE_CHECKING:
    from ringfence._engines.remote.engine import RemoteEngine as RemoteEngine
    from ringfence._engines.wasi.engine import WasiEngine as WasiEngine
    from ringfence.async_sandbox import AsyncSandbox as AsyncSandbox
    from ringfence.client.async_client import AsyncClient as AsyncClient
    from ringfence.client.client import Client as Client
    from ringfence.displays.folder import write_displays as write_displays
    from ringfence.displays.page import displays_page as displays_page
    from ringfence.engine import Availability as Availability
    from ringfence.engine import Capabilities as Capabilities
    from ringfence.errors import ConfigurationError as ConfigurationError
    from ringfence.errors import EngineFailure as EngineFailure
    from ringfence.errors import EngineNotAvailable as EngineNotAvailable
    from ringfence.errors import GuestCancelled as GuestCancelled
    from ringfence.errors import GuestCrashed as GuestCrashed
    from ringfence.errors import GuestError as GuestError
    from ringfence.errors import GuestFailure as GuestFailure
    from ringfence.errors import GuestFileError as GuestFileError
    from ringfence.errors import GuestVisibleError as GuestVisibleError
    from ringfence.errors import LimitExceeded as LimitExceeded
    from ringfence.errors import PolicyNotEnforceable as PolicyNotEnforceable
    from ringfence.errors import RingfenceError as RingfenceError
    from ringfence.errors import SandboxBusy as SandboxBusy
    from ringfence.errors import SandboxClosed as SandboxClosed
    from ringfence.errors import StateRefused as StateRefused
    from ringfence.errors import ValidationFailed as ValidationFailed
    from ringfence.model import Display as Display
    from ringfence.model import KeptDisplays as KeptDisplays
    from ringfence.model import Limits as Limits
    from ringfence.model import Output as Output
    from ringfence.model import Policy as Policy
    from ringfence.model import Progress as Progress
    from ringfence.model import Result as Result
    from ringfence.model import Wheel as Wheel
    from ringfence.runtime.arena import empty as empty
    from ringfence.runtime.functions import host_function as host_function
    from ringfence.runtime.pool import Pool as Pool
    from ringfence.runtime.pool import PoolStatistics as PoolStatistics
    from ringfence.runtime.seal import SavedState as SavedState
    from ringfence.runtime.streams import Reader as Reader
    from ringfence.runtime.streams import Writer as Writer
    from ringfence.sandbox import Sandbox as Sandbox
    from ringfence.sandbox import engines as engines
    from ringfence.sandbox import run as run
    from ringfence.wasm.store import StoreLimits as StoreLimits
    from ringfence_guest.protocol.namespaces import Lost as Lost
    from ringfence_guest.protocol.namespaces import Variable as Variable
    from ringfence_guest.protocol.values import Opaque as Opaque

__version__ = "0.1.0"

_HOME = {
    "ringfence.async_sandbox": ("AsyncSandbox",),
    "ringfence.client.async_client": ("AsyncClient",),
    "ringfence.client.client": ("Client",),
    "ringfence.sandbox": ("Sandbox", "engines", "run"),
    "ringfence.displays.folder": ("write_displays",),
    "ringfence.displays.page": ("displays_page",),
    "ringfence.model": (
        "Display",
        "KeptDisplays",
        "Limits",
        "Output",
        "Policy",
        "Progress",
        "Result",
        "Wheel",
    ),
    "ringfence.engine": ("Availability", "Capabilities"),
    "ringfence.runtime.arena": ("empty",),
    "ringfence.runtime.functions": ("host_function",),
    "ringfence.runtime.pool": ("Pool", "PoolStatistics"),
    "ringfence.runtime.seal": ("SavedState",),
    "ringfence.runtime.streams": ("Reader", "Writer"),
    "ringfence._engines.remote.engine": ("RemoteEngine",),
    "ringfence._engines.wasi.engine": ("WasiEngine",),
    "ringfence.wasm.store": ("StoreLimits",),
    "ringfence_guest.protocol.namespaces": ("Lost", "Variable"),
    "ringfence_guest.protocol.values": ("Opaque",),
    "ringfence.errors": (
        "ConfigurationError",
        "EngineFailure",
        "EngineNotAvailable",
        "GuestCancelled",
        "GuestCrashed",
        "GuestError",
        "GuestFailure",
        "GuestFileError",
        "GuestVisibleError",
        "LimitExceeded",
        "PolicyNotEnforceable",
        "RingfenceError",
        "SandboxBusy",
        "SandboxClosed",
        "StateRefused",
        "ValidationFailed",
    ),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__all__ = ["__version__", *sorted(_WHERE)]


if not TYPE_CHECKING:  # or a checker would take every misspelt name for one of these

    def __getattr__(name: str) -> object:
        try:
            module = _WHERE[name]
        except KeyError:
            raise AttributeError(f"module 'ringfence' has no attribute {name!r}") from None
        value = getattr(importlib.import_module(module), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
