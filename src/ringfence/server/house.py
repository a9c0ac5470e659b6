"""The parts of a running service, and how a route gets at them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.requests import HTTPConnection

from ringfence.server.operations.logs import Log
from ringfence.server.operations.metrics import Metrics
from ringfence.server.operations.readiness import Readiness
from ringfence.server.operations.tracing import NoTracing, Tracing

if TYPE_CHECKING:
    from ringfence.server.settings import Settings

__all__ = ["House", "house_of"]


@dataclass
class House:
    """What one server has.

    Attributes:
        settings: what its operator decided.
        metrics: counts what happens.
        log: tells what happens.
        tracing: times what happens.
        readiness: whether runs can be taken.
        store: the database, and this server's right to write in it.
        fleet: the recipes of guests and their warm pools.
        memory: what guests hold together.
        admission: who runs next.
        keys: who may ask.
        quotas: what each tenant may still use.
        denials: tells the audit log what callers were denied.
        sessions: the live sessions, and those that were put aside.
        execution: runs code, for routes, tools and agents.
        operations: what can be done with sessions beside running code in them.
        copies: forks sessions, and takes them back to snapshots.
        filing: their files.
        plugins: what is published here.
        hook_calls: makes calls of their hooks.
        agents: works on agents' tasks.
        lodge: the guests that are lent over WebSockets.
        draining: whether it is being stopped: nothing new is run.
    """

    settings: Settings
    metrics: Metrics = field(default_factory=Metrics)
    log: Log = field(default_factory=Log)
    tracing: Tracing = field(default_factory=NoTracing)
    readiness: Readiness = field(default_factory=Readiness)
    store: Any = None
    fleet: Any = None
    memory: Any = None
    admission: Any = None
    keys: Any = None
    quotas: Any = None
    denials: Any = None
    sessions: Any = None
    execution: Any = None
    operations: Any = None
    copies: Any = None
    filing: Any = None
    plugins: Any = None
    hook_calls: Any = None
    agents: Any = None
    lodge: Any = None
    draining: bool = False

    def closed(self) -> str | None:
        """Why nothing new is run; None where it is."""
        if self.draining:
            return "this server is being stopped"
        if not self.settings.accepting:
            return "this server was taken out of service by its operator (RINGFENCE_ACCEPTING)"
        return None


def house_of(request: HTTPConnection) -> House:
    """The house that a request came to; for routes: ``Depends(house_of)``."""
    house: House = request.app.state.house
    return house
