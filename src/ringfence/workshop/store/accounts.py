"""Accounts and tokens, in a transaction."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from typing import cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ringfence.errors import WorkshopRefused
from ringfence.plugins.manifest import is_plugin_name
from ringfence.workshop.names import check_name, skeleton
from ringfence.workshop.records import SCOPES, Account, Caller, Scope, TokenInfo
from ringfence.workshop.store.inserting import insert
from ringfence.workshop.store.models import AccountRow, TokenRow

__all__ = ["Accounts", "account_of"]

_TOKEN = re.compile(r"rfw_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")
_NUMBER = re.compile(r"[0-9a-f]{16}")
_LONGEST_LABEL = 100
_MOST_DAYS = 3_660
_MOST_TOKENS = 50
_RESERVED = frozenset({"workshop", "operator", "ringfence", "admin"})
_WRONG = "the token does not hold: it is mistyped, revoked or expired; ask for a new one"


class Accounts:
    """Accounts and their tokens."""

    def __init__(self, session: Session, now: datetime.datetime) -> None:
        self._session = session
        self._now = now

    def create(self, name: str, scopes: Iterable[Scope]) -> Account:
        """A new account.

        Raises:
            WorkshopRefused: the name is none, is taken (also by an account that was closed), or
                reads like one that is; a scope is none.
        """
        check_name(name, "an account")
        alike = skeleton(name)
        if name in _RESERVED or alike in {skeleton(one) for one in _RESERVED}:
            raise WorkshopRefused("taken", f"the name {name} is the workshop's own; take another")
        other = self._session.scalar(select(AccountRow).where(AccountRow.skeleton == alike))
        if other is not None:
            raise _taken("account", name, other.name)
        row = AccountRow(
            name=name, skeleton=alike, scopes=_scopes(scopes), created=self._now, closed=None
        )
        if not insert(self._session, row):
            raise _taken("account", name, name)
        return account_of(row)

    def get(self, name: str) -> Account:
        """An account by name.

        Raises:
            WorkshopRefused: there is none.
        """
        return account_of(self._row(name))

    def all(self) -> list[Account]:
        """All accounts, by name."""
        rows = self._session.scalars(select(AccountRow).order_by(AccountRow.name))
        return [account_of(row) for row in rows]

    def allow(self, name: str, scopes: Iterable[Scope]) -> Account:
        """Set what an account may do; tokens allow no more than that from now on."""
        row = self._row(name, locked=True)
        row.scopes = _scopes(scopes)
        return account_of(row)

    def close(self, name: str) -> Account:
        """Close an account for good: no token of it holds. Its names stay its own."""
        row = self._row(name, locked=True)
        if row.closed is None:
            row.closed = self._now
        return account_of(row)

    def check_open(self, name: str) -> None:
        """Let an account pass that was not closed since somebody asked for it.

        Raises:
            WorkshopRefused: it was.
        """
        if self._row(name).closed is not None:
            raise WorkshopRefused("not-allowed", f"the account {name} is closed")

    def locked(self, name: str) -> Account:
        """An account, which nobody closes or allows less until the transaction ends.

        Raises:
            WorkshopRefused: there is none.
        """
        return account_of(self._row(name, locked=True))

    def check_may(self, name: str, scope: Scope) -> None:
        """Let an account pass that may do something still, and until the transaction ends.

        Raises:
            WorkshopRefused: it was closed, or may it no more, since somebody asked for it.
        """
        account = self.locked(name)
        if account.closed is not None:
            raise WorkshopRefused("not-allowed", f"the account {name} is closed")
        if not account.may(scope):
            raise WorkshopRefused("not-allowed", f"the account {name} may not {scope} any more")

    def new_token(
        self,
        name: str,
        *,
        scopes: Iterable[Scope] | None,
        label: str,
        days: int,
        parent: str = "",
    ) -> tuple[str, TokenInfo]:
        """A new token of an account, and what is kept of it. The token is in no place but this.

        Args:
            name: of the account.
            scopes: what it allows; None for all that the account may.
            label: what its owner calls it.
            days: how long it holds.
            parent: the token that makes it, by its visible part: the new one holds no longer.

        Raises:
            WorkshopRefused: there is no such account, or it is closed; the account may less; the
                parent does not hold any more.
        """
        self.check_open(name)
        row = self._row(name)
        wanted = row.scopes if scopes is None else _scopes(scopes)
        if not set(wanted) <= set(row.scopes):
            raise WorkshopRefused(
                "not-allowed",
                f"the account {name} may {', '.join(row.scopes) or 'do nothing'}, and a token of "
                "it no more",
            )
        if len(label) > _LONGEST_LABEL or not label.isprintable():
            raise WorkshopRefused("malformed", "a label is one line of at most 100 characters")
        if not 1 <= days <= _MOST_DAYS:
            raise WorkshopRefused("malformed", f"a token holds for 1 to {_MOST_DAYS} days")
        if len([one for one in self.tokens(name) if self._holds(one)]) >= _MOST_TOKENS:
            raise WorkshopRefused(
                "too-many", f"the account {name} has {_MOST_TOKENS} tokens; revoke one first"
            )
        expires = self._now + datetime.timedelta(days=days)
        if parent:
            maker = self._token(parent, account=name)  # locked: nobody ends it meanwhile
            if not self._holds(_token_of(maker)):
                raise WorkshopRefused("not-signed-in", _WRONG)
            expires = min(expires, maker.expires)
        number, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
        token = TokenRow(
            id=number,
            account_id=row.id,
            account=row,
            digest=_digest(secret),
            label=label,
            scopes=list(wanted),
            created=self._now,
            expires=expires,
            revoked=None,
            parent=parent or None,
        )
        self._session.add(token)
        self._session.flush()
        return f"rfw_{number}_{secret}", _token_of(token)

    def tokens(self, name: str) -> list[TokenInfo]:
        """The tokens of an account, the oldest first."""
        query = select(TokenRow).where(TokenRow.account_id == self._row(name).id)
        rows = self._session.scalars(query.order_by(TokenRow.created, TokenRow.id))
        return [_token_of(row) for row in rows]

    def revoke_token(self, number: str, *, account: str | None = None) -> list[TokenInfo]:
        """End a token, and whatever was made with it; gives all of them, itself first.

        Args:
            number: its visible part.
            account: whose it must be.

        Raises:
            WorkshopRefused: there is none.
        """
        ended = [self._token(number, account=account)]
        for row in ended:  # which grows
            if row.revoked is None:
                row.revoked = self._now
            made = select(TokenRow).where(
                TokenRow.account_id == row.account_id, TokenRow.parent == row.id
            )
            ended += self._session.scalars(_locked(made.order_by(TokenRow.id)))
        self._session.flush()
        return [_token_of(row) for row in ended]

    def sign_in(self, token: str) -> Caller:
        """Who a token belongs to, and what it allows.

        Raises:
            WorkshopRefused: it does not hold; what is wrong with it is not told.
        """
        match = _TOKEN.fullmatch(token)
        row = None if match is None else self._session.get(TokenRow, match[1])
        if match is None or row is None:
            raise WorkshopRefused("not-signed-in", _WRONG)
        # 256 random bits need no slow hash; the comparison takes as long for any.
        right = hmac.compare_digest(row.digest, _digest(match[2]))
        if not (right and self._holds(_token_of(row)) and row.account.closed is None):
            raise WorkshopRefused("not-signed-in", _WRONG)
        account = account_of(row.account)
        allowed = cast("frozenset[Scope]", frozenset(row.scopes) & account.scopes)
        return Caller(account, allowed, row.id)

    def _token(self, number: str, *, account: str | None) -> TokenRow:
        """A token's row, locked: nobody ends it, or makes another with it, meanwhile.

        A whole token is taken for its visible part: who ends one that has leaked has that at hand.
        """
        match = _TOKEN.fullmatch(number)
        number = number if match is None else match[1]
        query = _locked(select(TokenRow).where(TokenRow.id == number))
        row = self._session.scalar(query) if _NUMBER.fullmatch(number) else None
        if row is None or (account is not None and row.account.name != account):
            # What was given may be a secret: it is not told.
            raise WorkshopRefused(
                "unknown", "there is no such token; name it by the 16 digits by which it is listed"
            )
        return row

    def _holds(self, token: TokenInfo) -> bool:
        return token.revoked is None and self._now < token.expires

    def _row(self, name: str, *, locked: bool = False) -> AccountRow:
        row = None
        if is_plugin_name(name):
            query = select(AccountRow).where(AccountRow.name == name)
            if locked:  # but for what refers to it, which does not change it
                query = query.with_for_update(key_share=True)
                query = query.execution_options(populate_existing=True)
            row = self._session.scalar(query)
        if row is None:
            raise WorkshopRefused("unknown", f"there is no account {name[:80]!a}")
        return row


def account_of(row: AccountRow) -> Account:
    """A row as a value."""
    return Account(
        id=row.id,
        name=row.name,
        scopes=cast("frozenset[Scope]", frozenset(row.scopes)),
        created=row.created,
        closed=row.closed,
    )


def _token_of(row: TokenRow) -> TokenInfo:
    return TokenInfo(
        id=row.id,
        account=row.account.name,
        label=row.label,
        scopes=cast("frozenset[Scope]", frozenset(row.scopes)),
        created=row.created,
        expires=row.expires,
        revoked=row.revoked,
        parent=row.parent or "",
    )


def _locked(query: Select[TokenRow]) -> Select[TokenRow]:
    return query.with_for_update(of=TokenRow).execution_options(populate_existing=True)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _scopes(scopes: Iterable[str]) -> list[str]:
    wanted = set(scopes)
    if not wanted <= set(SCOPES):
        raise WorkshopRefused(
            "malformed", f"a scope is one of {', '.join(SCOPES)}, got {ascii(sorted(wanted))[:80]}"
        )
    return [one for one in SCOPES if one in wanted]


def _taken(what: str, name: str, other: str) -> WorkshopRefused:
    if other == name:
        return WorkshopRefused(
            "taken", f"the {what} name {name} is taken, and is never given to anybody else"
        )
    return WorkshopRefused(
        "confusable",
        f"the {what} name {name} can be taken for {other}, which is somebody's; take another",
    )
