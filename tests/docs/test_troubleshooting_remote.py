"""The section about guests of a service in docs/troubleshooting.md: every error, provoked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.sync.server import ServerConnection

import ringfence
from ringfence import Limits, RemoteEngine, run
from tests.client.test_remote_engine import HELLO, pretending
from tests.docs.documents import ROOT
from tests.server.process import ServiceProcess, service

PAGE = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
SECTION = PAGE.partition("\n## Guests of a service\n")[2].partition("\n## ")[0]
LINES: list[str] = re.findall(r"^\| (.+?) \| .+ \|$", SECTION, re.MULTILINE)[1:]


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    home = tmp_path_factory.mktemp("lender")
    with service(home, engine="native", engines="native", pool_size="0", guests="1") as running:
        yield running


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    home = tmp_path_factory.mktemp("narrow")
    with service(home, engine="native", pool_size="0", quota_concurrent="1") as running:
        yield running


def unset(url: str, narrow: str) -> None:
    from ringfence._engines.remote.engine import configured

    run("1", engine=configured())


def of_another_version(url: str, narrow: str) -> None:
    def script(connection: ServerConnection) -> None:
        connection.send(json.dumps({**HELLO, "more": True}))
        for _ in connection:
            pass

    with pretending(script) as other:
        run("1", engine=other)


def twice(url: str) -> None:
    with ringfence.Sandbox(engine=url) as box:
        box.run("1").raise_for_status()
        run("1", engine=url)


PROVOKED: dict[str, Callable[[str, str], object]] = {
    "RINGFENCE_URL does not say": unset,
    "is a service running there": lambda url, narrow: run("1", engine="http://127.0.0.1:1"),
    "it answers 401": lambda url, narrow: run("1", engine=RemoteEngine(url, key="rfk_AAAA_BBBB")),
    "it answers 422": lambda url, narrow: run("1", engine=RemoteEngine(url, engine="wasi")),
    "other fields than": of_another_version,
    "memory=": lambda url, narrow: run("1", engine=url, limits=Limits(memory="8GiB")),
    "packages=": lambda url, narrow: run("1", engine=url, packages=["numpy"]),
    "guests that this service lends": lambda url, narrow: twice(url),
    "the quota concurrent": lambda url, narrow: twice(narrow),
    "is no address": lambda url, narrow: RemoteEngine("127.0.0.1:8000"),
}


def test_each_line_is_provoked() -> None:
    assert len(LINES) == len(PROVOKED)


@pytest.mark.parametrize("line", LINES)
def test_line(
    line: str, lender: ServiceProcess, narrow: ServiceProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RINGFENCE_URL", raising=False)
    provoke: Any = next(one for name, one in PROVOKED.items() if name in line)
    kind, message = re.findall(r"`(.+?)`", line)[:2]
    with pytest.raises(ringfence.RingfenceError) as caught:
        provoke(lender.url, narrow.url)
    assert kind in [one.__name__ for one in type(caught.value).__mro__]
    pattern = ".*".join(map(re.escape, message.split("…")))
    assert re.match(pattern, str(caught.value), re.DOTALL), str(caught.value)
