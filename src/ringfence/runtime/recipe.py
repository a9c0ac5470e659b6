"""Checked arguments, and a session made from them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ringfence.engine import Engine, ImageSpec
from ringfence.errors import ConfigurationError, EngineFailure
from ringfence.model import Limits, Policy
from ringfence.runtime import arguments
from ringfence.runtime.functions import HostFunction, register
from ringfence.runtime.registry import Images, parse_engines
from ringfence.runtime.session import ASK, Session
from ringfence.runtime.trace import Trace

__all__ = ["Engines", "Functions", "Recipe", "Stdin", "make_check", "nothing"]

Functions = Iterable[Callable[..., Any] | HostFunction] | Mapping[str, Callable[..., Any]]
Stdin = str | Callable[[], str] | None
Engines = str | Engine | Sequence[str | Engine]

_images = Images()


def nothing() -> None:
    """Give nothing back."""


def make_check(returns: Any) -> Callable[[Any], Any] | None:
    """The check of a value against an annotation; None for no annotation."""
    if returns is None:
        return None
    from ringfence.runtime.annotations import validator_for

    return validator_for(returns, where="value", declared="returns")


class Recipe:
    """Checked arguments: everything that a guest is started with."""

    def __init__(
        self,
        engine: Engines,
        limits: Limits | None,
        policy: Policy | None,
        functions: Functions,
        files: Mapping[str, bytes] | None,
        packages: Sequence[str],
        python: str | os.PathLike[str] | None,
        modules: Mapping[str, str] | None,
        stdin: Stdin,
        trace: Trace | None,
    ) -> None:
        self.limits = arguments.check_limits(limits)
        self.policy = arguments.check_policy(policy)
        self.functions = register(functions)
        self.files = arguments.check_files(files, self.limits)
        self.modules = arguments.check_modules(modules)
        self.stdin, self.ask = arguments.check_stdin(stdin)
        if self.ask is not None and ASK in self.functions:
            raise ConfigurationError("functions: 'input' is taken by stdin=")
        if trace is not None and not callable(trace):
            raise ConfigurationError("trace must be a function of one TraceEvent")
        self.trace = trace
        self.engines = parse_engines(engine)
        self.spec = ImageSpec(
            packages=arguments.check_packages(packages),
            python=arguments.check_python(python),
            policy=self.policy,
            limits=self.limits,
        )

    def start(self) -> tuple[Session, Callable[[], None]]:
        """A session with a fresh guest, and what gives its image back."""
        engine, image, owned = _images.get(self.engines, self.spec)
        try:
            guest = image.start(self.limits)
        except EngineFailure:
            if image.alive or owned:
                if owned:
                    image.close()
                raise
            engine, image, owned = _images.get(self.engines, self.spec)
            guest = image.start(self.limits)
        except BaseException:
            if owned:
                image.close()
            raise
        session = Session(
            guest,
            engine=engine.name,
            walls=image.walls,
            enforced=image.enforced,
            limits=self.limits,
            functions=self.functions,
            modules=self.modules,
            files=self.files,
            ask=self.ask,
            trace=self.trace,
        )
        return session, image.close if owned else nothing
