"""Who is lent a guest, how many, and what is written down about it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

import ringfence
from tests.attacks.canaries import descendants
from tests.server.guests.wire import LIMITS, WISH, wire
from tests.server.process import ServiceProcess, service


def command(running: ServiceProcess, *words: str) -> str:
    """What a command of the operator's prints."""
    database = f"sqlite:///{running.home / 'service.db'}"
    done = subprocess.run(
        [sys.executable, "-m", "ringfence", *words, "--database", database],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def test_with_keys_nobody_is_lent_a_guest_without_one(home: Path) -> None:
    with service(home, pool_size="0", log_level="warning") as lender:
        key = command(lender, "keys", "create", "acme").split()[-1]
        watching = command(lender, "keys", "create", "acme", "--scope", "metrics").split()[-1]
        for given, status, problem in (
            ("", 401, "unauthorized"),
            ("rfk_AAAA_BBBB", 401, "unauthorized"),
            (watching, 403, "not-allowed"),
        ):
            with pytest.raises(InvalidStatus) as refused, wire(lender.url, key=given):
                pass
            answer = refused.value.response
            assert answer.status_code == status
            assert json.loads(answer.body)["type"] == f"urn:ringfence:problem:{problem}"
        silent = ringfence.RemoteEngine(lender.url, key="")
        assert silent.availability().walls == ()
        assert silent.availability().remedy == (
            "set RINGFENCE_API_KEY, or pass RemoteEngine(url, key=…)"
        )
        with pytest.raises(ringfence.EngineNotAvailable, match="it answers 401: send a key"):
            ringfence.run("1", engine=silent)
        engine = ringfence.RemoteEngine(lender.url, key=key)
        assert key not in repr(engine)
        assert ringfence.run("6 * 7", engine=engine).value == 42
        rows = [
            json.loads(line)
            for line in command(lender, "audit", "show", "--kind", "guest", "--json").splitlines()
        ]
    (row,) = rows
    assert (row["tenant"], row["kind"]) == ("acme", "guest")
    assert row["details"]["ended"] == "left"
    assert row["details"]["wish"]["packages"] == []
    assert "6 * 7" not in json.dumps(rows)


def test_a_tenant_has_so_many_at_once(home: Path) -> None:
    with service(home, pool_size="0", quota_concurrent="1", log_level="warning") as lender:
        with ringfence.Sandbox(engine=lender.url) as box:
            assert box.run("1").value == 1
            with pytest.raises(ringfence.EngineFailure, match="the quota concurrent is used up"):
                ringfence.run("1", engine=lender.url)
        with wire(lender.url) as client:  # who only asks what there is has used nothing
            assert client.hear()[0] == "hello"


def test_a_service_lends_so_many_at_once(home: Path) -> None:
    with (
        service(home, pool_size="0", guests="1", log_level="warning") as lender,
        ringfence.Sandbox(engine=lender.url) as box,
        wire(lender.url) as client,
    ):
        assert box.run("1").value == 1
        client.hear()
        client.say("open", **WISH)
        assert client.hear()[0] == "image"
        client.say("start", limits=LIMITS)
        assert client.hear() == (
            "refused",
            {"error": "EngineFailure", "detail": "all 1 guests that this service lends are taken"},
        )


def test_a_service_that_is_stopped_ends_its_guests(home: Path) -> None:
    with service(home, pool_size="0", log_level="warning") as lender:
        with ringfence.Sandbox(engine=lender.url) as box:
            assert box.run("1").value == 1
            guests = descendants(lender.process.pid)
            assert lender.stop() == 0
            result = box.run("1")
            assert (result.status, result.alive) == ("crashed", False)
            assert result.error is not None
            assert result.error.type == "Disconnected"
        assert not any(Path(f"/proc/{pid}").exists() for pid in guests)
