"""What an operator does, beside the database and the keys."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from ringfence.cli import exits
from ringfence.cli.activity import Activity
from ringfence.cli.escape import escape_line
from ringfence.cli.report import complain
from ringfence.cli.tables import make_console
from ringfence.cli.workshop.settings import Folder
from ringfence.errors import ConfigurationError, WorkshopNotUsable

__all__ = [
    "account_rows",
    "init",
    "migrate",
    "opened",
    "refresh",
    "rotate",
    "serve",
    "show_audit",
    "token_rows",
]

_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


def fingerprint(root: bytes) -> str:
    """What people compare of a root: its SHA-256."""
    return hashlib.sha256(root).hexdigest()


def init(folder: Folder, root_keys: Path | None, keys: int, threshold: int) -> int:
    """Make the keys and the database of a new workshop; gives the exit status."""
    from ringfence.workshop.signing import Repository
    from ringfence.workshop.store import Store

    with Activity("making keys"):
        repository = Repository.create(
            folder.repository, offline=root_keys, root_keys=keys, threshold=threshold
        )
        Store.open(folder.database).close()
        _write_root(folder, repository.root)
    offline = root_keys or folder.repository / "offline"
    sys.stdout.write(
        f"workshop    {folder.path}\n"
        f"root        {folder.root}: what clients trust; give it to them, or its fingerprint\n"
        f"fingerprint {fingerprint(repository.root)}\n"
        f"root keys   {offline}: take them away from here; they are needed once a year, to rotate\n"
        f"next        ringfence workshop account add NAME {folder.path}\n"
        f"            ringfence workshop serve {folder.path}\n"
    )
    return exits.OK


def _write_root(folder: Folder, root: bytes) -> None:
    draft = folder.root.with_suffix(".draft")
    try:
        draft.write_bytes(root)
        draft.replace(folder.root)
    except OSError as error:
        raise WorkshopNotUsable(f"{folder.root} cannot be written: {error}") from error


@contextlib.contextmanager
def opened(folder: Folder, *, specs: bool = False, migrating: bool = False) -> Iterator[Any]:
    """A workshop, open.

    Args:
        folder: of it.
        specs: whether anything is tried.
        migrating: bring the database to this version.
    """
    from ringfence.workshop import Workshop

    with Workshop.open(
        folder.database,
        folder.repository,
        specs=folder.trials() if specs else (),
        rules=folder.rules,
        migrating=migrating,
    ) as workshop:
        for line in workshop.recovered:
            complain(line, "workshop")
        yield workshop


def serve(
    folder: Folder, address: str, port: int, names: Sequence[str], tls_proxy: str | None
) -> int:
    """Serve until Ctrl-C or SIGTERM; gives the exit status."""
    import logging

    from ringfence.workshop import Server

    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(_harmless)
    with opened(folder, specs=True, migrating=True) as workshop:
        if not folder.specs:
            complain("it knows no spec, and takes no plugin: specs = [...] in workshop.toml")
        server = Server(workshop, address=address, port=port, names=names, tls_proxy=tls_proxy)
        signal.signal(signal.SIGTERM, lambda *_: server.stop())

        def started() -> None:
            sys.stdout.write(f"{server.url}\n")
            sys.stdout.flush()

        server.serve(started)
    return exits.OK


def _harmless(record: Any) -> bool:
    """Strangers' text in a log is written out."""
    record.msg, record.args = escape_line(record.getMessage(), 2_000), ()
    return True


def migrate(folder: Folder) -> int:
    """Bring the database to this version; gives the exit status."""
    from ringfence.workshop.store import Store

    store = Store(folder.database)
    try:
        with Activity("migrating the database"):
            before, after = store.migrate()
    finally:
        store.close()
    if before == after:
        sys.stdout.write(f"{store.name} is at revision {after} already\n")
    else:
        sys.stdout.write(f"{store.name}: from {before or 'nothing'} to revision {after}\n")
    return exits.OK


def refresh(folder: Folder) -> int:
    """Sign anew what expires; gives the exit status."""
    from ringfence.workshop.signing import Repository

    repository = Repository.open(folder.repository)
    with Activity("signing"):
        repository.refresh()
    for role, until in repository.expires().items():
        sys.stdout.write(f"{role:10} until {until.isoformat(timespec='minutes')}\n")
    return exits.OK


def rotate(folder: Folder, roles: Sequence[str], root_keys: Path | None) -> int:
    """Replace keys; gives the exit status."""
    from ringfence.workshop.signing import Repository

    repository = Repository.open(folder.repository)
    with Activity("replacing keys"):
        repository.rotate(*roles, offline=root_keys)
        _write_root(folder, repository.root)
    what = ", ".join(roles) or "nothing but root's time"
    sys.stdout.write(f"replaced: {what}\nfingerprint {fingerprint(repository.root)}\n")
    return exits.OK


def account_rows(workshop: Any) -> None:
    """Print the accounts."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for head in ("account", "may", "since", ""):
        table.add_column(head)
    for one in workshop.accounts.all():
        state = "" if one.closed is None else f"closed {_day(one.closed)}"
        table.add_row(one.name, ", ".join(sorted(one.scopes)), _day(one.created), state)
    make_console().print(table)


def token_rows(workshop: Any, name: str) -> None:
    """Print the tokens of an account."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for head in ("token", "allows", "until", "label", ""):
        table.add_column(head)
    for one in workshop.accounts.tokens(name):
        state = "" if one.revoked is None else f"revoked {_day(one.revoked)}"
        table.add_row(
            one.id, ", ".join(sorted(one.scopes)), _day(one.expires), escape_line(one.label), state
        )
    make_console().print(table)


def show_audit(folder: Folder, noted: str | None, most: int, *, as_json: bool) -> int:
    """Verify the audit chain, and print its last rows; gives the exit status."""
    from ringfence.workshop import AuditRow, Head

    head = None
    if noted is not None:
        match = _HEAD.fullmatch(noted)
        if match is None:
            raise ConfigurationError(f"--noted {noted}: write NUMBER:HASH, as it was printed")
        head = Head(int(match[1]), match[2])
    with opened(folder) as workshop:
        with Activity("verifying the audit chain"):
            end = workshop.verify_audit(head)
        rows = cast("list[AuditRow]", list(workshop.audit(after=max(0, end.number - most))))
    if as_json:
        for row in rows:
            told = {
                "number": row.number,
                "at": row.at.isoformat(),
                "actor": row.actor,
                "action": row.action,
                "subject": row.subject,
                "detail": dict(row.detail),
                "hash": row.hash,
            }
            sys.stdout.write(json.dumps(told) + "\n")
        return exits.OK
    for row in rows:
        detail = ", ".join(f"{key}={value}" for key, value in row.detail.items())
        line = f"{row.number:6} {row.at.isoformat(timespec='seconds')} {row.actor} {row.action} "
        sys.stdout.write(escape_line(f"{line}{row.subject} {detail}".rstrip(), 300) + "\n")
    sys.stdout.write(f"the chain holds; its end, to note elsewhere: {end.number}:{end.hash}\n")
    return exits.OK


def _day(moment: datetime.datetime) -> str:
    return moment.date().isoformat()
