"""A workshop: the database, the keys, and what it knows, put together."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Self

from ringfence.database.chain import Head, verify
from ringfence.errors import WorkshopNotUsable
from ringfence.workshop.intake import Intake
from ringfence.workshop.members import Members
from ringfence.workshop.ports import Analyze, Signer
from ringfence.workshop.records import AuditRow
from ringfence.workshop.releases import Releases
from ringfence.workshop.rules import Rules
from ringfence.workshop.specs import as_specs
from ringfence.workshop.store import Store

__all__ = ["Workshop"]


class Workshop:
    """Where plugins are published. Use it in a ``with`` block; its methods may be called from
    several threads, and several processes may have the same database.

    Args:
        store: the database.
        signer: who signs.
        specs: what bundles may be written for: classes of hooks, or any
            :class:`ringfence.workshop.ports.Spec`.
        analyze: the static analysis; None for :func:`ringfence.plugins.analysis.analyze`.
        rules: what the operator decided.

    Attributes:
        rules: the same.
        accounts: who may do what.
        submissions: uploads, and what becomes of them.
        releases: what is published.
        recovered: what was finished or undone when it was opened, for people.
    """

    def __init__(
        self,
        store: Store,
        signer: Signer,
        *,
        specs: Iterable[Any] = (),
        analyze: Analyze | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.rules = Rules() if rules is None else rules
        self._store = store
        self.accounts = Members(store, self.rules)
        self.releases = Releases(store, signer)
        self.submissions = Intake(
            store,
            self.releases,
            as_specs(specs),
            _analysis() if analyze is None else analyze,
            self.rules,
        )
        self.recovered: list[str] = []

    @classmethod
    def open(
        cls,
        database: str,
        repository: str | os.PathLike[str] | Signer,
        *,
        specs: Iterable[Any] = (),
        analyze: Analyze | None = None,
        rules: Rules | None = None,
        clock: Callable[[], datetime.datetime] | None = None,
        patience: float = 10.0,
        migrating: bool = True,
    ) -> Self:
        """Open a workshop: its database gets the schema of this version, and what was stopped in
        the middle is finished or undone.

        Args:
            database: the path of a file, ``sqlite:///path`` or ``postgresql://user@host/name``.
            repository: the folder with the keys, or who signs instead.
            specs: as for the class.
            analyze: as for the class.
            rules: as for the class.
            clock: the time, with a zone.
            patience: seconds to wait for a lock or a connection.
            migrating: bring the database to this version; else it must be there.

        Raises:
            ConfigurationError: ``database`` names no database that is supported.
            WorkshopNotUsable: the database is of a newer Ringfence.
            WorkshopNotAvailable: it does not answer.
        """
        signer = _signer(repository)
        options: dict[str, Any] = {} if clock is None else {"clock": clock}
        store = Store.open(database, migrating=migrating, patience=patience, **options)
        try:
            workshop = cls(store, signer, specs=specs, analyze=analyze, rules=rules)
            workshop.recovered = workshop.releases.recover()
        except BaseException:
            store.close()
            raise
        return workshop

    @property
    def database(self) -> str:
        """The address of the database, without a password."""
        return self._store.name

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all connections to the database."""
        self._store.close()

    def process_all(self) -> None:
        """Take everything that waits as far as it goes without a person.

        Raises:
            RingfenceError: a step could not be made; what comes after it waits.
        """
        for number in self.submissions.waiting():
            self.submissions.process(number)

    # --- the audit ------------------------------------------------------------------------

    def audit(self, after: int = 0, most: int | None = None) -> Iterator[AuditRow]:
        """What was done, in order.

        Args:
            after: only rows with a higher number.
            most: how many.
        """
        with self._store.read() as work:
            yield from work.audit.rows(after, most)

    def audit_head(self) -> Head:
        """The end of the audit chain; note it where the database's owner cannot write."""
        with self._store.read() as work:
            return work.audit.head()

    def verify_audit(self, noted: Head | None = None) -> Head:
        """Verify the whole audit chain; gives its end.

        Args:
            noted: an end that was noted before, which must still be on it.

        Raises:
            WorkshopNotUsable: a row was changed, removed or added; names the first.
        """
        with self._store.read() as work:
            head = work.audit.head()
            verify(work.audit.rows(), head, noted=noted, refused=WorkshopNotUsable)
        return head


def _analysis() -> Analyze:
    from ringfence.plugins.analysis import analyze

    return analyze


def _signer(repository: str | os.PathLike[str] | Signer) -> Signer:
    if isinstance(repository, str | os.PathLike):
        from ringfence.workshop.signing import Repository

        signer: Signer = Repository.open(repository)
        return signer
    return repository
