"""Checked arguments, and a session made from them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ringfence.errors import ConfigurationError
from ringfence.model import Limits, Package, Policy
from ringfence.runtime import arguments
from ringfence.runtime.freezing import Frozen, check_checkpoints
from ringfence.runtime.functions import HostFunction, register
from ringfence.runtime.pool import Pool, check_pool
from ringfence.runtime.session import ASK, Session
from ringfence.runtime.source import Engines, FreshGuest, Source
from ringfence.runtime.trace import Trace

__all__ = ["Functions", "Recipe", "Stdin", "make_check"]

Functions = Iterable[Callable[..., Any] | HostFunction] | Mapping[str, Callable[..., Any]]
Stdin = str | Callable[[], str] | None


def make_check(returns: Any) -> Callable[[Any], Any] | None:
    """The check of a value against an annotation; None for no annotation."""
    if returns is None:
        return None
    from ringfence.runtime.annotations import validator_for

    return validator_for(returns, where="value", declared="returns")


class Recipe:
    """Checked arguments: everything that a guest is started with.

    Attributes:
        counts: whether its guests count instructions.
    """

    def __init__(
        self,
        engine: Engines,
        limits: Limits | None,
        policy: Policy | None,
        functions: Functions,
        files: Mapping[str, bytes] | None,
        packages: Sequence[Package],
        python: str | os.PathLike[str] | None,
        modules: Mapping[str, str] | None,
        stdin: Stdin,
        trace: Trace | None,
        pool: Pool | None,
        checkpoints: bool = False,
    ) -> None:
        self.checkpoints = check_checkpoints(checkpoints)
        self._source: Source | Pool
        if pool is None:
            self._source = source = Source(engine, limits, policy, packages, python)
        else:
            check_pool(pool, engine, policy, packages, python)
            self._source, source = pool, pool.source
        self.limits = source.limits
        self.counts = source.policy.deterministic or source.limits.fuel is not None
        if pool is not None:
            self.limits = arguments.turn_limits(limits, pool.limits, "pool", counts=self.counts)
        self.functions = register(functions)
        self.files = arguments.check_files(files, self.limits)
        self.modules = arguments.check_modules(modules)
        self.stdin, self.ask = arguments.check_stdin(stdin)
        if self.ask is not None and ASK in self.functions:
            raise ConfigurationError("functions: 'input' is taken by stdin=")
        if trace is not None and not callable(trace):
            raise ConfigurationError("trace must be a function of one TraceEvent")
        self.trace = trace

    def start(self, frozen: Frozen | None = None) -> tuple[Session, Callable[[], None]]:
        """A session with a fresh guest, and what gives its image back.

        Args:
            frozen: where it goes on from.
        """
        if frozen is None:
            fresh = self._source.fresh()
        else:
            source = self._source
            fresh = (source.source if isinstance(source, Pool) else source).fresh(frozen)
        return self._session(fresh, frozen), fresh.give_back

    def start_now(self) -> tuple[Session, Callable[[], None]] | None:
        """The same, if that takes no time worth mentioning: a pool has a guest ready."""
        source = self._source
        fresh = source.take() if isinstance(source, Pool) else None
        return None if fresh is None else (self._session(fresh), fresh.give_back)

    def _session(self, fresh: FreshGuest, frozen: Frozen | None = None) -> Session:
        return Session(
            fresh.guest,
            engine=fresh.engine,
            walls=fresh.walls,
            enforced=fresh.enforced,
            limits=self.limits,
            functions=self.functions,
            modules=self.modules,
            files=self.files,
            ask=self.ask,
            trace=self.trace,
            ready=fresh.ready,
            prepare=fresh.prepare,
            image=fresh.image,
            discard=fresh.discard,
            frozen=frozen,
        )
