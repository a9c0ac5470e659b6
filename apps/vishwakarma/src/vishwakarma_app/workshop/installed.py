"""What is installed from the workshops that were added: verified whenever it is loaded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ringfence import ConfigurationError
from ringfence.errors import (
    BundleRefused,
    MetadataExpired,
    NotTrusted,
    ReleaseNotFound,
    ReleaseRevoked,
    RingfenceError,
    WorkshopError,
    WorkshopUnreachable,
)
from ringfence.workshop import WorkshopClient
from ringfence.workshop.signing import Client, Escalation, Release, version_key
from vishwakarma_app.blocks import LIBRARY, BlockLibrary
from vishwakarma_app.errors import ExtensionRefused
from vishwakarma_app.extensions import KINDS, Extension, read_bundle, shipped
from vishwakarma_app.manifests import SPEC
from vishwakarma_app.printing import printable
from vishwakarma_app.workshop.workshops import AddedWorkshop, Workshops

__all__ = ["Installed", "InstalledExtension", "NotLoaded", "Offer", "State"]

State = Literal["ready", "update", "revoked", "expired", "refused"]
"""Of what is installed: it loads; it loads, and there is a newer version; the workshop took it
back; nobody can tell whether it did; it is not what was signed, or not what can be run here."""

_MOST_FOUND = 50


class NotLoaded(ExtensionRefused):
    """Something that is installed, and is not loaded.

    Args:
        message: why, and what to do.
        state: ``revoked``, ``expired`` or ``refused``.
    """

    def __init__(self, message: str, state: State) -> None:
        super().__init__(message)
        self.state: State = state


@dataclass(frozen=True)
class Offer:
    """What a workshop says it has. Nothing of this is signed: texts of strangers.

    Attributes:
        name: lower-case words with hyphens.
        version: the newest.
        kind: one of ``KINDS``.
        title, description, author: of a bounded length, printable.
        grants: what it asks for.
        workshop: the address of the workshop that says so.
        shipped: whether something of this name comes with the application; such a one cannot be
            installed.
    """

    name: str
    version: str
    kind: str
    title: str
    description: str
    author: str
    grants: tuple[str, ...]
    workshop: str
    shipped: bool


@dataclass(frozen=True)
class InstalledExtension:
    """Something that is installed.

    Attributes:
        name: lower-case words with hyphens.
        version: which.
        workshop: the address that it comes from.
        state: how it stands.
        message: why it is not loaded, and what to do; or what the workshop says of it.
        newest: the version that an update would install; empty where there is none.
        loaded: what it is; None where it is not loaded.
    """

    name: str
    version: str
    workshop: str
    state: State
    message: str = ""
    newest: str = ""
    loaded: Extension | BlockLibrary | None = None


class Installed:
    """Extensions and libraries from workshops. Only one version of each is kept.

    Args:
        workshops: those that were added.
    """

    def __init__(self, workshops: Workshops) -> None:
        self.workshops = workshops

    # -- what needs a workshop

    def search(self, query: str) -> tuple[tuple[Offer, ...], tuple[str, ...]]:
        """What the workshops offer, the best of each first; and why some could not be asked."""
        found: list[Offer] = []
        failed = []
        for one in self.workshops:
            try:
                with WorkshopClient(one.url) as asked:
                    rows, _ = asked.search(query, spec=SPEC, most=_MOST_FOUND)
                offers = [_offer(row, one.url) for row in rows[:_MOST_FOUND]]
                found += [offer for offer in offers if offer is not None]
            except RingfenceError as error:
                failed.append(str(error))
            except (KeyError, TypeError, AttributeError):
                failed.append(f"{one.url}: its answer is none that a workshop gives")
        return tuple(found), tuple(failed)

    def refresh(self) -> tuple[str, ...]:
        """Get what the workshops signed last; why that failed for some of them."""
        failed = []
        for one in self.workshops:
            try:
                one.client.refresh()
            except WorkshopError as error:
                failed.append(f"{one.url}: {error}")
        return tuple(failed)

    def install(
        self,
        name: str,
        version: str | None = None,
        *,
        workshop: str | None = None,
        agreed: Collection[str] = (),
    ) -> Release:
        """Install an extension or a library.

        Args:
            name: which.
            version: which one; None is the newest that is neither yanked nor revoked.
            workshop: the address to take it from; None is the only one that has it.
            agreed: the grants that a person has agreed to.

        Returns:
            What is signed about it.

        Raises:
            ExtensionRefused: it is none for this application, asks for what strangers cannot have,
                is named like what is there, or nobody knows which workshop is meant.
            ConsentNeeded: it asks for more than was agreed to.
            WorkshopError: it is not there, revoked, not trusted, or did not arrive.

        In each of these cases what was installed before is so still.
        """
        if name in shipped() or name == SPEC:
            raise ExtensionRefused(
                f"{name} comes with the application, and nothing of this name can be installed"
            )
        home = self._home(name)
        if workshop is not None:
            wanted = self.workshops[workshop]
            if home is not None and home.url != wanted.url:
                raise ExtensionRefused(
                    f"{name} is installed from {home.url}; remove that first, to take it from "
                    f"{wanted.url}"
                )
            home = wanted
        if home is None:
            home = self._offering(name)
        home.client.refresh()
        release = _release(home.client, name, version)
        return self._take(home.client, release, agreed)

    def update(self, name: str, *, agreed: Collection[str] = ()) -> tuple[str, Release]:
        """Install the newest version of what is installed, if it is newer.

        Args:
            name: which.
            agreed: the grants that a person has agreed to, beside those of before.

        Returns:
            The version before, and what is signed about that which is installed now.

        Raises:
            ExtensionRefused, ConsentNeeded, WorkshopError: as :meth:`install` does; what was
                installed is so still.
        """
        client = self._at(name).client
        client.refresh()
        before = client.installed()[name]
        newest = client.outdated().get(name)
        if newest is None:
            return before.version, before
        return before.version, self._take(client, newest, agreed)

    def _take(self, client: Client, release: Release, agreed: Collection[str]) -> Release:
        if release.kind not in KINDS or release.spec.partition(" ")[0] != SPEC:
            raise ExtensionRefused(
                f"{release.name} is a {release.kind} for {release.spec}, and nothing for "
                "Vishwakarma"
            )
        if release.packages:
            raise ExtensionRefused(
                f"{release.name} {release.version} asks for {', '.join(release.packages)}: "
                "packages are lent to the application's own extensions only"
            )
        former = set(client.versions(release.name))

        def consent(escalation: Escalation) -> bool:
            return not escalation.packages and set(escalation.grants) <= set(agreed)

        taken = client.install(release.name, release.version, consent=consent)
        try:
            _check_blocks(read_bundle(client.load(taken.name)))
        except BaseException:
            if taken.version not in former:
                client.remove(taken.name, taken.version)
            raise
        for version in former - {taken.version}:
            client.remove(taken.name, version)
        return taken

    def _offering(self, name: str) -> AddedWorkshop:
        """The one workshop that has something of a name."""
        having, failed = [], []
        for one in self.workshops:
            try:
                one.client.refresh()
                if any(other == name for other, _ in one.client.available()):
                    having.append(one)
            except WorkshopError as error:
                failed.append(f"{one.url}: {error}")
        if len(having) == 1 and not failed:
            return having[0]
        if having:
            urls = ", ".join(one.url for one in having)
            raise ExtensionRefused(
                f"{name}: say from which workshop, with --workshop URL; it is at {urls}"
                + "".join(f"; {one}" for one in failed)
            )
        if failed:
            raise WorkshopUnreachable("; ".join(failed))
        if not list(self.workshops):
            raise ExtensionRefused(
                "no workshop was added; `vishwakarma ext add URL --root FILE` adds one"
            )
        raise ReleaseNotFound(f"no workshop has {name[:80]!a}; `vishwakarma ext search` finds some")

    # -- what does not

    def names(self) -> tuple[str, ...]:
        """What is installed, in whatever state."""
        return tuple(sorted({name for one in self.workshops for name in one.client.names()}))

    def remove(self, name: str) -> None:
        """Remove it. Blocks that a document has of it stay in the document.

        Raises:
            ExtensionRefused: it is not installed.
        """
        self._at(name).client.remove(name)

    def load(self, name: str) -> Extension | BlockLibrary:
        """It, verified now: see :meth:`ringfence.workshop.signing.Client.load`. When what the
        workshop signed has expired it is asked for anew, once.

        Raises:
            NotLoaded: it was revoked, nobody can tell whether it was, it is not what was signed,
                or nothing that can be run here; says what to do.
            ExtensionRefused: it is not installed.
        """
        home = self._at(name)
        if name in shipped() or name == SPEC:
            raise NotLoaded(
                f"{name}: something of this name comes with the application, and is used; remove "
                f"the other: `vishwakarma ext remove {name}`",
                "refused",
            )
        try:
            try:
                bundle = home.client.load(name)
            except MetadataExpired:
                home.client.refresh()
                bundle = home.client.load(name)
            found = read_bundle(bundle)
            _check_blocks(found)
        except ReleaseRevoked as error:
            raise NotLoaded(_revoked(name, error.version, error.reason), "revoked") from error
        except (MetadataExpired, WorkshopUnreachable) as error:
            raise NotLoaded(
                f"{name} is not loaded: what {home.url} signed about it has expired, so nobody can "
                "tell whether it was revoked. Connect this machine to the network, and get it "
                f"anew: `vishwakarma ext refresh` ({error})",
                "expired",
            ) from error
        except NotTrusted as error:
            raise NotLoaded(
                f"{name} is not loaded, because it is not what was signed: {error}. Remove it, and "
                f"install it again: `vishwakarma ext remove {name}`",
                "refused",
            ) from error
        except (BundleRefused, ConfigurationError, ExtensionRefused, WorkshopError) as error:
            raise NotLoaded(
                f"{name} is not loaded: {error}. Update it, or remove it: "
                f"`vishwakarma ext remove {name}`",
                "refused",
            ) from error
        return found

    def all(self) -> tuple[InstalledExtension, ...]:
        """Everything that is installed, loaded where it can be."""
        found = []
        for name in self.names():
            home = self._at(name)
            version = (*home.client.versions(name), "")[0]
            newest = status = reason = ""
            try:
                loaded = self.load(name)
            except NotLoaded as error:
                state: State = error.state
                message, result = str(error), None
            else:
                state, message, result = "ready", "", loaded
            try:
                current = home.client.installed()[name]
                version, status, reason = current.version, current.status, current.reason
                update = home.client.outdated().get(name)
                newest = "" if update is None else update.version
            except (NotTrusted, KeyError):
                pass  # it has expired or was tampered with, which loading it has told
            if state == "ready" and newest:
                state = "update"
            if result is not None and status == "yanked":
                message = f"the workshop does not offer it any more: {reason}"
            found.append(
                InstalledExtension(name, version, home.url, state, message, newest, result)
            )
        return tuple(found)

    def _home(self, name: str) -> AddedWorkshop | None:
        for one in self.workshops:
            if name in one.client.names():
                return one
        return None

    def _at(self, name: str) -> AddedWorkshop:
        found = self._home(name)
        if found is None:
            known = ", ".join(self.names()) or "nothing"
            raise ExtensionRefused(f"{name[:80]!a} is not installed; installed is {known}")
        return found


def _revoked(name: str, version: str, reason: str) -> str:
    return (
        f"{name} {version} is not loaded: its workshop revoked it ({reason}). Update it, if there "
        f"is a newer version: `vishwakarma ext update {name}`; or remove it: "
        f"`vishwakarma ext remove {name}`"
    )


def _release(client: Client, name: str, version: str | None) -> Release:
    """The release that is meant."""
    having = {key[1]: one for key, one in client.available().items() if key[0] == name}
    if version is not None and version in having:
        return having[version]
    offered = [one for one in having.values() if one.status == "published"]
    if version is None and offered:
        return max(offered, key=lambda one: version_key(one.version))
    revoked = [one for one in having.values() if one.status == "revoked"]
    if version is None and revoked:
        newest = max(revoked, key=lambda one: version_key(one.version))
        raise ReleaseRevoked(name, newest.version, newest.reason)
    known = ", ".join(sorted(having, key=version_key)) or "none"
    raise ReleaseNotFound(f"{name} {version or ''}".rstrip() + f" is not offered; there is {known}")


def _check_blocks(found: Extension | BlockLibrary) -> None:
    """Refuse a library with a block that is named like one of the application's."""
    if isinstance(found, BlockLibrary) and (taken := sorted(found.blocks.keys() & LIBRARY.keys())):
        raise ExtensionRefused(
            f"{found.name}: the block {taken[0]} comes with the application, and cannot be replaced"
        )


def _offer(row: Mapping[str, Any], workshop: str) -> Offer | None:
    """A row of a search; None for what cannot be installed anyway.

    Raises:
        KeyError, TypeError, AttributeError: it is none.
    """
    name, version, kind = (_line(row[key], 64) for key in ("name", "version", "kind"))
    if kind not in KINDS:
        return None
    return Offer(
        name,
        version,
        kind,
        _line(row["title"], 200),
        _line(row["description"], 600),
        _line(row["author"], 80),
        tuple(_line(one, 80) for one in row["grants"][:20]),
        workshop,
        name in shipped() or name == SPEC,
    )


def _line(text: str, most: int) -> str:
    return printable(" ".join(text[:most].split()))
