"""What a workshop knows, as plain values. Texts of bundles and their authors are strangers'."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ringfence.workshop.chain import chain_hash

__all__ = [
    "OPEN_STATES",
    "SCOPES",
    "Account",
    "AuditRow",
    "Caller",
    "Plugin",
    "PluginVersion",
    "Scope",
    "State",
    "Status",
    "Submission",
    "TokenInfo",
]

Scope = Literal["publish", "review", "operate"]

SCOPES: tuple[Scope, ...] = ("publish", "review", "operate")
"""What an account may do, and a token of it: ``publish`` its own plugins; ``review`` those of
others; ``operate`` the workshop, which is to withdraw anything."""

State = Literal["uploaded", "analysed", "tried", "in-review", "refused", "publishing", "published"]

OPEN_STATES: tuple[State, ...] = ("uploaded", "analysed", "tried", "in-review", "publishing")
"""States of a submission that something still happens to."""

Status = Literal["published", "yanked", "revoked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who publishes, or reviews.

    Attributes:
        id: of the row.
        name: lower-case words with hyphens; never given to somebody else.
        scopes: what its tokens may be allowed.
        created: when.
        closed: since when nobody may use it; None while it is open.
    """

    id: int
    name: str
    scopes: frozenset[Scope]
    created: datetime.datetime
    closed: datetime.datetime | None = None

    def may(self, scope: Scope) -> bool:
        """Whether it is open, and may do something."""
        return self.closed is None and scope in self.scopes


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenInfo:
    """A token, without its secret, which nobody has but whom it was shown to.

    Attributes:
        id: the part of it that may be seen.
        account: whose.
        label: what its owner calls it.
        scopes: what it allows.
        created: when.
        expires: until when it holds.
        revoked: since when it does not; None if it was not revoked.
        parent: the token that made it, and that it ends with; empty if the operator did.
    """

    id: str
    account: str
    label: str
    scopes: frozenset[Scope]
    created: datetime.datetime
    expires: datetime.datetime
    revoked: datetime.datetime | None = None
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: an account, and what the token that it came with allows.

    Attributes:
        account: who.
        scopes: what is allowed: those of the token that the account has too.
        token: the visible part of the token; empty where none was needed.
    """

    account: Account
    scopes: frozenset[Scope]
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One upload, and what became of it.

    Attributes:
        id: an unguessable name for it.
        account: who sent it.
        name, version, kind, spec, title: what its manifest says.
        sha256, length: of the packed bundle.
        state: where it is: ``uploaded``, ``analysed``, ``tried``, ``in-review``, ``refused``,
            ``publishing``, ``published``.
        reason: why it is there, for people; empty where there is nothing to say.
        analysis: what the static analysis found, as JSON values; None before it was made.
        trial: what came of the spec's test cases, the same.
        escalation: ``packages`` and ``grants`` that it asks for beyond the release before it; its
            ``kind`` and the name of its ``spec``, if they are others. Each is a list.
        reviewer: who decided; empty where nobody did.
        created, changed: when it came, and when it last changed state.
    """

    id: str
    account: str
    name: str
    version: str
    kind: str
    spec: str
    title: str
    sha256: str
    length: int
    state: State
    reason: str
    analysis: Mapping[str, Any] | None
    trial: Mapping[str, Any] | None
    escalation: Mapping[str, Any]
    reviewer: str
    created: datetime.datetime
    changed: datetime.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginVersion:
    """One version of a plugin that was published.

    Attributes:
        name, version: which.
        account: whose.
        title, description, author, kind, spec: what its manifest says.
        packages, grants: what it asks for.
        sha256, length: of the packed bundle.
        status: ``published``, ``yanked`` (nobody new gets it), ``revoked`` (nobody loads it).
        reason: why it is no longer offered; empty while it is.
        created: when it was published.
    """

    name: str
    version: str
    account: str
    title: str
    description: str
    author: str
    kind: str
    spec: str
    packages: tuple[str, ...]
    grants: tuple[str, ...]
    sha256: str
    length: int
    status: Status
    reason: str
    created: datetime.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A name, with the version that people are offered.

    Attributes:
        name: of the plugin.
        account: who has it, for ever.
        latest: the highest version that is neither yanked nor revoked; None if all are.
    """

    name: str
    account: str
    latest: PluginVersion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One thing that was done.

    Attributes:
        number: from 1, without gaps.
        at: when.
        actor: which account, or ``workshop`` and ``operator`` for what no account did.
        action: what: ``account.created``, ``release.revoked``, …
        subject: what it was done to.
        detail: what else there is to say, as JSON values.
        previous: the hash of the row before; of the first, 64 zeros.
        hash: SHA-256 of all the above, in hexadecimal.
    """

    number: int
    at: datetime.datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    previous: str
    hash: str

    @property
    def told(self) -> str:
        """What it says, in a few words."""
        return f"{self.action} at {self.at.isoformat()}"

    def expected(self, previous: str) -> str:
        """What its hash would be after a row with the hash ``previous``."""
        return chain_hash(
            self.number, self.at, self.actor, self.action, self.subject, self.detail, previous
        )
