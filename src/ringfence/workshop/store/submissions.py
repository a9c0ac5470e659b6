"""Submissions, in a transaction: each changes state from one that it is known to be in."""

from __future__ import annotations

import datetime
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from ringfence.errors import WorkshopRefused
from ringfence.plugins import Bundle
from ringfence.workshop.records import OPEN_STATES, Account, State, Submission
from ringfence.workshop.store.inserting import insert
from ringfence.workshop.store.models import AccountRow, SubmissionRow

__all__ = ["Submissions"]

_MOST_LISTED = 200
_NUMBER = re.compile(r"[0-9a-f]{32}")


class Submissions:
    """Uploads and what became of them."""

    def __init__(self, session: Session, now: datetime.datetime) -> None:
        self._session = session
        self._now = now

    def add(
        self,
        account: Account,
        number: int,
        bundle: Bundle,
        data: bytes,
        escalation: Mapping[str, Any],
    ) -> tuple[Submission, bool]:
        """A new submission, or the one of the same account with the same bytes; and whether it
        is new.

        Args:
            account: who sends it.
            number: of its name.
            bundle: what is sent.
            data: the same, packed.
            escalation: what it asks for beyond the release before it.

        Raises:
            WorkshopRefused: this version is there, or under way, with other bytes.
        """
        manifest = bundle.manifest
        row = SubmissionRow(
            id=secrets.token_hex(16),
            account_id=account.id,
            name_id=number,
            name=manifest.name,
            version=manifest.version_text,
            kind=manifest.kind,
            spec=str(manifest.spec),
            title=manifest.title,
            sha256=bundle.sha256,
            length=len(data),
            bundle=data,
            state="uploaded",
            reason="",
            analysis=None,
            trial=None,
            escalation=dict(escalation),
            reviewer="",
            attempts=0,
            created=self._now,
            changed=self._now,
        )
        there = self._live(number, manifest.version_text)
        if there is None and not insert(self._session, row):
            there = self._live(number, manifest.version_text)
        elif there is None:
            return submission_of(row), True
        if there is not None and there.sha256 == bundle.sha256:
            return submission_of(there), False
        state = "under way" if there is None or there.state != "published" else "published"
        raise WorkshopRefused(
            "exists",
            f"{manifest} is {state} with other files, and a version is one thing for ever; give "
            "it another number in plugin.toml",
        )

    def get(self, number: str) -> Submission:
        """One submission.

        Raises:
            WorkshopRefused: there is none.
        """
        return submission_of(self._row(number))

    def data(self, number: str) -> bytes:
        """The bundle of a submission, packed.

        Raises:
            WorkshopRefused: there is none, or it was published or refused and is not kept.
        """
        query = select(SubmissionRow).where(SubmissionRow.id == number)
        row = None
        if _NUMBER.fullmatch(number):
            row = self._session.scalar(query.options(undefer(SubmissionRow.bundle)))
        if row is None or row.bundle is None:
            raise WorkshopRefused("unknown", "the files of this submission are not kept")
        return row.bundle

    def advance(
        self, number: str, expected: tuple[State, ...], to: State, **changes: Any
    ) -> Submission:
        """Bring a submission from one state to another.

        Args:
            number: which.
            expected: in which states it must be.
            to: the new state.
            changes: other columns: reason, analysis, trial, reviewer.

        Raises:
            WorkshopRefused: there is none, or it is in another state.
        """
        row = self._row(number, locked=True)
        if row.state not in expected:
            raise WorkshopRefused(
                "state",
                f"{row.name} {row.version} is {row.state}; that can be done while it is "
                f"{' or '.join(sorted(expected))}",
            )
        if row.state != to:
            row.attempts = 0
        row.state, row.changed = to, self._now
        for column, value in changes.items():
            setattr(row, column, value)
        if to in {"published", "refused"}:
            row.bundle = None
        self._session.flush()
        return submission_of(row)

    def attempt(self, number: str) -> int:
        """Count that the next step is begun; gives how often it was, this time included."""
        row = self._row(number, locked=True)
        row.attempts += 1
        self._session.flush()
        return row.attempts

    def name_of(self, number: str) -> int | None:
        """The number of the name that a submission is for; None where it was given up."""
        return self._row(number).name_id

    def open_of(self, account: Account) -> int:
        """How many submissions of an account something still happens to."""
        query = select(func.count()).where(
            SubmissionRow.account_id == account.id, SubmissionRow.state.in_(OPEN_STATES)
        )
        return self._session.scalar(query) or 0

    def versions_of(self, account: Account) -> int:
        """How many versions of an account are published or under way."""
        query = select(func.count()).where(
            SubmissionRow.account_id == account.id, SubmissionRow.state != "refused"
        )
        return self._session.scalar(query) or 0

    def locked_of(self, account: Account, states: Sequence[State]) -> list[str]:
        """All submissions of an account that are in given states; they stay so until the
        transaction ends.
        """
        query = select(SubmissionRow.id).where(
            SubmissionRow.account_id == account.id, SubmissionRow.state.in_(states)
        )
        return list(self._session.scalars(query.order_by(SubmissionRow.id).with_for_update()))

    def find(
        self, *, states: Sequence[State] = (), account: str = "", most: int = _MOST_LISTED
    ) -> list[Submission]:
        """Submissions: in given states the oldest first, since they wait; else the newest.

        Args:
            states: only in these; none for all.
            account: only of this one.
            most: how many.
        """
        query = select(SubmissionRow)
        if states:
            query = query.where(SubmissionRow.state.in_(states))
        if account:
            query = query.join(AccountRow, SubmissionRow.account_id == AccountRow.id)
            query = query.where(AccountRow.name == account)
        created = SubmissionRow.created if states else SubmissionRow.created.desc()
        query = query.order_by(created, SubmissionRow.id)
        return [submission_of(row) for row in self._session.scalars(query.limit(most))]

    def waiting(self, states: Sequence[State]) -> list[tuple[str, str]]:
        """All submissions in given states, the oldest first, each with its account's name."""
        query = (
            select(SubmissionRow.id, AccountRow.name)
            .join(AccountRow, SubmissionRow.account_id == AccountRow.id)
            .where(SubmissionRow.state.in_(states))
            .order_by(SubmissionRow.created, SubmissionRow.id)
        )
        return [(number, account) for number, account in self._session.execute(query)]

    def _live(self, number: int, version: str) -> SubmissionRow | None:
        return self._session.scalar(
            select(SubmissionRow).where(
                SubmissionRow.name_id == number,
                SubmissionRow.version == version,
                SubmissionRow.state != "refused",
            )
        )

    def _row(self, number: str, *, locked: bool = False) -> SubmissionRow:
        query = select(SubmissionRow).where(SubmissionRow.id == number)
        if locked:
            query = query.with_for_update(of=SubmissionRow)
        row = self._session.scalar(query) if _NUMBER.fullmatch(number) else None
        if row is None:
            raise WorkshopRefused("unknown", f"there is no submission {number[:40]!a}")
        return row


def submission_of(row: SubmissionRow) -> Submission:
    """A row as a value."""
    return Submission(
        id=row.id,
        account=row.account.name,
        name=row.name,
        version=row.version,
        kind=row.kind,
        spec=row.spec,
        title=row.title,
        sha256=row.sha256,
        length=row.length,
        state=cast("State", row.state),
        reason=row.reason,
        analysis=row.analysis,
        trial=row.trial,
        escalation=row.escalation,
        reviewer=row.reviewer,
        created=row.created,
        changed=row.changed,
    )
