"""What these tests have in common: a spec that is tried without a sandbox, bundles, and a house."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from ringfence.errors import SpecMismatch
from ringfence.plugins import Bundle, Manifest
from ringfence.workshop import Caller, Rules, Submission, Workshop
from ringfence.workshop.members import Members
from ringfence.workshop.ports import Signer
from ringfence.workshop.store import Store
from ringfence.workshop.store.models import Base

__all__ = ["Arithmetic", "House", "Rows", "make", "people", "read_all", "write_all"]


def make(
    name: str = "adder",
    version: str = "1.0.0",
    *,
    body: str = "ANSWER = 1 + 2\n",
    kind: str = "sum",
    spec: str = "test.arithmetic",
    title: str = "",
    description: str = "",
    packages: Sequence[str] = (),
    grants: Sequence[str] = (),
) -> bytes:
    """A packed bundle."""
    manifest = f"""
[plugin]
name = {json.dumps(name)}
version = "{version}"
author = "Ada L."
title = {json.dumps(title or name.title())}
description = {json.dumps(description)}
kind = "{kind}"
entry = "main"
packages = {json.dumps(list(packages))}
grants = {json.dumps(list(grants))}

[spec]
name = "{spec}"
version = "1.0"
"""
    files = {"plugin.toml": manifest.encode(), "main.py": body.encode()}
    return Bundle.of_files(files).pack()


@dataclass(frozen=True)
class Case:
    hook: str
    title: str
    ok: bool
    reason: str
    seconds: float


@dataclass(frozen=True)
class Report:
    ok: bool
    cases: tuple[Case, ...]
    reason: str = ""


class Arithmetic:
    """A spec whose bundles say ``ANSWER = 1 + 2``: read by the host, so that these tests start no
    guests. It is what an application brings for a kind of its own.
    """

    name = "test.arithmetic"
    kinds = frozenset({"sum"})
    lends: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.failure: Exception | None = None
        """Raised by the next trials."""

    def check(self, manifest: Manifest) -> None:
        if manifest.spec.version != (1, 0):
            raise SpecMismatch(f"{manifest} is written for {manifest.spec}, and this is 1.0")

    def try_out(self, bundle: Bundle) -> Report:
        if self.failure is not None:
            raise self.failure
        last = ast.parse(bundle.modules["main"]).body[-1]
        right = isinstance(last, ast.Assign) and ast.unparse(last.value) == "1 + 2"
        reason = "" if right else "the sum is wrong"
        return Report(right, (Case("answer", "a sum", right, reason, 0.0),))


def people(accounts: Members) -> None:
    """Make four accounts."""
    accounts.create("ada")
    accounts.create("eve")
    accounts.create("rob", ("review",))
    accounts.create("opal", ("operate",))


Rows = dict[str, list[dict[str, Any]]]


def read_all(store: Store) -> Rows:
    """Everything in a database, by table."""
    with store._engine.connect() as connection:
        return {
            table.name: [dict(row._mapping) for row in connection.execute(table.select())]
            for table in Base.metadata.sorted_tables
        }


def write_all(store: Store, rows: Rows) -> None:
    """Make these everything that is in a database."""
    with store._writing.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
        for table in Base.metadata.sorted_tables:
            if rows[table.name]:
                connection.execute(table.insert(), rows[table.name])


class House:
    """A workshop, and callers of its four accounts.

    Args:
        database: open, and shared with others; or the address of one with nothing in it.
        signer: who signs.
        rules: what the operator decided.
        options: of the workshop.
    """

    def __init__(
        self, database: Store | str, signer: Signer, rules: Rules | None = None, **options: Any
    ) -> None:
        self.spec = Arithmetic()
        given: dict[str, Any] = {
            "specs": [self.spec],
            "rules": rules,
            **options,
        }
        self._shared = isinstance(database, Store)
        if isinstance(database, Store):
            self.workshop = Workshop(database, signer, **given)
        else:
            self.workshop = Workshop.open(database, signer, **given)
        accounts = self.workshop.accounts
        if not accounts.all():
            people(accounts)
        self.ada, self.eve, self.rob, self.opal = (
            accounts.caller(name) for name in ("ada", "eve", "rob", "opal")
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if not self._shared:
            self.workshop.close()

    def submitted(self, data: bytes | None = None, *, by: Caller | None = None) -> Submission:
        """A submission that was taken as far as it goes without a person."""
        told = self.workshop.submissions.submit(by or self.ada, make() if data is None else data)
        return self.workshop.submissions.process(told.id)

    def published(self, data: bytes | None = None, *, by: Caller | None = None) -> Submission:
        """A submission that was approved."""
        told = self.submitted(data, by=by)
        return self.workshop.submissions.approve(self.rob, told.id)

    def actions(self) -> list[str]:
        """What the audit tells, in order."""
        return [row.action for row in self.workshop.audit()]
