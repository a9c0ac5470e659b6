"""Where plugins are published, and installed from.

See ``docs/workshop.md``, and ``docs/workshop-trust.md`` for what is signed.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ringfence.workshop.chain import Head as Head
    from ringfence.workshop.client import HttpFetch as HttpFetch
    from ringfence.workshop.client import WorkshopClient as WorkshopClient
    from ringfence.workshop.http.application import application as application
    from ringfence.workshop.http.rates import Rate as Rate
    from ringfence.workshop.http.rates import Rates as Rates
    from ringfence.workshop.http.serving import Server as Server
    from ringfence.workshop.records import Account as Account
    from ringfence.workshop.records import AuditRow as AuditRow
    from ringfence.workshop.records import Caller as Caller
    from ringfence.workshop.records import Plugin as Plugin
    from ringfence.workshop.records import PluginVersion as PluginVersion
    from ringfence.workshop.records import Submission as Submission
    from ringfence.workshop.records import TokenInfo as TokenInfo
    from ringfence.workshop.rules import Rules as Rules
    from ringfence.workshop.specs import HookTrial as HookTrial
    from ringfence.workshop.worker import Worker as Worker
    from ringfence.workshop.workshop import Workshop as Workshop

_HOME = {
    "chain": ("Head",),
    "client": ("HttpFetch", "WorkshopClient"),
    "http.application": ("application",),
    "http.rates": ("Rate", "Rates"),
    "http.serving": ("Server",),
    "records": (
        "Account",
        "AuditRow",
        "Caller",
        "Plugin",
        "PluginVersion",
        "Submission",
        "TokenInfo",
    ),
    "rules": ("Rules",),
    "specs": ("HookTrial",),
    "worker": ("Worker",),
    "workshop": ("Workshop",),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__all__ = [*sorted(_WHERE)]


if not TYPE_CHECKING:  # or a checker would take every misspelt name for one of these

    def __getattr__(name: str) -> object:
        # A client that installs needs no database and no server.
        try:
            module = _WHERE[name]
        except KeyError:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
        value = getattr(importlib.import_module(f"{__name__}.{module}"), name)
        globals()[name] = value
        return value
