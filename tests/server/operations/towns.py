"""A published plugin that can be made to fail, for callers who should not notice each other."""

import asyncio
import datetime
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from ringfence.server.store import Store, Work
from ringfence.server.store.audit import AuditRow
from tests.server.process import ServiceProcess, head, service

SPEC = """
from ringfence import plugins
from ringfence.plugins import hook


class Towns(plugins.HookSpec, name="example.towns", version="1.0"):
    @hook()
    def find(self, customer: int) -> str:
        '''The town of a customer.'''

    @hook()
    def spin(self, turns: int) -> int:
        '''Count for a while.'''
"""
MANIFEST = """
[plugin]
name = "towns"
version = "2.0.1"
author = "ada"
title = "Towns"
description = "Of customers."
entry = "towns"

[spec]
name = "example.towns"
version = "1.0"
"""
PLUGIN = """
def find(customer):
    if customer < 0:
        raise ValueError(f"no town for customer {customer}")
    return f"town {customer}"


def spin(turns):
    found = 0
    while found < turns:
        found += 1
    return found
"""
FOR_EVER = 10**12
"""Turns that end at a limit."""


def write_towns(home: Path) -> Path:
    (home / "town_spec.py").write_text(SPEC)
    folder = home / "towns"
    folder.mkdir()
    (folder / "plugin.toml").write_text(MANIFEST)
    (folder / "towns.py").write_text(PLUGIN)
    return folder


def make_keys(home: Path, *tenants: str) -> dict[str, dict[str, str]]:
    """The headers of each tenant, in the database of a service to come."""

    async def make() -> dict[str, dict[str, str]]:
        store = Store.open(_database(home), owning=False)
        with_key = {}
        for tenant in tenants:
            key = await store.write(partial(_make_key, tenant))
            with_key[tenant] = {"Authorization": f"Bearer {key}"}
        await store.close()
        return with_key

    return asyncio.run(make())


def audit_of(home: Path, tenant: str) -> list[AuditRow]:
    """The rows of a tenant's calls of plugins."""

    async def read() -> list[AuditRow]:
        store = Store.open(_database(home), owning=False)
        rows = await store.read(
            lambda work: work.audit.last(1_000, tenant=tenant, kind="plugin.call")
        )
        await store.close()
        return rows

    return asyncio.run(read())


def cpu_of(home: Path, tenant: str) -> float:
    """CPU seconds that the database says a tenant has used today."""

    async def read() -> float:
        store = Store.open(_database(home), owning=False)
        used = await store.read(lambda work: work.usage.of_day(work.now.date().isoformat()))
        await store.close()
        return used.get(tenant, 0.0)

    return asyncio.run(read())


@contextmanager
def towns(home: Path, **settings: str) -> Iterator[ServiceProcess]:
    """A service that publishes the plugin."""
    folder = home / "towns"
    given = {"plugins": str(folder), "plugin_specs": "town_spec:Towns", **settings}
    with service(home, **given) as running:
        yield running


def send(running: ServiceProcess, path: str, body: Any, headers: dict[str, str]) -> socket.socket:
    """A call, whose answer is read later."""
    data = json.dumps(body).encode()
    connection = running.connect()
    given = {
        "Host": "127.0.0.1", "Content-Type": "application/json",
        "Content-Length": str(len(data)), **headers,
    }  # fmt: skip
    connection.sendall(head("POST", path, given) + data)
    return connection


def _make_key(tenant: str, work: Work) -> str:
    key, _ = work.accounts.create_key(tenant)
    return key


def has_receipt(home: Path, key: str) -> bool:
    """Whether a keyed call of the tenant acme's has begun."""

    async def read() -> bool:
        store = Store.open(_database(home), owning=False)
        found = await store.read(
            lambda work: work.receipts.find(
                "acme", key, datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
            )
        )
        await store.close()
        return found is not None

    return asyncio.run(read())


def _database(home: Path) -> str:
    return f"sqlite:///{home / 'service.db'}"


def until(condition: Callable[[], bool]) -> None:
    """Ask until it is so; nobody else tells."""
    patience = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < patience
