"""Trouble of the machine: a clock that jumps, and a disk that is full."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.process import begin, rest, run, service

ROOT = Path(__file__).resolve().parents[3]
JUMPING = (str(ROOT / "tests/server/operations/jumping.py"), "serve")


def test_a_clock_that_jumps_changes_nothing(tmp_path: Path) -> None:
    with service(tmp_path, program=JUMPING, quota_per_minute="40") as running:
        # Limits and time-outs: neither too early nor never.
        assert run(running, "import time\ntime.sleep(0.5)\nprint(1)")["stdout"] == "1\n"
        assert run(running, "while True: pass", timeout_seconds=1)["limit"] == "wall"
        # Sessions: none is idle, none is old, and none has to come back.
        for number in range(8):
            reply = run(running, f"x = {number}" if number == 0 else "x += 1", session_id="a")
            assert reply["session"]["restored"] is False  # type: ignore[index]
        # Receipts: none is old.
        key = {"Idempotency-Key": "k"}
        body = {"code": "x += 1\nprint(x)", "session_id": "a"}
        first = running.ask("POST", "/v1/execute", body, key)
        again = running.ask("POST", "/v1/execute", body, key)
        assert first.json["stdout"] == "8\n"
        assert again.body == first.body
        assert again.headers["idempotency-replayed"] == "true"
        # Events: a stream goes on to its end.
        told = rest(begin(running, "import time\nprint(1, flush=True)\ntime.sleep(0.3)\nprint(2)"))
        assert r'"stdout":"1\n2\n"' in told
        # Quotas of a minute: they are not new because the clock says so.
        statuses = [running.ask("POST", "/v1/execute", {"code": "1"}).status for _ in range(40)]
        assert sorted(set(statuses)) == [200, 429]
        assert statuses.index(429) == 40 - 12  # an answer from a receipt is no run
        assert running.ask("GET", "/ready").status == 200
        assert running.stop() == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A file system of 6 MiB and the process that mounted it, in a mount namespace of its own.

    The machine's mounts stay as they are for what runs beside this, canaries of attacks among it.
    """
    if os.geteuid():
        pytest.skip("only root mounts a file system")
    place = tmp_path / "disk"
    place.mkdir()
    hold = 'mount -t tmpfs -o size=6m none "$1" && echo mounted && exec cat'
    with subprocess.Popen(
        ["unshare", "-m", "sh", "-c", hold, "sh", str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as holder:
        assert holder.stdout is not None
        if holder.stdout.readline() != b"mounted\n":
            pytest.skip("no file system can be mounted here")
        assert not place.is_mount()
        yield place, holder.pid


def test_a_full_disk_is_told_and_nothing_is_lost(
    tmp_path: Path, small_disk: tuple[Path, int]
) -> None:
    place, holder = small_disk
    program = (str(ROOT / "tests/server/operations/in_its_mounts.py"), str(holder), "serve")
    database = f"sqlite:///{place / 'service.db'}"
    with service(tmp_path, program=program, database=database) as running:
        assert run(running, "x = 1\nprint(x)", session_id="a")["stdout"] == "1\n"
        filler = Path(f"/proc/{holder}/root{place}/filler")
        with pytest.raises(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4_096))
        kept, reply = 0, None
        while reply is None or reply.status == 200:  # what was set aside in the database is used up
            kept += 1
            code = f"x = {kept + 1}\nimport os\nfiller = os.urandom(100_000)"
            reply = running.ask("POST", "/v1/execute", {"code": code, "session_id": "a"})
        assert (reply.status, reply.problem) == (503, "unavailable")
        assert "nothing of this was kept" in reply.json["detail"]
        assert str(place) not in reply.body.decode()
        assert running.ask("GET", "/health").status == 200
        filler.unlink()
        # It recovers by itself, and has what it acknowledged.
        assert run(running, "print(x)", session_id="a")["stdout"] == f"{kept}\n"
        assert running.ask("GET", "/ready").status == 200
        assert running.stop() == 0
    with service(tmp_path, program=program, database=database) as running:
        assert run(running, "print(x)", session_id="a")["stdout"] == f"{kept}\n"
