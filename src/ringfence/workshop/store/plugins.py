"""Names and their versions, in a transaction: whose, which is offered, and the search."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import cast

from sqlalchemy import Select, case, delete, func, or_, select
from sqlalchemy.orm import Session

from ringfence.errors import WorkshopRefused
from ringfence.plugins import Bundle
from ringfence.plugins.manifest import is_plugin_name
from ringfence.workshop.names import skeleton
from ringfence.workshop.records import Account, Plugin, PluginVersion, Status
from ringfence.workshop.store.inserting import insert
from ringfence.workshop.store.models import NameRow, ReleaseRow, SubmissionRow

__all__ = ["Plugins"]

_MOST_WORDS = 8
_LONGEST_QUERY = 200
_MOST_FOUND = 100
_FURTHEST = 10_000


class Plugins:
    """Names and versions."""

    def __init__(self, session: Session, now: datetime.datetime) -> None:
        self._session = session
        self._now = now

    # --- names ----------------------------------------------------------------------------

    def claim(self, name: str, account: Account, *, most: int) -> int:
        """Make a name an account's, if it is nobody's; gives the number of its row.

        Args:
            name: checked for form.
            account: whose it is to be.
            most: names that an account may have.

        Raises:
            WorkshopRefused: it is somebody else's; it reads like another; the account has too many.
        """
        row = self._alike(name)
        if row is None:
            count = select(func.count()).where(NameRow.account_id == account.id)
            if (self._session.scalar(count) or 0) >= most:
                raise WorkshopRefused("too-many", f"an account may have {most} names")
            row = NameRow(
                name=name,
                skeleton=skeleton(name),
                account_id=account.id,
                created=self._now,
                kept=False,
            )
            if insert(self._session, row):
                return row.id
            row = self._alike(name)
            if row is None:  # given up again in the same moment
                raise WorkshopRefused(
                    "taken", f"somebody else asks for {name} right now; try again"
                )
        if row.name != name:
            raise WorkshopRefused(
                "confusable",
                f"the name {name} can be taken for {row.name}, which is there; take another",
            )
        if row.account_id != account.id:
            raise WorkshopRefused(
                "taken",
                f"the name {name} belongs to {row.account.name}, and is never given to anybody "
                "else; take another",
            )
        return row.id

    def keep(self, number: int) -> None:
        """A version is being published: the name is never given up from now on."""
        self._session.get_one(NameRow, number).kept = True

    def is_kept(self, number: int) -> bool:
        """Whether a version was published under a name, or is being."""
        return self._session.get_one(NameRow, number).kept

    def give_up(self, number: int) -> None:
        """Let go of a name that nothing was published under, and nothing is under way for."""
        used = select(SubmissionRow.id).where(
            SubmissionRow.name_id == number, SubmissionRow.state != "refused"
        )
        row = self._session.get(NameRow, number, with_for_update={"of": NameRow})
        if row is None or row.kept or self._session.scalar(used.limit(1)) is not None:
            return
        for refused in self._session.scalars(
            select(SubmissionRow).where(SubmissionRow.name_id == number)
        ):
            refused.name_id = None
        self._session.flush()
        self._session.execute(delete(NameRow).where(NameRow.id == number))

    def owner(self, name: str) -> str:
        """Whose a name is.

        Raises:
            WorkshopRefused: nobody's.
        """
        return self._name(name).account.name

    # --- versions -------------------------------------------------------------------------

    def release_before(self, name: str, version: tuple[int, int, int]) -> PluginVersion | None:
        """The highest version below, other than those that were revoked."""
        below = [
            row
            for row in self._session.scalars(_releases().where(NameRow.name == name))
            if _version(row) < version and row.status != "revoked"
        ]
        return version_of(max(below, key=_version)) if below else None

    def add_release(self, number: int, bundle: Bundle, length: int) -> None:
        """A version was published; nothing if it is there.

        Args:
            number: of the name.
            bundle: what was published.
            length: bytes of it, packed.
        """
        manifest = bundle.manifest
        major, minor, patch = manifest.version
        shown = (manifest.name, manifest.title, manifest.description, manifest.author)
        there = select(ReleaseRow.id).where(
            ReleaseRow.name_id == number,
            ReleaseRow.major == major,
            ReleaseRow.minor == minor,
            ReleaseRow.patch == patch,
        )
        if self._session.scalar(there) is None:
            self._session.add(
                ReleaseRow(
                    name_id=number,
                    major=major,
                    minor=minor,
                    patch=patch,
                    author=manifest.author,
                    title=manifest.title,
                    description=manifest.description,
                    kind=manifest.kind,
                    spec_name=manifest.spec.name,
                    spec_version=".".join(map(str, manifest.spec.version)),
                    packages=list(manifest.packages),
                    grants=list(manifest.grants),
                    sha256=bundle.sha256,
                    length=length,
                    status="published",
                    reason="",
                    latest=False,
                    searched="\n".join(shown).lower(),
                    created=self._now,
                )
            )
            self._session.flush()
        self._offer_highest(number)

    def set_status(self, name: str, version: str, status: Status, reason: str) -> PluginVersion:
        """Withdraw a version, or offer it again.

        Raises:
            WorkshopRefused: there is none.
        """
        row = self._release(name, version)
        row.status, row.reason = status, reason
        self._session.flush()
        self._offer_highest(row.name_id)
        return version_of(row)

    def statuses(self) -> Mapping[tuple[str, str], tuple[Status, str, str]]:
        """``(name, version)`` -> status, reason and SHA-256 of everything that was published."""
        return {
            (row.plugin.name, _text(row)): (cast("Status", row.status), row.reason, row.sha256)
            for row in self._session.scalars(_releases())
        }

    def version(self, name: str, version: str) -> PluginVersion:
        """One version.

        Raises:
            WorkshopRefused: there is none.
        """
        return version_of(self._release(name, version))

    def versions(self, name: str) -> list[PluginVersion]:
        """All versions of a plugin, the highest first.

        Raises:
            WorkshopRefused: nothing was published under that name.
        """
        check_text_of_name(name)
        found = list(self._session.scalars(_releases().where(NameRow.name == name)))
        if not found:
            raise WorkshopRefused("unknown", f"there is no plugin {name[:80]!a}")
        return [version_of(row) for row in sorted(found, key=_version, reverse=True)]

    def plugin(self, name: str) -> Plugin:
        """A plugin, with the version that is offered.

        Raises:
            WorkshopRefused: nothing was published under that name.
        """
        versions = self.versions(name)
        offered = [one for one in versions if one.status == "published"]
        return Plugin(
            name=name, account=versions[0].account, latest=offered[0] if offered else None
        )

    # --- the search -----------------------------------------------------------------------

    def search(
        self, query: str = "", *, kind: str = "", spec: str = "", first: int = 0, most: int = 20
    ) -> tuple[list[PluginVersion], int]:
        """Offered versions whose name, title, description or author has all the words; and how
        many there are in all.

        Args:
            query: words; without any, everything is found.
            kind: only of this kind.
            spec: only for this spec: ``name`` or ``name 1.0``.
            first: how many of those found to leave out.
            most: how many to give.

        Raises:
            WorkshopRefused: the query is too long, or asks for too much.
        """
        words = query.lower().split()
        if len(query) > _LONGEST_QUERY or len(words) > _MOST_WORDS:
            raise WorkshopRefused(
                "malformed", f"a search is at most {_MOST_WORDS} words, {_LONGEST_QUERY} characters"
            )
        if not (query + kind + spec).isprintable():
            raise WorkshopRefused("malformed", "a search has characters that cannot be seen")
        if not (0 <= first <= _FURTHEST and 1 <= most <= _MOST_FOUND):
            raise WorkshopRefused(
                "malformed", f"a search gives 1 to {_MOST_FOUND}, from 0 to {_FURTHEST:,} on"
            )
        found = _releases().where(ReleaseRow.latest)
        for word in words:
            found = found.where(ReleaseRow.searched.contains(word, autoescape=True))
        if kind:
            found = found.where(ReleaseRow.kind == kind)
        if spec:
            name, _, version = spec.partition(" ")
            found = found.where(ReleaseRow.spec_name == name)
            if version:
                found = found.where(ReleaseRow.spec_version == version)
        count = self._session.scalar(select(func.count()).select_from(found.subquery())) or 0
        text = "-".join(words)
        title = func.lower(ReleaseRow.title)
        rank = case(
            (NameRow.name == text, 0),
            (NameRow.name.startswith(text, autoescape=True), 1),
            (or_(NameRow.name.contains(text, autoescape=True)), 2),
            (title.contains(" ".join(words), autoescape=True), 3),
            else_=4,
        )
        rows = self._session.scalars(found.order_by(rank, NameRow.name).offset(first).limit(most))
        return [version_of(row) for row in rows], count

    # --- rows -----------------------------------------------------------------------------

    def _offer_highest(self, number: int) -> None:
        rows = list(self._session.scalars(_releases().where(ReleaseRow.name_id == number)))
        offered = [row for row in rows if row.status == "published"]
        highest = max(offered, key=_version, default=None)
        for row in rows:
            if row is not highest:
                row.latest = False
        self._session.flush()  # before another gets it: there is one at a time
        if highest is not None:
            highest.latest = True
            self._session.flush()

    def _alike(self, name: str) -> NameRow | None:
        """The name that one reads like, locked: nobody gives it up meanwhile."""
        query = select(NameRow).where(NameRow.skeleton == skeleton(name))
        return self._session.scalar(query.with_for_update(of=NameRow))

    def _name(self, name: str) -> NameRow:
        check_text_of_name(name)
        row = self._session.scalar(select(NameRow).where(NameRow.name == name))
        if row is None:
            raise WorkshopRefused("unknown", f"there is no plugin {name[:80]!a}")
        return row

    def _release(self, name: str, version: str) -> ReleaseRow:
        check_text_of_name(name)
        for row in self._session.scalars(_releases().where(NameRow.name == name)):
            if _text(row) == version:
                return row
        raise WorkshopRefused("unknown", f"there is no {name[:80]!a} {version[:40]!a}")


def check_text_of_name(name: str) -> None:
    """Keep what can be nobody's name away from the database, which may not take it.

    Raises:
        WorkshopRefused: it is no name.
    """
    if not is_plugin_name(name):
        raise WorkshopRefused("unknown", f"there is no plugin {name[:80]!a}")


def _releases() -> Select[ReleaseRow]:
    return select(ReleaseRow).join(NameRow, ReleaseRow.name_id == NameRow.id)


def _version(row: ReleaseRow) -> tuple[int, int, int]:
    return row.major, row.minor, row.patch


def _text(row: ReleaseRow) -> str:
    return f"{row.major}.{row.minor}.{row.patch}"


def version_of(row: ReleaseRow) -> PluginVersion:
    """A row as a value."""
    return PluginVersion(
        name=row.plugin.name,
        version=_text(row),
        account=row.plugin.account.name,
        title=row.title,
        description=row.description,
        author=row.author,
        kind=row.kind,
        spec=f"{row.spec_name} {row.spec_version}",
        packages=tuple(row.packages),
        grants=tuple(row.grants),
        sha256=row.sha256,
        length=row.length,
        status=cast("Status", row.status),
        reason=row.reason,
        created=row.created,
    )
