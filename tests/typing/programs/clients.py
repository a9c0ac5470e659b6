"""The clients of a service, as type checkers see them. Never run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, assert_type

import ringfence
from ringfence import Display, Limits, Output, Progress, Result, Variable
from ringfence.client.async_client import AsyncSession
from ringfence.client.client import Session
from ringfence.client.conversation import TaskAnswer
from ringfence.client.replies import SessionInfo
from ringfence.errors import QuotaExceeded, ServiceError


def waited() -> None:
    with ringfence.Client("http://127.0.0.1:8000", key="k") as client:
        assert_type(client, ringfence.Client)
        assert_type(client.run("1", returns=int, limits=Limits(wall=1), packages=["numpy"]), Result)
        events: Iterator[Output | Display | Progress | Result] = client.stream("1")
        for event in events:
            if isinstance(event, Result):
                assert_type(event.value, Any)
        with client.session("mine", durability="idle", limits={"memory": "64MiB"}) as box:
            assert_type(box, Session)
            assert_type(box.run("1", timeout=5, wait=False), Result)
            assert_type(box.call("f", 1, key=2), Result)
            assert_type(box.variables(), dict[str, Variable])
            assert_type(box.files["a"], bytes)
            assert_type(box.save(), bytes)
            assert_type(box.fork(), Session)
            assert_type(box.snapshot(), str)
            assert_type(box.lost, tuple[ringfence.Lost, ...])
        sessions: Iterator[SessionInfo] = client.sessions()
        for one in sessions:
            assert_type(one.turns, int)
        assert_type(client.restore(b""), Session)
        assert_type(client.submit("Execute Python: 1", mode="simple"), TaskAnswer)


async def awaited() -> None:
    async with ringfence.AsyncClient() as client:
        assert_type(await client.run("1"), Result)
        box = client.session()
        assert_type(box, AsyncSession)
        assert_type(await box.run("1"), Result)
        events: AsyncIterator[Output | Display | Progress | Result] = box.stream("1")
        async for _ in events:
            pass
        async for one in client.sessions():
            assert_type(one, SessionInfo)
        assert_type(await box.files.read("a"), bytes)


def failures() -> None:
    try:
        ringfence.Client().run("1")
    except QuotaExceeded as error:
        assert_type(error.retry_after, float | None)
    except ServiceError as error:
        assert_type(error.problem, str)
    ringfence.Sandbox(engine=[ringfence.RemoteEngine("http://a", key="k", engine="wasi"), "native"])
