"""Accounts and their tokens, each change with its audit row."""

from __future__ import annotations

from collections.abc import Iterable

from ringfence.errors import WorkshopRefused
from ringfence.workshop.records import Account, Caller, Scope, TokenInfo
from ringfence.workshop.rules import Rules
from ringfence.workshop.store import Store

__all__ = ["OPERATOR", "Members", "require"]

OPERATOR = "operator"
"""Who acts in the audit when it is the command line beside the database."""


def require(caller: Caller, scope: Scope) -> None:
    """Let a caller pass who may.

    Raises:
        WorkshopRefused: the caller may not.
    """
    if scope not in caller.scopes:
        raise WorkshopRefused(
            "not-allowed",
            f"{caller.account.name} may not {scope} with this token; ask the workshop's operator "
            "for one that may",
        )


class Members:
    """Who may do what."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules

    def create(
        self, name: str, scopes: Iterable[Scope] = ("publish",), *, by: str = OPERATOR
    ) -> Account:
        """A new account.

        Args:
            name: lower-case words with hyphens, at most 64 characters.
            scopes: what it may: ``publish``, ``review``, ``operate``.
            by: who makes it.

        Raises:
            WorkshopRefused: the name is none, was had by somebody, or reads like one that was.
        """
        with self._store.write() as work:
            account = work.accounts.create(name, scopes)
            work.audit.add(by, "account.created", name, scopes=sorted(account.scopes))
        return account

    def register(self, name: str) -> tuple[str, TokenInfo]:
        """An account that somebody makes for themselves, and its first token.

        Raises:
            WorkshopRefused: this workshop's operator makes accounts; or as for :meth:`create`.
        """
        if not self._rules.register:
            raise WorkshopRefused(
                "not-allowed", "accounts of this workshop are made by its operator; ask for one"
            )
        with self._store.write() as work:
            account = work.accounts.create(name, ("publish",))
            work.audit.add(name, "account.created", name, scopes=sorted(account.scopes))
            token, info = work.accounts.new_token(
                name, scopes=None, label="first", days=self._rules.token_days
            )
            work.audit.add(name, "token.created", info.id, account=name, scopes=sorted(info.scopes))
        return token, info

    def all(self) -> list[Account]:
        """All accounts, by name."""
        with self._store.read() as work:
            return work.accounts.all()

    def allow(self, name: str, scopes: Iterable[Scope], *, by: str = OPERATOR) -> Account:
        """Set what an account may do.

        Raises:
            WorkshopRefused: there is no such account, or scope.
        """
        with self._store.write() as work:
            account = work.accounts.allow(name, scopes)
            work.audit.add(by, "account.allowed", name, scopes=sorted(account.scopes))
        return account

    def close(self, name: str, *, by: str = OPERATOR) -> Account:
        """Close an account for good. Its names stay its own, and what it published stays.

        Raises:
            WorkshopRefused: there is no such account.
        """
        with self._store.write() as work:
            account = work.accounts.close(name)
            work.audit.add(by, "account.closed", name)
        return account

    def new_token(
        self,
        name: str,
        *,
        scopes: Iterable[Scope] | None = None,
        label: str = "",
        days: int | None = None,
        by: str = OPERATOR,
    ) -> tuple[str, TokenInfo]:
        """A new token of an account, which is shown this once, and what is kept of it.

        Args:
            name: of the account.
            scopes: what it allows; None for all that the account may.
            label: what its owner calls it.
            days: how long it holds; None for what the rules say.
            by: who makes it.

        Raises:
            WorkshopRefused: there is no such account, it is closed, or it may less.
        """
        days = self._rules.token_days if days is None else days
        with self._store.write() as work:
            token, info = work.accounts.new_token(name, scopes=scopes, label=label, days=days)
            work.audit.add(by, "token.created", info.id, account=name, scopes=sorted(info.scopes))
        return token, info

    def tokens(self, name: str) -> list[TokenInfo]:
        """The tokens of an account, without their secrets.

        Raises:
            WorkshopRefused: there is no such account.
        """
        with self._store.read() as work:
            return work.accounts.tokens(name)

    def revoke_token(
        self, number: str, *, account: str | None = None, by: str = OPERATOR
    ) -> TokenInfo:
        """End a token at once.

        Args:
            number: its visible part.
            account: whose it must be; None for any.
            by: who ends it.

        Raises:
            WorkshopRefused: there is none.
        """
        with self._store.write() as work:
            info = work.accounts.revoke_token(number, account=account)
            work.audit.add(by, "token.revoked", number, account=info.account)
        return info

    def sign_in(self, token: str) -> Caller:
        """Who a token belongs to, and what it allows.

        Raises:
            WorkshopRefused: it does not hold.
        """
        with self._store.read() as work:
            return work.accounts.sign_in(token)

    def caller(self, name: str) -> Caller:
        """An account as a caller without a token, for an application that knows who asks.

        Raises:
            WorkshopRefused: there is no such account, or it is closed.
        """
        with self._store.read() as work:
            account = work.accounts.get(name)
        if account.closed is not None:
            raise WorkshopRefused("not-allowed", f"the account {name} is closed")
        return Caller(account, account.scopes)
