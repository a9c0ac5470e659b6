"""Calls of published plugins are runs like others: bounded, fair, kept, and their tenant's alone."""

import json
import signal
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ringfence.model import array_frame
from tests.server.operations.towns import (
    FOR_EVER,
    audit_of,
    cpu_of,
    has_receipt,
    make_keys,
    send,
    towns,
    until,
    write_towns,
)
from tests.server.process import Reply, ServiceProcess, read_reply

FIND, SPIN = "/v1/plugins/towns/find", "/v1/plugins/towns/spin"
QUICK = f"{SPIN}?timeout_seconds=0.3"
"""Ends at its limit after so long."""


class House(NamedTuple):
    home: Path
    running: ServiceProcess
    keys: dict[str, dict[str, str]]

    def call(self, who: str, path: str, body: object, **headers: str) -> Reply:
        given = {name.replace("_", "-"): one for name, one in headers.items()}
        return self.running.ask("POST", path, body, {**self.keys[who], **given})

    def rows(self, who: str) -> list[dict[str, object]]:
        return [json.loads(row.details) for row in audit_of(self.home, who)]


def answer_of(connection: socket.socket) -> Reply:
    with connection:
        return read_reply(connection)


NAMES = ("acme", "bolt", "cato", "dora", "emil", "fern")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two calls at once, a third for who has none, and two that wait for at most a second."""
    home = tmp_path_factory.mktemp("towns")
    write_towns(home)
    keys = make_keys(home, *NAMES)
    with towns(
        home, running="2", queue="2", queue_seconds="1", limit_wall="4", default_timeout="4"
    ) as running:
        yield House(home, running, keys)


# --- tenants do not notice each other -------------------------------------------------------


def test_no_tenant_s_failures_take_a_plugin_from_another(house: House) -> None:
    for customer in (-770_001, -770_002, -770_003, -770_004):
        mine = house.call("acme", FIND, {"customer": customer}).json
        assert mine["failures"][0]["reason"] == f"ValueError: no town for customer {customer}"
    other = house.call("bolt", FIND, {"customer": 3})
    assert (other.json["ok"], other.json["value"]) == (True, "town 3")
    assert b"7700" not in other.body
    other = house.call("bolt", FIND, {"customer": -1})
    assert other.json["failures"][0]["reason"] == "ValueError: no town for customer -1"
    assert b"7700" not in other.body


def test_nor_does_a_call_that_reaches_a_limit(house: House) -> None:
    mine = house.call("acme", QUICK, {"turns": FOR_EVER}).json
    assert (mine["ok"], mine["failures"][0]["kind"]) == (False, "limit")
    other = house.call("bolt", SPIN, {"turns": 10}).json
    assert (other["ok"], other["value"]) == (True, 10)
    again = house.call("acme", SPIN, {"turns": 10}).json
    assert (again["ok"], again["value"]) == (True, 10)


# --- who may call now -----------------------------------------------------------------------


def test_calls_wait_in_a_bounded_line_that_is_fair(house: House) -> None:
    held = [
        send(house.running, SPIN, {"turns": FOR_EVER}, house.keys["cato"]) for _ in range(5)
    ]  # fmt: skip
    other = house.call("dora", FIND, {"customer": 1})
    replies = [answer_of(connection) for connection in held]
    assert (other.status, other.json["value"]) == (200, "town 1")
    assert sorted(reply.status for reply in replies) == [200, 200, 503, 503, 503]
    for reply in replies:
        if reply.status == 503:
            assert reply.problem == "overloaded"
            assert int(reply.headers["retry-after"]) >= 1
        else:
            assert reply.json["failures"][0]["kind"] == "limit"


def test_a_call_ends_when_its_client_goes(house: House) -> None:
    connection = send(house.running, SPIN, {"turns": FOR_EVER}, house.keys["emil"])
    # Another of emil's that is answered: the first has a place by then.
    assert house.call("emil", FIND, {"customer": 1}).status == 200
    # Reset: one that merely says nothing more may still wait for its answer.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    until(lambda: len(house.rows("emil")) == 2)
    assert sorted(str(row["status"]) for row in house.rows("emil")) == ["cancelled", "ok"]


# --- limits ---------------------------------------------------------------------------------


def test_a_call_may_be_given_less_time(house: House) -> None:
    answer = house.call("acme", QUICK, {"turns": FOR_EVER}).json
    (failure,) = answer["failures"]
    assert (failure["kind"], "0.3" in failure["reason"]) == ("limit", True)


def test_and_no_more_than_the_operator_allows(house: House) -> None:
    reply = house.call("acme", f"{SPIN}?timeout_seconds=4.5", {"turns": 1})
    assert (reply.status, reply.problem) == (422, "not-allowed")
    assert reply.json["errors"] == [
        {"field": "query:timeout_seconds", "expected": "at most 4", "got": "4.5"}
    ]
    for wrong in ("0", "-1", "nan", "inf", "61", "x", ""):
        reply = house.call("acme", f"{SPIN}?timeout_seconds={wrong}", {"turns": 1})
        assert (reply.status, reply.problem) == (422, "malformed"), wrong


# --- what is kept ---------------------------------------------------------------------------


def test_who_called_what_is_in_the_audit_log(house: House) -> None:
    (published,) = house.running.ask("GET", "/v1/plugins", None, house.keys["fern"]).json["plugins"]
    before = cpu_of(house.home, "fern")
    assert house.call("fern", FIND, {"customer": 123_456_789}).status == 200
    assert house.call("fern", FIND, {"customer": -987_654_321}).status == 200
    assert house.call("fern", QUICK, {"turns": FOR_EVER}).status == 200
    rows = house.rows("fern")
    assert [(row["hook"], row["status"]) for row in rows] == [
        ("find", "ok"), ("find", "raised"), ("spin", "limit"),
    ]  # fmt: skip
    for row in rows:
        assert str(row.pop("call")).startswith("run_")
        assert row.pop("engine") in ("native", "wasi")
        assert row.pop("walls")
        del row["hook"], row["status"]
        assert row == {
            "plugin": "towns", "version": "2.0.1", "bundle_sha256": published["sha256"],
            "packages": [],
        }  # fmt: skip
    told = str([row.details for row in audit_of(house.home, "fern")])
    assert "123456789" not in told
    assert "987654321" not in told
    # The last one alone has counted until a limit of 0.3 seconds.
    assert cpu_of(house.home, "fern") - before > 0.05


# --- once -----------------------------------------------------------------------------------


def test_a_keyed_call_is_made_once(house: House) -> None:
    before = len(house.rows("bolt"))
    first = house.call("bolt", FIND, {"customer": 5}, Idempotency_Key="k1")
    again = house.call("bolt", FIND, {"customer": 5}, Idempotency_Key="k1")
    assert first.status == again.status == 200
    assert again.body == first.body
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert len(house.rows("bolt")) == before + 1
    # What it raised is an answer like another.
    first = house.call("bolt", FIND, {"customer": -5}, Idempotency_Key="k2")
    again = house.call("bolt", FIND, {"customer": -5}, Idempotency_Key="k2")
    assert (again.body, again.headers["idempotency-replayed"]) == (first.body, "true")


def test_a_frame_comes_back_as_a_frame(house: House) -> None:
    frame = array_frame.pack({"customer": 6}, limit=1 << 20)
    kind = {"Content_Type": array_frame.MEDIA_TYPE}
    first = house.call("bolt", FIND, frame, Idempotency_Key="k3", **kind)
    again = house.call("bolt", FIND, frame, Idempotency_Key="k3", **kind)
    assert again.headers["content-type"] == array_frame.MEDIA_TYPE
    assert again.headers["idempotency-replayed"] == "true"
    assert again.body == first.body
    assert array_frame.unpack(again.body, limit=1 << 20)["value"] == "town 6"


def test_a_key_belongs_to_one_call_of_one_tenant(house: House) -> None:
    assert house.call("bolt", FIND, {"customer": 7}, Idempotency_Key="k4").status == 200
    for path, body in (
        (FIND, {"customer": 8}), (SPIN, {"turns": 7}), (f"{FIND}?timeout_seconds=1", {"customer": 7})
    ):  # fmt: skip
        other = house.call("bolt", path, body, Idempotency_Key="k4")
        assert (other.status, other.problem) == (422, "key-reused")
    code = house.call("bolt", "/v1/execute", {"code": "1"}, Idempotency_Key="k4")
    assert (code.status, code.problem) == (422, "key-reused")
    own = house.call("acme", FIND, {"customer": 8}, Idempotency_Key="k4")
    assert (own.status, own.json["value"]) == (200, "town 8")
    assert "idempotency-replayed" not in own.headers
    wrong = house.call("bolt", FIND, {"customer": 7}, Idempotency_Key="x" * 201)
    assert (wrong.status, wrong.problem) == (422, "malformed")


def test_the_same_call_at_the_same_time_is_one(house: House) -> None:
    before = len(house.rows("dora"))
    headers = {**house.keys["dora"], "Idempotency-Key": "both"}
    both = [send(house.running, QUICK, {"turns": FOR_EVER}, headers) for _ in range(2)]
    first, second = (answer_of(connection) for connection in both)
    assert first.body == second.body
    assert len(house.rows("dora")) == before + 1


def test_a_call_that_was_refused_may_be_sent_again(house: House) -> None:
    wrong = house.call("bolt", FIND, {"customer": "none"}, Idempotency_Key="k5")
    assert (wrong.status, wrong.problem) == (422, "malformed")
    right = house.call("bolt", FIND, {"customer": 9}, Idempotency_Key="k5")
    assert (right.status, right.json["value"]) == (200, "town 9")


def test_a_call_whose_server_ended_is_not_made_again(tmp_path: Path) -> None:
    write_towns(tmp_path)
    keys = make_keys(tmp_path, "acme")
    headers = {**keys["acme"], "Idempotency-Key": "gone"}
    with towns(tmp_path) as running:
        connection = send(running, SPIN, {"turns": FOR_EVER}, headers)
        until(lambda: has_receipt(tmp_path, "gone"))
        running.stop(signal.SIGKILL)
        connection.close()
    with towns(tmp_path) as running:
        reply = running.ask("POST", SPIN, {"turns": FOR_EVER}, headers)
        assert (reply.status, reply.problem) == (409, "interrupted")
        other = running.ask("POST", FIND, {"customer": 1}, keys["acme"])
        assert other.json["value"] == "town 1"


def test_a_server_that_stops_waits_for_calls_and_keeps_them(tmp_path: Path) -> None:
    write_towns(tmp_path)
    keys = make_keys(tmp_path, "acme")
    with towns(tmp_path) as running:
        headers = {**keys["acme"], "Idempotency-Key": "last"}
        connection = send(running, f"{SPIN}?timeout_seconds=1", {"turns": FOR_EVER}, headers)
        until(lambda: has_receipt(tmp_path, "last"))
        assert running.stop() == 0
        reply = answer_of(connection)
        assert (reply.status, reply.json["failures"][0]["kind"]) == (200, "limit")
    assert [json.loads(row.details)["status"] for row in audit_of(tmp_path, "acme")] == ["limit"]


def test_a_call_counts_with_the_memory_that_it_may_have(tmp_path: Path) -> None:
    write_towns(tmp_path)
    (key,) = make_keys(tmp_path, "acme").values()
    budget = {"limit_memory": "64MiB", "memory_budget": "130MiB", "queue_seconds": "60"}
    with towns(tmp_path, **budget) as running:
        assert running.ask("POST", FIND, {"customer": 1}, key).json["value"] == "town 1"
        for name in "ab":
            body = {"code": "data = bytearray(b'x') * (35 << 20)", "session_id": name}
            running.ask("POST", "/v1/execute", {**body, "durability": "never"}, key)
        refused = running.ask("POST", FIND, {"customer": 1}, key)
        assert (refused.status, refused.problem) == (503, "overloaded")
        assert running.ask("DELETE", "/v1/sessions/a", None, key).status == 204
        assert running.ask("POST", FIND, {"customer": 1}, key).json["value"] == "town 1"
