"""A service that is killed while it runs something: its client comes back, and nothing runs twice."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ringfence import Output
from ringfence.client.retrying import Patience
from ringfence.errors import Interrupted
from tests.client.facades import close_client, make_client
from tests.server.process import ServiceProcess

PATIENCE = Patience(attempts=50, seconds=60.0)


class Killed:
    """A service at one address that can be killed and started again."""

    def __init__(self, home: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.home = home
        self.one = self._start()

    def _start(self) -> ServiceProcess:
        one = ServiceProcess(self.home, port=str(self.port), pool_size="0", log_level="warning")
        assert one.url, "\n".join(one.log)
        return one

    def again(self) -> None:
        """kill -9, and start another."""
        self.one.stop(signal.SIGKILL)
        self.one.close()
        self.one = self._start()

    def close(self) -> None:
        """The end of it."""
        self.one.stop()
        self.one.close()


def aside(work: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


@pytest.mark.parametrize("face", ["sync"])
def test_a_turn_that_was_killed_is_not_run_again(tmp_path: Path, face: str) -> None:
    """A turn's traces that outlive it would be in the session: there are none of the killed one,
    and none of a second.
    """
    service = Killed(tmp_path)
    client = make_client(face, service.one.url, patience=PATIENCE)
    try:
        box = client.session("counter")
        box.run("count = 0").raise_for_status()
        events = box.stream("count += 1\nprint('running')\nimport time\ntime.sleep(50)")
        assert next(events) == Output("stdout", "running\n")
        killing = aside(service.again)
        with pytest.raises(Interrupted):
            list(events)
        killing.join()
        assert box.run("count += 10\ncount").value == 10
        assert box.restored
        assert box.refresh().turns == 2
    finally:
        close_client(client)
        service.close()


@pytest.mark.parametrize("face", ["async"])
def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path, face: str) -> None:
    service = Killed(tmp_path)
    client = make_client(face, service.one.url, patience=PATIENCE)
    try:
        box = client.session("kept")
        assert box.run("x = [1, 2]\nx").value == [1, 2]
        service.again()
        assert box.run("x").value == [1, 2]
        assert box.restored
    finally:
        close_client(client)
        service.close()
