"""What all pages share: the workspace, the one thread that works on it, and what it is doing."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, TypeVar

from vishwakarma_app.errors import ExtensionFailed
from vishwakarma_app.extensions import Cancellation
from vishwakarma_app.web.shelf import Shelf

if TYPE_CHECKING:
    from vishwakarma_app.web.page import Page
    from vishwakarma_app.web.workspace import Workspace

__all__ = ["Activity", "Hub"]

T = TypeVar("T")
_BETWEEN = 0.05
"""Seconds between two news of a run's progress: a run may tell a thousand times as often."""


class Activity:
    """Something that the working thread does, or is going to do.

    Attributes:
        title: what it is called.
        owner: the page that asked for it, and whose end is its end; None is the server's own.
        cancellation: what cancels it.
        fraction: how far it is, from 0 to 1; None when that is not known.
        message: what it says about it: an extension's text.
    """

    def __init__(self, title: str, owner: Page | None, told: Callable[[], object]) -> None:
        self.title, self.owner = title, owner
        self._told, self._told_at = told, 0.0
        self.cancellation = Cancellation()
        self.fraction: float | None = None
        self.message = ""
        self.future: Future[Any] | None = None

    def tell(self, fraction: float | None, message: str) -> None:
        """Say how far it is, from the working thread."""
        self.fraction, self.message = fraction, message
        now = time.monotonic()
        if now - self._told_at >= _BETWEEN:
            self._told_at = now
            self._told()


class Hub:
    """Does one thing after the other for the pages that are open.

    All methods are called in the event loop, and do not block it.

    Args:
        workspace: the document and what can be done to it.

    Attributes:
        trouble: what went wrong that no page has asked for; empty if nothing did.
        shelf: what can be run, inserted and installed.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.trouble = ""
        self.shelf = Shelf(workspace.catalogue)
        self.pages: dict[str, Page] = {}
        self._queue: deque[Activity] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="vishwakarma")

    @property
    def activity(self) -> Activity | None:
        """What is being done now."""
        return self._queue[0] if self._queue else None

    async def work(self, work: Callable[..., T], *arguments: Any) -> T:
        """Call something short in the working thread, unannounced."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, work, *arguments)

    async def act(self, title: str, owner: Page | None, work: Callable[[Activity], T]) -> T:
        """Do something in the working thread, after all that was asked for before.

        Args:
            title: what people are told.
            owner: the page that asks; when it is closed, this ends.
            work: what to do.

        Raises:
            ExtensionFailed: it was cancelled before it began.
            Exception: what ``work`` raised.
        """
        loop = asyncio.get_running_loop()
        activity = Activity(title, owner, lambda: loop.call_soon_threadsafe(self.tell))
        self._queue.append(activity)
        activity.future = future = self._thread.submit(work, activity)
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._end, activity))
        self.tell()
        # Who waits may go away; what was begun still ends before the next thing begins.
        waiting = asyncio.wrap_future(future)
        waiting.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            return await asyncio.shield(waiting)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if future.cancelled() and task is not None and not task.cancelling():
                raise ExtensionFailed(f"{title} was cancelled", "cancelled") from None
            raise

    async def stock(self, work: Callable[..., T], *arguments: Any) -> T:
        """Call something that may wait for a workshop, and does not touch the document; then every
        page is told what can be run and inserted.
        """
        try:
            return await asyncio.to_thread(work, *arguments)
        finally:
            self.tell()

    def tell(self) -> None:
        """Let every page see what is new."""
        for page in self.pages.values():
            page.news.set()

    def _end(self, activity: Activity) -> None:
        self._queue.remove(activity)
        self.tell()

    async def cancel(self, activity: Activity) -> None:
        """End an activity, begun or not; returns when it is over."""
        future = activity.future
        if future is None or future.cancel():
            return
        while not future.done():
            # An evaluation may begin just after it was told to end: tell it until it has ended.
            await asyncio.to_thread(activity.cancellation.cancel)
            await asyncio.to_thread(self.workspace.cancel)
            await asyncio.to_thread(wait, [future], 0.1)

    async def leave(self, page: Page) -> None:
        """A page is closed: what it asked for ends."""
        del self.pages[page.token]
        for activity in [one for one in self._queue if one.owner is page][::-1]:
            await self.cancel(activity)

    async def close(self) -> None:
        """End everything; the document is not saved."""
        for activity in list(self._queue)[::-1]:
            await self.cancel(activity)
        await self.work(self.workspace.close)
        self._thread.shutdown()
