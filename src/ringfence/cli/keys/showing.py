"""How keys and tenants are shown."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ringfence.cli.escape import escape_line
from ringfence.cli.tables import make_console

if TYPE_CHECKING:
    from ringfence.server.store.accounts import KeyInfo, TenantInfo

__all__ = ["Used", "show_keys", "show_tenants"]


class Used(NamedTuple):
    """CPU seconds of today, and bytes that are kept, by tenant."""

    cpu_seconds: Mapping[str, float]
    stored_bytes: Mapping[str, int]


def show_keys(keys: Iterable[KeyInfo], now: datetime.datetime, *, as_json: bool) -> None:
    """Print keys, without their secrets: none is kept."""
    if as_json:
        _print(
            {
                "id": one.id,
                "tenant": one.tenant,
                "label": one.label,
                "scopes": sorted(one.scopes),
                "created": _moment(one.created),
                "expires": _moment(one.expires),
                "revoked": _moment(one.revoked),
                "replaces": one.replaces,
                "state": _state(one, now),
            }
            for one in keys
        )
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for head in ("key", "tenant", "scopes", "made", "until", "label", ""):
        table.add_column(head)
    for one in keys:
        until = "" if one.expires is None else one.expires.isoformat(" ", "minutes")[:16]
        state = _state(one, now)
        table.add_row(
            one.id,
            one.tenant,
            ", ".join(sorted(one.scopes)),
            one.created.date().isoformat(),
            until,
            escape_line(one.label),
            "" if state == "holds" else state,
        )
    make_console().print(table)


def show_tenants(
    tenants: Iterable[TenantInfo],
    used: Used,
    usual: Mapping[str, float],
    *,
    as_json: bool,
) -> None:
    """Print tenants, their quotas, and what they have of them.

    Args:
        tenants: which.
        used: what they have.
        usual: quotas where a tenant has none of its own.
        as_json: a line of JSON for each.
    """
    names = ("concurrent", "per_minute", "cpu_seconds_per_day", "stored_bytes")
    if as_json:
        _print(
            {
                "name": one.name,
                "created": _moment(one.created),
                **{name: getattr(one, name) for name in names},
                "cpu_seconds_today": used.cpu_seconds.get(one.name, 0.0),
                "bytes_stored": used.stored_bytes.get(one.name, 0),
            }
            for one in tenants
        )
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    quotas_of = ("at once", "per minute", "CPU s a day", "MiB kept")
    for head in ("tenant", *quotas_of, "CPU s today", "MiB now"):
        table.add_column(head)
    for one in tenants:
        quotas = []
        for name in names:
            own = getattr(one, name)
            unit = 1 << 20 if name == "stored_bytes" else 1
            quotas.append(f"({usual[name] / unit:g})" if own is None else f"{own / unit:g}")
        seconds = used.cpu_seconds.get(one.name, 0.0)
        kept = used.stored_bytes.get(one.name, 0) / (1 << 20)
        table.add_row(one.name, *quotas, f"{seconds:.1f}", f"{kept:.1f}")
    make_console().print(table)
    sys.stdout.write("In parentheses: the service's settings.\n")


def _state(key: KeyInfo, now: datetime.datetime) -> str:
    if key.revoked is not None:
        return "revoked"
    return "expired" if key.expires is not None and key.expires <= now else "holds"


def _moment(moment: datetime.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _print(rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        sys.stdout.write(json.dumps(row) + "\n")
