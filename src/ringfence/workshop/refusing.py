"""Ending submissions, within a transaction: what is refused gives its name up, and is told."""

from __future__ import annotations

from typing import Any

from ringfence.workshop.records import State, Submission
from ringfence.workshop.store import Work

__all__ = ["WORKSHOP", "refuse", "refuse_all_of"]

WORKSHOP = "workshop"
"""Who acts in the audit when nobody did."""

_BEFORE_SIGNING: tuple[State, ...] = ("uploaded", "analysed", "tried", "in-review")


def refuse(
    work: Work,
    number: str,
    expected: tuple[State, ...],
    reason: str,
    *,
    by: str = WORKSHOP,
    **changes: Any,
) -> Submission:
    """Refuse a submission.

    Args:
        work: the transaction.
        number: which.
        expected: the states that it may be in.
        reason: why, for its author.
        by: who decided.
        changes: other columns.

    Raises:
        WorkshopRefused: there is none, or it is in another state.
    """
    told = _refuse(work, number, expected, reason, by, **changes)
    _give_up_name(work, number)
    work.audit.add(by, "submission.refused", number, reason=reason)
    return told


def refuse_all_of(work: Work, account: str, reason: str, *, by: str) -> None:
    """Refuse whatever an account has under way that is not being signed now.

    The account's row has to be locked: nothing may come after what is seen here. All submissions
    are locked before any name, as everybody does it: of two that wait for each other one fails.
    """
    numbers = work.submissions.locked_of(work.accounts.get(account), _BEFORE_SIGNING)
    for number in numbers:
        _refuse(work, number, _BEFORE_SIGNING, reason, by)
    for number in numbers:
        _give_up_name(work, number)
        work.audit.add(by, "submission.refused", number, reason=reason)


def _refuse(
    work: Work, number: str, expected: tuple[State, ...], reason: str, by: str, **changes: Any
) -> Submission:
    reviewer = "" if by == WORKSHOP else by
    return work.submissions.advance(
        number, expected, "refused", reason=reason, reviewer=reviewer, **changes
    )


def _give_up_name(work: Work, number: str) -> None:
    name = work.submissions.name_of(number)
    if name is not None:
        work.plugins.give_up(name)
