"""asyncio over the protocol: an event loop that waits on the link.

While a coroutine awaits a host function, the loop reads the channel, so answers to several calls
arrive in any order. When nothing can run, the loop says so to the host (``waiting``).
"""

from __future__ import annotations

import asyncio
import select
import selectors
import socket
from collections.abc import Callable, Coroutine
from typing import Any

from ringfence_guest.link import Link

__all__ = ["SessionLoop", "install_loop_factory"]

_EVENT_READ = selectors.EVENT_READ
_EVENT_WRITE = selectors.EVENT_WRITE


class LinkSelector(selectors._BaseSelectorImpl):
    """A selector that also moves frames. Other descriptors (pipes, socket pairs) work as usual."""

    _fd_to_key: dict[int, selectors.SelectorKey]

    def __init__(self, link: Link) -> None:
        super().__init__()
        self._link = link
        self._poll = select.poll()
        self._channel = link.channel.fileno()
        if self._channel is not None:
            self._poll.register(self._channel, select.POLLIN)

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        key: selectors.SelectorKey = super().register(fileobj, events, data)
        mask = (select.POLLIN if events & _EVENT_READ else 0) | (
            select.POLLOUT if events & _EVENT_WRITE else 0
        )
        self._poll.register(key.fd, mask)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        key: selectors.SelectorKey = super().unregister(fileobj)
        self._poll.unregister(key.fd)
        return key

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for descriptors and for the host."""
        link = self._link
        if timeout is None or timeout > 0:
            link.before_wait()
            link.declare_waiting()
        if self._channel is None:
            link.poll(timeout)
            return []
        ready = []
        keys = self._fd_to_key
        for fd, event in self._poll.poll(None if timeout is None else max(0, timeout * 1000)):
            if fd == self._channel:
                link.take()
                continue
            events = (_EVENT_READ if event & ~select.POLLOUT else 0) | (
                _EVENT_WRITE if event & ~select.POLLIN else 0
            )
            key = keys.get(fd)
            if key is not None:
                ready.append((key, events & key.events))
        return ready


class _AloneLoop(asyncio.SelectorEventLoop):
    """A loop that no other thread wakes, where there are neither threads nor socket pairs."""

    def _make_self_pipe(self) -> None:
        pass

    def _close_self_pipe(self) -> None:
        pass

    def _write_to_self(self) -> None:
        pass

    async def getaddrinfo(self, *given: Any, **named: Any) -> Any:
        return socket.getaddrinfo(*given, **named)  # it never waits; elsewhere a thread does this


def install_loop_factory(link: Link) -> Callable[[], asyncio.AbstractEventLoop]:
    """Make ``asyncio.run`` and friends use loops over ``link``; returns the factory."""
    alone = link.channel.fileno() is None

    def factory() -> asyncio.AbstractEventLoop:
        selector = LinkSelector(link)
        return _AloneLoop(selector) if alone else asyncio.SelectorEventLoop(selector)

    # The policy system is deprecated from 3.14 on, but it still decides there; the private name
    # does not warn.
    get_policy = getattr(asyncio.events, "_get_event_loop_policy", None)
    policy: Any = get_policy() if get_policy is not None else asyncio.get_event_loop_policy()
    type(policy)._loop_factory = staticmethod(factory)  # also of one that takes its place
    return factory


class SessionLoop:
    """The loop of top-level ``await``: made on first use, kept between turns."""

    def __init__(self, factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
        self._factory = factory
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run until done. An interrupt cancels the coroutine and lets it clean up."""
        if self._loop is None or self._loop.is_closed():
            self._loop = self._factory()
        loop = self._loop
        asyncio.set_event_loop(loop)
        task = loop.create_task(coroutine)
        try:
            return loop.run_until_complete(task)
        except (KeyboardInterrupt, SystemExit) as error:
            if task.done():
                if not task.cancelled():
                    task.exception()  # or it would be reported as never retrieved
            elif isinstance(error, KeyboardInterrupt):
                task.cancel()
                try:
                    loop.run_until_complete(task)
                except BaseException:  # whatever the clean-up raised, the interrupt is the reason
                    pass
            raise
