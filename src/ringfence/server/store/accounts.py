"""Tenants and their keys, in a transaction."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy
from sqlalchemy import insert, select, update

from ringfence.errors import ConfigurationError
from ringfence.server.access import keys as formats
from ringfence.server.access.keys import Scope
from ringfence.server.store.audit import Audit
from ringfence.server.store.owner import Owner
from ringfence.server.store.tables import keys, tenants

__all__ = ["Accounts", "Allowed", "KeyInfo", "LiveKey", "TenantInfo"]

_TENANT = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_LONGEST_LABEL = 100
_MOST_PER_MINUTE = 100_000  # each start of the last minute is remembered


@dataclass(frozen=True, slots=True)
class TenantInfo:
    """A tenant.

    Attributes:
        name: lower case letters, digits, ``.``, ``_`` and ``-``.
        created: when.
        concurrent: runs at once; None where the server's settings decide, here and below.
        per_minute: runs begun within any 60 seconds.
        cpu_seconds_per_day: CPU seconds of its guests in a day, in UTC.
        stored_bytes: of its saved states, files, snapshots and replies together.
    """

    name: str
    created: datetime.datetime
    concurrent: int | None
    per_minute: int | None
    cpu_seconds_per_day: float | None
    stored_bytes: int | None


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key, without its secret.

    Attributes:
        id: its visible part.
        tenant: whose it is.
        label: what its owner calls it.
        scopes: what it allows.
        created: when.
        expires: from when on it holds no more; None where that is never.
        revoked: when it was ended; None where it was not.
        replaces: the key that it was made instead of.
    """

    id: str
    tenant: str
    label: str
    scopes: frozenset[Scope]
    created: datetime.datetime
    expires: datetime.datetime | None
    revoked: datetime.datetime | None
    replaces: str | None


@dataclass(frozen=True, slots=True)
class LiveKey:
    """A key that was not revoked: what a server needs to know of it.

    Attributes:
        tenant: whose it is.
        digest: of its secret.
        scopes: what it allows.
        expires: from when on it holds no more.
    """

    tenant: str
    digest: str
    scopes: frozenset[Scope]
    expires: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class Allowed:
    """Everybody who may ask.

    Attributes:
        version: changes with each change of a key or a tenant.
        any_key: whether a key was ever made, live or not.
        keys: the live ones, by visible part.
        tenants: all, by name.
    """

    version: int
    any_key: bool
    keys: Mapping[str, LiveKey]
    tenants: Mapping[str, TenantInfo]


class Accounts:
    """Tenants and keys."""

    def __init__(
        self,
        connection: sqlalchemy.Connection,
        now: datetime.datetime,
        owner: Owner,
        audit: Audit,
    ) -> None:
        self._connection = connection
        self._now = now
        self._owner = owner
        self._audit = audit

    # ------------------------------------------------------------------------------------ keys

    def create_key(
        self,
        tenant: str,
        *,
        scopes: Iterable[str] = ("run",),
        label: str = "",
        expires: datetime.datetime | None = None,
    ) -> tuple[str, KeyInfo]:
        """A new key, and what is kept of it; its tenant is made if it is new. The key itself is in
        no place but this.

        Args:
            tenant: whose it will be.
            scopes: what it allows.
            label: what its owner calls it: one line of at most 100 characters.
            expires: from when on it holds no more; None for never.

        Raises:
            ConfigurationError: one of these is wrong.
        """
        if len(label) > _LONGEST_LABEL or not label.isprintable():
            raise ConfigurationError("a label is one line of at most 100 characters")
        wanted = formats.as_scopes(scopes)
        self._need_tenant(tenant)
        return self._add_key(tenant, wanted, label, expires, None)

    def revoke_key(self, key_id: str) -> KeyInfo:
        """End a key for good.

        Raises:
            ConfigurationError: there is none.
        """
        found = self.key(key_id)
        if found.revoked is None:
            self._connection.execute(
                update(keys).where(keys.c.id == key_id).values(revoked=self._now)
            )
            self._changed("key.revoked", found.tenant, {"key": key_id})
        return self.key(key_id)

    def rotate_key(self, key_id: str, grace: datetime.timedelta) -> tuple[str, KeyInfo]:
        """A new key in place of another, which holds for a while yet. The new one holds as long
        from now on as the old one did from its beginning.

        Args:
            key_id: the visible part of the old one.
            grace: for how long the old one still holds; it never holds longer than before.

        Raises:
            ConfigurationError: there is none, or it does not hold any more.
        """
        old = self.key(key_id)
        if old.revoked is not None or (old.expires is not None and old.expires <= self._now):
            raise ConfigurationError(
                f"the key {key_id} does not hold any more; make a new one with: ringfence keys "
                f"create {old.tenant}"
            )
        until = self._now + grace
        until = until if old.expires is None else min(until, old.expires)
        self._connection.execute(update(keys).where(keys.c.id == key_id).values(expires=until))
        expires = None if old.expires is None else self._now + (old.expires - old.created)
        return self._add_key(old.tenant, sorted(old.scopes), old.label, expires, key_id)

    def key(self, key_id: str) -> KeyInfo:
        """A key by its visible part.

        Raises:
            ConfigurationError: there is none.
        """
        row = None
        if formats.is_key_id(key_id):  # what is none may be a whole key: it is not shown
            row = self._connection.execute(select(keys).where(keys.c.id == key_id)).first()
        if row is None:
            raise ConfigurationError(
                "there is no such key: write its visible part, 16 characters, as it is shown by: "
                "ringfence keys list"
            )
        return _key_of(row)

    def keys(self, tenant: str | None = None) -> list[KeyInfo]:
        """All keys, also those that do not hold any more, by tenant and age; or a tenant's."""
        query = select(keys).order_by(keys.c.tenant, keys.c.created, keys.c.id)
        if tenant is not None:
            query = query.where(keys.c.tenant == tenant)
        return [_key_of(row) for row in self._connection.execute(query)]

    # --------------------------------------------------------------------------------- tenants

    def set_tenant(self, name: str, **quotas: float | None) -> TenantInfo:
        """Set quotas of a tenant, which is made if it is new.

        Args:
            name: whose.
            quotas: ``concurrent``, ``per_minute``, ``cpu_seconds_per_day``, ``stored_bytes``; None
                for what the server's settings say. Those that are not named stay as they are.

        Raises:
            ConfigurationError: one of these is wrong.
        """
        for quota, value in quotas.items():
            if value is not None and not 0 < value < float("inf"):
                raise ConfigurationError(f"{quota} is a number above 0")
        if (quotas.get("per_minute") or 0) > _MOST_PER_MINUTE:
            raise ConfigurationError(f"per_minute is at most {_MOST_PER_MINUTE}")
        self._need_tenant(name)
        if quotas:
            self._connection.execute(update(tenants).where(tenants.c.name == name).values(**quotas))
            self._changed("tenant.set", name, quotas)
        return self.tenants()[name]

    def tenants(self) -> dict[str, TenantInfo]:
        """All tenants, by name."""
        rows = self._connection.execute(select(tenants).order_by(tenants.c.name))
        return {row.name: TenantInfo(*row) for row in rows}

    # -------------------------------------------------------------------------------- for servers

    def allowed(self, known: int | None = None) -> Allowed | None:
        """Everybody who may ask; None where that is still the version ``known``."""
        version = self._owner.access
        if version == known:
            return None
        query = select(keys.c.id, keys.c.tenant, keys.c.digest, keys.c.scopes, keys.c.expires)
        live = self._connection.execute(query.where(keys.c.revoked.is_(None)))
        found = {
            row.id: LiveKey(row.tenant, row.digest, frozenset(row.scopes), row.expires)
            for row in live
        }
        any_key = bool(found) or self._connection.scalar(select(keys.c.id).limit(1)) is not None
        return Allowed(version, any_key, found, self.tenants())

    # ------------------------------------------------------------------------------------------

    def _add_key(
        self,
        tenant: str,
        scopes: list[Scope],
        label: str,
        expires: datetime.datetime | None,
        replaces: str | None,
    ) -> tuple[str, KeyInfo]:
        if expires is not None and expires <= self._now:
            raise ConfigurationError("a key expires in the future, or never")
        key = formats.make()
        self._connection.execute(
            insert(keys).values(
                id=key.id,
                tenant=tenant,
                digest=key.digest,
                label=label,
                scopes=scopes,
                created=self._now,
                expires=expires,
                revoked=None,
                replaces=replaces,
            )
        )
        details = {
            "key": key.id,
            "scopes": scopes,
            "expires": None if expires is None else expires.isoformat(),
        }
        if replaces is not None:
            details["replaces"] = replaces
        self._changed("key.created", tenant, details)
        return str(key), self.key(key.id)

    def _need_tenant(self, name: str) -> None:
        if _TENANT.fullmatch(name) is None:
            raise ConfigurationError(
                "a tenant's name is at most 64 lower-case letters, digits, dots, hyphens and "
                "underscores, the first a letter or a digit"
            )
        if self._connection.scalar(select(tenants.c.name).where(tenants.c.name == name)) is None:
            self._connection.execute(insert(tenants).values(name=name, created=self._now))
            self._changed("tenant.created", name, {})

    def _changed(self, kind: str, tenant: str, details: Mapping[str, object]) -> None:
        self._owner.access += 1
        self._audit.append(kind, tenant, None, details)


def _key_of(row: sqlalchemy.Row[tuple[object, ...]]) -> KeyInfo:
    return KeyInfo(
        id=row.id,
        tenant=row.tenant,
        label=row.label,
        scopes=frozenset(row.scopes),
        created=row.created,
        expires=row.expires,
        revoked=row.revoked,
        replaces=row.replaces,
    )
