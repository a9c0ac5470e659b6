"""The tables. ``migrations/`` makes them; a test holds the two against each other."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from ringfence.database.columns import NAMING, Moment

__all__ = [
    "AccountRow",
    "AuditEntry",
    "Base",
    "ChainRow",
    "NameRow",
    "ReleaseRow",
    "SubmissionRow",
    "TokenRow",
]


class Base(DeclarativeBase):
    """What all tables share: constraints have names, which migrations need."""

    metadata = MetaData(naming_convention=NAMING)


class AccountRow(Base):
    """Accounts: never deleted, so that no name comes back."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    skeleton: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created: Mapped[datetime.datetime] = mapped_column(Moment)
    closed: Mapped[datetime.datetime | None] = mapped_column(Moment)


class TokenRow(Base):
    """Tokens: what they are is hashed, and nobody can read it here."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created: Mapped[datetime.datetime] = mapped_column(Moment)
    expires: Mapped[datetime.datetime] = mapped_column(Moment)
    revoked: Mapped[datetime.datetime | None] = mapped_column(Moment)
    parent: Mapped[str | None] = mapped_column(String(16))  # the token that made it

    account: Mapped[AccountRow] = relationship(lazy="joined")


class NameRow(Base):
    """Names of plugins, and whose they are. Kept for ever once something was published."""

    __tablename__ = "names"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    skeleton: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    created: Mapped[datetime.datetime] = mapped_column(Moment)
    kept: Mapped[bool]  # a version was published, or is being

    account: Mapped[AccountRow] = relationship(lazy="joined")


class SubmissionRow(Base):
    """Uploads, with the bytes until they are published or refused."""

    __tablename__ = "submissions"
    __table_args__ = (
        # One version is under way, or there, once: of two uploads at the same time one loses here.
        Index(
            "uq_submissions_one_of_a_version",
            "name_id",
            "version",
            unique=True,
            sqlite_where=text("state <> 'refused'"),
            postgresql_where=text("state <> 'refused'"),
        ),
        CheckConstraint(
            "state IN ('uploaded', 'analysed', 'tried', 'in-review', 'refused', 'publishing', "
            "'published')",
            name="state",
        ),
        Index("ix_submissions_state_created", "state", "created"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    name_id: Mapped[int | None] = mapped_column(ForeignKey("names.id"))
    name: Mapped[str] = mapped_column(String(64))  # also when the name was given up again
    version: Mapped[str] = mapped_column(String(24))
    kind: Mapped[str] = mapped_column(String(64))
    spec: Mapped[str] = mapped_column(String(96))
    title: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    length: Mapped[int]
    bundle: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    analysis: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    trial: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    escalation: Mapped[dict[str, Any]] = mapped_column(JSON)
    reviewer: Mapped[str] = mapped_column(String(64))
    attempts: Mapped[int]
    created: Mapped[datetime.datetime] = mapped_column(Moment)
    changed: Mapped[datetime.datetime] = mapped_column(Moment)

    account: Mapped[AccountRow] = relationship(lazy="joined")


class ReleaseRow(Base):
    """Versions that were published. The signed metadata is the truth; this is what is searched."""

    __tablename__ = "releases"
    __table_args__ = (
        UniqueConstraint("name_id", "major", "minor", "patch"),
        Index(
            "uq_releases_latest_of_a_name",
            "name_id",
            unique=True,
            sqlite_where=text("latest"),
            postgresql_where=text("latest"),
        ),
        CheckConstraint("status IN ('published', 'yanked', 'revoked')", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name_id: Mapped[int] = mapped_column(ForeignKey("names.id"))
    major: Mapped[int]
    minor: Mapped[int]
    patch: Mapped[int]
    author: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(64))
    spec_name: Mapped[str] = mapped_column(String(64))
    spec_version: Mapped[str] = mapped_column(String(16))
    packages: Mapped[list[str]] = mapped_column(JSON)
    grants: Mapped[list[str]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    length: Mapped[int]
    status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    latest: Mapped[bool]  # the highest version of the name that is offered
    searched: Mapped[str] = mapped_column(Text)  # name, title, description, author, in lower case
    created: Mapped[datetime.datetime] = mapped_column(Moment)

    plugin: Mapped[NameRow] = relationship(lazy="joined")


class AuditEntry(Base):
    """What was done, by whom; each row holds the hash of the one before."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime.datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class ChainRow(Base):
    """The end of the audit chain: one row, which whoever writes locks first."""

    __tablename__ = "chain"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
