"""Host functions and injected modules, as the guest sees them."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.machinery
import linecache
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any, cast

from ringfence_guest.execute import split_lines
from ringfence_guest.link import Link, Slot

__all__ = ["InjectedModules", "make_function"]


def make_function(link: Link, declaration: dict[str, Any]) -> Callable[..., Any]:
    """A callable that calls the host function of this declaration.

    An async one must be awaited; any number of them may be open at once.
    """
    name: str = declaration["name"]
    proxy: Callable[..., Any]
    if declaration["async"]:

        async def call_async(*args: Any, **kwargs: Any) -> Any:
            loop = asyncio.get_running_loop()
            future: asyncio.Future[None] = loop.create_future()

            def wake() -> None:
                with contextlib.suppress(RuntimeError):  # that loop was closed: nobody waits
                    loop.call_soon_threadsafe(_settle, future)

            slot = Slot(wake)
            number = link.open_call(name, list(args), kwargs, slot, waits=False)
            try:
                await future
            finally:
                link.forget(number)
            return link.result(name, slot)

        proxy = call_async
    else:

        def call_sync(*args: Any, **kwargs: Any) -> Any:
            return link.call(name, list(args), kwargs)

        proxy = call_sync
    proxy.__name__ = proxy.__qualname__ = name
    proxy.__doc__ = f"{name}{declaration['signature']}\n\n{declaration['doc']}".rstrip()
    proxy.__module__ = "host"
    return proxy


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class InjectedModules:
    """Imports modules whose source the host sent: a finder and a loader."""

    def __init__(self) -> None:
        self._sources: dict[str, str] = {}
        self.builtins: dict[str, Any] | None = None
        """The builtins of the modules that are still to come; None for everybody's."""

    def add(self, sources: dict[str, str]) -> None:
        """Make modules importable. ``a.b`` makes ``a`` a package. They win over packages that the
        image has imported under the same name.
        """
        if not sources:
            return  # even a look at all modules touches pages that guests share
        if not self._sources:
            sys.meta_path.insert(0, self)
        self._sources.update(sources)
        for name in sources:
            parent = name.rpartition(".")[0]
            while parent:
                self._sources.setdefault(parent, "")
                parent = parent.rpartition(".")[0]
        roots = {name.partition(".")[0] for name in sources}
        if not any(root in sys.modules for root in roots):
            return
        for name in [name for name in sys.modules if name.partition(".")[0] in roots]:
            del sys.modules[name]

    def names(self) -> tuple[str, ...]:
        """Of the modules, packages among them."""
        return tuple(self._sources)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The import system asks (PEP 451)."""
        if name not in self._sources:
            return None
        package = any(other.startswith(name + ".") for other in self._sources)
        spec = importlib.machinery.ModuleSpec(
            name,
            cast(importlib.machinery.SourceFileLoader, self),  # a loader by protocol (PEP 451)
            origin=f"<module {name}>",
            is_package=package,
        )
        spec.has_location = False
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        """Default creation."""
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the module's source."""
        name = module.__name__
        source = self._sources[name]
        filename = f"<module {name}>"
        linecache.cache[filename] = (len(source), None, split_lines(source), filename)
        if self.builtins is not None:
            module.__dict__["__builtins__"] = self.builtins
        exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)

    def get_source(self, name: str) -> str:
        """For tracebacks (PEP 302)."""
        return self._sources[name]
