"""Publishing, withdrawing and finding releases. The signed metadata is the truth of what is
published; the database follows it.

A publication is a saga of three steps: the row says ``publishing``; the bundle is signed; the row
says ``published``. Whoever is stopped between two of them leaves a row that says ``publishing``:
:meth:`Releases.recover` finishes it, since signing the same again changes nothing, or undoes it.
"""

from __future__ import annotations

import datetime
import threading
from dataclasses import replace
from typing import cast

from ringfence.errors import BundleRefused, RingfenceError, WorkshopNotAvailable, WorkshopRefused
from ringfence.plugins import Bundle
from ringfence.workshop.members import require
from ringfence.workshop.ports import SignedRelease, Signer
from ringfence.workshop.records import (
    Account,
    Caller,
    Plugin,
    PluginVersion,
    State,
    Status,
    Submission,
)
from ringfence.workshop.refusing import WORKSHOP as _WORKSHOP
from ringfence.workshop.refusing import refuse
from ringfence.workshop.store import Store, Work
from ringfence.workshop.texts import check_text

__all__ = ["Releases", "read_submitted"]


def read_submitted(told: Submission, data: bytes) -> Bundle:
    """The bundle of a submission, if it is the one that was submitted.

    Raises:
        BundleRefused: the database holds another.
    """
    bundle = Bundle.unpack(data)
    if bundle.sha256 != told.sha256:
        raise BundleRefused("", "what the database holds is not what was submitted")
    return bundle


class Releases:
    """What is published.

    Args:
        store: the database.
        signer: who signs.
    """

    def __init__(self, store: Store, signer: Signer) -> None:
        self._store = store
        self._signer = signer
        self._signing = threading.RLock()

    # --- publishing -----------------------------------------------------------------------

    def publish(self, number: str, expected: tuple[State, ...], *, by: str) -> Submission:
        """Publish a submission; or refuse it, if its account is closed or may not publish any more.

        Args:
            number: which.
            expected: the states that it may be in.
            by: who decided.

        Raises:
            WorkshopRefused: it is in another state.
            WorkshopNotAvailable: the database went away; it is finished or undone later.
            RingfenceError: it could not be signed; it is in review again.
        """
        with self._store.write() as work:
            # The account first, and locked: nobody closes it until this is decided.
            account = work.accounts.locked(work.submissions.get(number).account)
            if not account.may("publish"):
                return refuse(work, number, expected, _not_any_more(account))
            told = work.submissions.advance(
                number, expected, "publishing", reason="", reviewer="" if by == _WORKSHOP else by
            )
            name = work.submissions.name_of(number)
            assert name is not None
            work.plugins.keep(name)
            work.audit.add(
                by, "submission.publishing", number,
                name=told.name, version=told.version, sha256=told.sha256,
            )  # fmt: skip
        return self.finish(number)

    def finish(self, number: str) -> Submission:
        """Sign what is ``publishing``, and say that it is published; or undo it. What is not signed
        yet is refused, if its account is closed or may not publish any more.

        Raises:
            WorkshopNotAvailable: the database went away; call it again.
            RingfenceError: it cannot be signed; it is in review again.
        """
        with self._signing:
            with self._store.read() as work:
                told = work.submissions.get(number)
                if told.state != "publishing":
                    return told
                data = work.submissions.data(number)
                account = work.accounts.get(told.account)
            if not account.may("publish") and not self._is_signed(told):
                with self._store.write() as work:
                    return refuse(work, number, ("publishing",), _not_any_more(account))
            try:
                bundle = read_submitted(told, data)
            except BundleRefused as error:
                self._undo(told, error)
                raise
            try:
                self._signer.publish(bundle)
            except RingfenceError as error:
                if not self._is_signed(told):
                    self._undo(told, error)
                    raise
            with self._store.write() as work:
                name = work.submissions.name_of(number)
                assert name is not None
                told = work.submissions.advance(number, ("publishing",), "published")
                work.plugins.add_release(name, bundle, len(data))
                work.audit.add(
                    _WORKSHOP, "release.published", f"{told.name} {told.version}",
                    sha256=told.sha256, submission=number,
                )  # fmt: skip
            return told

    def _is_signed(self, told: Submission) -> bool:
        signed = self._signer.releases().get((told.name, told.version))
        return signed is not None and signed.sha256 == told.sha256

    def _undo(self, told: Submission, error: RingfenceError) -> None:
        reason = f"it was not signed, and is not published: {error}"[:1000]
        with self._store.write() as work:
            work.submissions.advance(told.id, ("publishing",), "in-review", reason=reason)
            work.audit.add(_WORKSHOP, "submission.undone", told.id, reason=reason)

    def recover(self) -> list[str]:
        """Finish or undo what was stopped; says for people what there was.

        Raises:
            WorkshopNotAvailable: the database does not answer.
        """
        done = []
        with self._store.read() as work:
            waiting = work.submissions.find(states=("publishing",))
        for one in waiting:
            try:
                told = self.finish(one.id)
                done.append(f"{one.name} {one.version}: it is {told.state} now")
            except WorkshopNotAvailable:
                raise
            except RingfenceError as error:
                done.append(f"{one.name} {one.version}: it is in review again: {error}")
        return done + self._follow()

    def _follow(self) -> list[str]:
        """Bring the database to what is signed."""
        done = []
        with self._store.read() as work:
            known = work.plugins.statuses()
        for (name, version), signed in self._signer.releases().items():
            here = known.get((name, version))
            if here is None:
                done.append(
                    f"{name} {version} is signed and not in the database, as after an old backup; "
                    "clients have it, the search does not, and the name is given to nobody; an "
                    "account that may operate can revoke it"
                )
            elif here[:2] != (signed.status, signed.reason):
                with self._store.write() as work:
                    status = cast("Status", signed.status)
                    work.plugins.set_status(name, version, status, signed.reason)
                    work.audit.add(_WORKSHOP, "release.followed", f"{name} {version}", to=status)
                done.append(f"{name} {version}: it is {signed.status} now, as is signed")
        return done

    def is_signed_name(self, name: str) -> bool:
        """Whether anything was ever signed under a name."""
        return any(one == name for one, _ in self._signer.releases())

    # --- withdrawing ----------------------------------------------------------------------

    def yank(self, caller: Caller, name: str, version: str, reason: str) -> PluginVersion:
        """Offer a version to nobody new; who has it keeps it.

        An operator may withdraw, and offer again, also what is signed and not in the database: such
        a release has no account, and nothing that only a manifest says.

        Raises:
            WorkshopRefused: there is none; it is not the caller's.
        """
        return self._withdraw(caller, name, version, "yanked", reason)

    def revoke(self, caller: Caller, name: str, version: str, reason: str) -> PluginVersion:
        """Let nobody load a version any more, not even who has it.

        Raises:
            WorkshopRefused: there is none; it is not the caller's.
        """
        return self._withdraw(caller, name, version, "revoked", reason)

    def reinstate(self, caller: Caller, name: str, version: str) -> PluginVersion:
        """Offer a version again. One that was revoked only the workshop's operator can.

        Raises:
            WorkshopRefused: there is none; it is not the caller's.
        """
        return self._withdraw(caller, name, version, "published", "")

    def _withdraw(
        self, caller: Caller, name: str, version: str, status: Status, reason: str
    ) -> PluginVersion:
        if status != "published":
            check_text(reason, "a reason", longest=500)
        with self._signing:
            with self._store.write() as work:
                before, known = self._to_withdraw(work, caller, name, version)
                self._may_withdraw(caller, before, status)
                if (before.status, before.reason) == (status, reason):
                    return before
                subject = f"{name} {version}"
                what = "reinstated" if status == "published" else status
                work.audit.add(caller.account.name, f"release.to-be-{what}", subject, reason=reason)
            if status == "yanked":
                signed = self._signer.yank(name, version, reason)
            elif status == "revoked":
                signed = self._signer.revoke(name, version, reason)
            else:
                signed = self._signer.reinstate(name, version)
            with self._store.write() as work:
                if known:
                    after = work.plugins.set_status(name, version, status, signed.reason)
                else:
                    after = replace(before, status=status, reason=signed.reason)
                work.audit.add(caller.account.name, f"release.{what}", subject, reason=reason)
            return after

    def _to_withdraw(
        self, work: Work, caller: Caller, name: str, version: str
    ) -> tuple[PluginVersion, bool]:
        """A release, and whether the database knows it. After an old backup it does not, while
        clients have it: an operator withdraws what is signed all the same.
        """
        try:
            return work.plugins.version(name, version), True
        except WorkshopRefused:
            signed = self._signer.releases().get((name, version))
            if signed is None or "operate" not in caller.scopes:
                raise
        return _unknown(signed, work.now), False

    def _may_withdraw(self, caller: Caller, release: PluginVersion, status: Status) -> None:
        if release.status == "revoked" and status == "yanked":
            raise WorkshopRefused(
                "state", f"{release.name} {release.version} is revoked, which is stronger"
            )
        if "operate" in caller.scopes:
            return
        require(caller, "publish")
        if release.account != caller.account.name:
            raise WorkshopRefused(
                "not-allowed", f"{release.name} belongs to {release.account}, not to you"
            )
        if release.status == "revoked" and status != "revoked":
            raise WorkshopRefused(
                "not-allowed",
                f"{release.name} {release.version} is revoked; only the workshop's operator can "
                "take that back",
            )

    # --- finding --------------------------------------------------------------------------

    def search(
        self, query: str = "", *, kind: str = "", spec: str = "", first: int = 0, most: int = 20
    ) -> tuple[list[PluginVersion], int]:
        """Offered versions, the best first, and how many there are in all.

        Args:
            query: words that the name, title, description or author must have.
            kind: only of this kind.
            spec: only for this spec: ``name`` or ``name 1.0``.
            first: how many of those found to leave out.
            most: how many to give, at most 100.

        Raises:
            WorkshopRefused: the query is too long, or asks for too much.
        """
        with self._store.read() as work:
            return work.plugins.search(query, kind=kind, spec=spec, first=first, most=most)

    def plugin(self, name: str) -> Plugin:
        """A plugin, with the version that is offered.

        Raises:
            WorkshopRefused: nothing was published under that name.
        """
        with self._store.read() as work:
            return work.plugins.plugin(name)

    def versions(self, name: str) -> list[PluginVersion]:
        """All versions of a plugin, the highest first.

        Raises:
            WorkshopRefused: nothing was published under that name.
        """
        with self._store.read() as work:
            return work.plugins.versions(name)

    # --- for clients of the signed metadata -----------------------------------------------

    def metadata_file(self, name: str) -> bytes:
        """A file of the signed metadata."""
        return self._signer.metadata_file(name)

    def target_file(self, path: str) -> bytes:
        """A file that the signed metadata names."""
        return self._signer.target_file(path)

    def refresh(self) -> None:
        """Sign anew what expires soon."""
        with self._signing:
            self._signer.refresh()


def _unknown(signed: SignedRelease, now: datetime.datetime) -> PluginVersion:
    """What is signed of a release that the database does not know."""
    return PluginVersion(
        name=signed.name,
        version=signed.version,
        account="",
        title=signed.name,
        description="",
        author="",
        kind=signed.kind,
        spec=signed.spec,
        packages=tuple(signed.packages),
        grants=tuple(signed.grants),
        sha256=signed.sha256,
        length=signed.length,
        status=cast("Status", signed.status),
        reason=signed.reason,
        created=now,
    )


def _not_any_more(account: Account) -> str:
    if account.closed is not None:
        return f"the account {account.name} was closed"
    return f"the account {account.name} may not publish any more"
