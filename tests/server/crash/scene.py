"""Kills -9 at random points, under load: nothing acknowledged is lost, and nothing runs twice.

Every operation has a number of its own, which its code appends to a list of its session. A client
that was cut off sends the same request with the same key until it knows: an answer means that the
number is in the list, ``interrupted`` that it is not and never will be. So the list is at all times
exactly what was acknowledged, in order, whatever was killed when. Runs without a session draw a
random number: the same key gives the same number for ever.
"""

import http.client
import json
import os
import random
import threading
import time
from pathlib import Path
from typing import Any

from tests.server.hatchery import Hatchery, Server, hatchery

SESSIONS = 4
STATELESS = 2
SEED = int(os.environ.get("RINGFENCE_TEST_SEED", "7"))
_TURN = """
log = globals().setdefault("log", [])
log.append({number})
count = globals().get("count", 0) + 1
with open("log.txt", "a") as file:
    file.write("{number} ")
del file
(count, log, [int(one) for one in open("log.txt").read().split()])
"""
_DRAW = "import random; random.SystemRandom().getrandbits(64)"


class World:
    """Which server is there, and whether it all goes on."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.address: tuple[str, int] | None = None
        self.over = False
        self.failures: list[str] = []

    def serve(self, server: Server | None) -> None:
        with self.changed:
            self.address = None if server is None else server.address
            self.changed.notify_all()

    def end(self) -> None:
        with self.changed:
            self.over = True
            self.changed.notify_all()

    def wait(self) -> tuple[str, int]:
        """The address of a server, once there is one."""
        with self.changed:
            self.changed.wait_for(lambda: self.address is not None)
            assert self.address is not None
            return self.address


class Client:
    """Sends one request after another, until it knows what came of each."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.sent = self.cut = self.interrupted = self.replayed = 0
        self.connection: http.client.HTTPConnection | None = None
        self.thread = threading.Thread(target=self.run, name=name)

    def run(self) -> None:
        try:
            while not self.world.over:
                self.step()
            self.last()
        except BaseException as error:
            self.world.failures.append(f"{self.name}: {type(error).__name__}: {error}")
            raise
        finally:
            self.leave()

    def step(self) -> None:
        raise NotImplementedError

    def last(self) -> None:
        """What is looked at when the kills are over."""

    def leave(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def ask(self, path: str, body: dict[str, Any], key: str) -> tuple[int, bytes, bool]:
        """Status, body, and whether it was answered before. Sent until there is an answer."""
        while True:
            address = self.world.wait()
            try:
                if (
                    self.connection is None
                    or (self.connection.host, self.connection.port) != address
                ):
                    self.leave()
                    self.connection = http.client.HTTPConnection(*address, timeout=60)
                headers = {"Content-Type": "application/json", "Idempotency-Key": key}
                self.connection.request("POST", path, json.dumps(body), headers)
                reply = self.connection.getresponse()
                data = reply.read()
                if reply.status == 503:
                    continue  # nothing was run
                self.sent += 1
                return reply.status, data, reply.headers.get("Idempotency-Replayed") == "true"
            except (OSError, http.client.HTTPException):
                self.cut += 1
                self.leave()


class SessionClient(Client):
    """Appends numbers in one session."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.number = 0
        self.acknowledged: list[int] = []
        self.restored = 0

    def step(self) -> None:
        self.number += 1
        number = self.number
        body = {"code": _TURN.format(number=number), "session_id": self.name}
        status, data, replayed = self.ask("/v1/execute", body, f"{self.name}-{number}")
        told = json.loads(data)
        if status == 409:
            assert told["type"] == "urn:ringfence:problem:interrupted", told
            assert f"as after turn {len(self.acknowledged)}" in told["detail"], told
            self.interrupted += 1
            return
        assert status == 200, told
        assert told["status"] == "ok", told
        self.replayed += replayed
        self.acknowledged.append(number)
        expected = len(self.acknowledged), self.acknowledged, self.acknowledged
        assert tuple(told["value"]["items"]) == expected, (number, told["value"], expected)
        assert told["session"]["turn"] == len(self.acknowledged), told["session"]
        assert told["session"]["lost"] == []
        self.restored += told["session"]["restored"]

    def last(self) -> None:
        self.step()


class StatelessClient(Client):
    """Draws random numbers, each under a key."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.number = 0
        self.drawn: dict[str, bytes | None] = {}

    def step(self) -> None:
        self.number += 1
        self.draw(f"{self.name}-{self.number}")

    def draw(self, key: str) -> None:
        status, data, _ = self.ask("/v1/execute", {"code": _DRAW}, key)
        if status == 409:
            assert json.loads(data)["type"] == "urn:ringfence:problem:interrupted"
            assert self.drawn.setdefault(key, None) is None
            self.interrupted += 1
            return
        assert status == 200, data
        assert self.drawn.setdefault(key, data) == data

    def last(self) -> None:
        for key in list(self.drawn)[-200:]:
            self.draw(key)


def kill_again_and_again(home: Path, kills: int, **settings: str) -> None:
    """Kill servers at random points, and look at what clients were told in between."""
    world, chance = World(), random.Random(SEED)
    clients: list[Client] = [SessionClient(world, f"session-{n}") for n in range(SESSIONS)]
    clients += [StatelessClient(world, f"stateless-{n}") for n in range(STATELESS)]
    with hatchery(home, log_level="warning", sessions_per_tenant="3", **settings) as hatched:
        try:
            for client in clients:
                client.thread.start()
            _kill(hatched, world, chance, kills)
            with hatched.server() as server:
                world.serve(server)
                world.end()
                for client in clients:
                    client.thread.join(120)
                    assert not client.thread.is_alive()
        finally:
            world.end()
    assert world.failures == []
    told = {client.name: (client.sent, client.cut, client.interrupted) for client in clients}
    assert all(sent > kills // 4 for sent, _, _ in told.values()), told
    # The test is of kills that hit something.
    assert sum(cut for _, cut, _ in told.values()) > kills, told
    assert sum(interrupted for _, _, interrupted in told.values()) > kills // 10, told
    assert "Traceback" not in hatched.log.read_text()


def _kill(hatched: Hatchery, world: World, chance: random.Random, kills: int) -> None:
    for _ in range(kills):
        if world.failures:
            return
        server = hatched.start()
        world.serve(server)
        time.sleep(chance.uniform(0.02, 0.9))  # not waiting for anything: when it is killed
        world.serve(None)
        server.kill()
