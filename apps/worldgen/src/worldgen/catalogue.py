"""The workshop, as a server of worlds uses it: search, verified loading, and publishing.

It is a workshop of the server's own, in the same process, with its keys and its database in a
folder; whatever is published there goes the way of every workshop: analysis, a trial with the
spec's test cases in a sandbox, a decision, signed metadata. What runs is loaded by a client that
verifies it every time.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from ringfence.errors import (
    BundleRefused,
    RingfenceError,
    SpecMismatch,
    WorkshopRefused,
)
from ringfence.plugins import Bundle, analysis, check_compatible
from ringfence.plugins.manifest import is_plugin_name, is_version
from ringfence.workshop import Caller, HookTrial, PluginVersion, Rules, Submission, Workshop
from ringfence.workshop.signing import Client, Escalation, Repository, version_key
from worldgen.errors import NotFound, UploadRefused, WorldRefused
from worldgen.generation import LIMITS, PACKAGES
from worldgen.shipped import shipped
from worldgen.spec import Terrain, reach_of

__all__ = ["OWNER", "SHIPPER", "Catalogue", "Review", "Withheld"]

SHIPPER = "worldgen"
"""The account that the plugins which come with it belong to."""

OWNER = "owner"
"""The account of the person whose server it is."""

_SPEC = Terrain.spec_name
_KEPT_REVIEWS = 256
_FRESH = 3_600.0  # seconds between two looks at what expires


class Withheld(RingfenceError):
    """A plugin that the workshop does not give out: unknown, revoked, or not what was signed."""


@dataclass(frozen=True, slots=True)
class Review:
    """What the static analysis says of a bundle. Texts are its author's, or quote it.

    Attributes:
        verdict: ``clean``, ``review`` or ``refuse``.
        findings: as :class:`ringfence.plugins.analysis.Finding`.
        imports: what it imports.
        undeclared: what it needs and does not ask for.
    """

    verdict: str
    findings: tuple[Any, ...]
    imports: tuple[str, ...]
    undeclared: tuple[str, ...]


class Catalogue:
    """Plugins for worlds, from a workshop of one's own. Any number of threads may use it.

    Args:
        workshop: it.
        client: of the same workshop: what it loads is verified.
        clock: monotonic seconds.
    """

    def __init__(
        self, workshop: Workshop, client: Client, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._workshop = workshop
        self._client = client
        self._clock = clock
        self._refreshed = float("-inf")
        self._lock = threading.Lock()
        self._reviews: OrderedDict[str, Review] = OrderedDict()

    @classmethod
    def open(cls, folder: Path, *, engine: str = "auto") -> Self:
        """The workshop in a folder; a new one, with the plugins that come with it, where there is
        none. Versions of these that are new are published.

        Args:
            folder: private to this user.
            engine: what tries plugins out.

        Raises:
            RingfenceError: it cannot be used.
            UploadRefused: a plugin that comes with it was not published, with the reason.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        signed = folder / "repository"
        try:
            repository = Repository.open(signed)
        except (RingfenceError, FileNotFoundError):
            if signed.exists() and any(signed.iterdir()):
                raise
            repository = Repository.create(signed)
        trial = HookTrial(Terrain, packages=PACKAGES, engine=engine, limits=LIMITS)
        workshop = Workshop.open(
            str(folder / "workshop.sqlite3"),
            repository,
            specs=[trial],
            # The person is author and reviewer here: what the analysis finds clean needs nobody.
            rules=Rules(publish_clean=True, review_own=True),
        )
        try:
            for name in (SHIPPER, OWNER):
                if name not in {account.name for account in workshop.accounts.all()}:
                    workshop.accounts.create(name, ("publish", "review"))
            workshop.releases.refresh()
            pinned = folder / "root.json"
            if not pinned.exists():
                pinned.write_bytes(repository.root)
            client = Client(folder / "client", root=pinned.read_bytes(), fetch=repository.serve)
            made = cls(workshop, client)
            made._ship()
        except BaseException:
            workshop.close()
            raise
        return made

    def close(self) -> None:
        """Let go of the workshop's database."""
        self._workshop.close()

    def _ship(self) -> None:
        known = {
            (name, release.version)
            for name in shipped()
            for release in self._versions(name)
            if release.account == SHIPPER
        }
        for name, bundle in shipped().items():
            if (name, bundle.manifest.version_text) not in known:
                told = self.submit(bundle, account=SHIPPER)
                if told.state != "published":
                    raise UploadRefused(f"{bundle.manifest}: {told.state}: {told.reason}")
        self._refresh()

    def _refresh(self) -> None:
        self._client.refresh()
        self._refreshed = self._clock()

    def _keep_fresh(self) -> None:
        """Sign anew what expires soon, and take it over: a server runs longer than a signature."""
        with self._lock:
            if self._clock() - self._refreshed < _FRESH:
                return
            self._refreshed = self._clock()
        self._workshop.releases.refresh()
        self._client.refresh()

    # --- finding -----------------------------------------------------------------------------

    def search(self, query: str = "") -> list[PluginVersion]:
        """Plugins for worlds, in their newest version, the best first; at most 100.

        Raises:
            WorldRefused: the query is none.
        """
        try:
            found, _ = self._workshop.releases.search(query, spec=_SPEC, most=100)
        except WorkshopRefused as error:
            raise WorldRefused(str(error)) from error
        return found

    def versions(self, name: str) -> list[PluginVersion]:
        """All versions of a plugin, the highest first.

        Raises:
            NotFound: there is no such plugin.
        """
        found = self._versions(name)
        if not found:
            raise NotFound(f"the workshop has no plugin {ascii(name)[1:65]}")
        return found

    def _versions(self, name: str) -> list[PluginVersion]:
        if not is_plugin_name(name):
            return []
        try:
            return self._workshop.releases.versions(name)
        except WorkshopRefused:
            return []

    def newest(self, name: str) -> str:
        """The newest version that is offered, by the signed metadata; empty if there is none."""
        offered = [
            release.version
            for (of, _), release in self._client.available().items()
            if of == name and release.status == "published"
        ]
        return max(offered, key=version_key, default="")

    # --- loading -----------------------------------------------------------------------------

    def bundle(self, name: str, version: str = "") -> Bundle:
        """A version of a plugin, or its newest; verified now, and installed before if it was not.

        Raises:
            Withheld: there is none, it is revoked, or it is not what was signed.
        """
        if not is_plugin_name(name) or not (version == "" or is_version(version)):
            raise Withheld("there is no such plugin")
        try:
            self._keep_fresh()
            version = version or self.newest(name)
            if not version:
                raise Withheld("the workshop does not offer it")
            if version not in self._client.versions(name):
                self._client.install(name, version, consent=_agrees)
            return self._client.load(name, version)
        except RingfenceError as error:
            raise Withheld(str(error)) from error

    def review(self, bundle: Bundle) -> Review:
        """What the static analysis says of a bundle."""
        with self._lock:
            found = self._reviews.get(bundle.sha256)
        if found is None:
            report = analysis.analyze(bundle)
            found = Review(
                report.verdict,
                tuple(report.findings),
                tuple(sorted(report.capabilities.imports)),
                tuple(sorted(report.capabilities.undeclared)),
            )
            with self._lock:
                self._reviews[bundle.sha256] = found
                while len(self._reviews) > _KEPT_REVIEWS:
                    self._reviews.popitem(last=False)
        return found

    # --- publishing --------------------------------------------------------------------------

    def submit(self, bundle: Bundle, *, account: str = OWNER) -> Submission:
        """Upload a plugin, and wait for what becomes of it: published, refused, or in review.

        Raises:
            UploadRefused: it is for another spec, asks for what worlds do not lend, or its name or
                version is taken.
            RingfenceError: the workshop cannot be used now.
        """
        try:
            check_compatible(bundle.manifest, Terrain)
            reach_of(bundle.manifest)
            _check_asked(bundle)
            told = self._workshop.submissions.submit(self._caller(account), bundle.pack())
        except (BundleRefused, SpecMismatch, WorkshopRefused, WorldRefused) as error:
            raise UploadRefused(str(error)) from error
        told = self._workshop.submissions.process(told.id)
        if told.state == "published":
            self._refresh()
        return told

    def submissions(self) -> list[Submission]:
        """What the owner has uploaded, the newest first."""
        found = self._workshop.submissions.find(self._caller(OWNER))
        return [one for one in reversed(found) if one.account == OWNER][:100]

    def decide(self, number: str, *, publish: bool, reason: str = "") -> Submission:
        """Publish a submission that is in review, or refuse it.

        Raises:
            UploadRefused: it is in another state, or there is none.
        """
        caller = self._caller(OWNER)
        try:
            if publish:
                told = self._workshop.submissions.approve(caller, number)
                self._refresh()
                return told
            return self._workshop.submissions.refuse(caller, number, reason or "the owner refused")
        except WorkshopRefused as error:
            raise UploadRefused(str(error)) from error

    def withdraw(self, name: str, version: str, reason: str, *, revoke: bool) -> PluginVersion:
        """Yank a version of the owner's, or revoke it: then it is not loaded any more.

        Raises:
            UploadRefused: it is another's, or there is none.
        """
        releases = self._workshop.releases
        change = releases.revoke if revoke else releases.yank
        try:
            told = change(self._caller(OWNER), name, version, reason or "withdrawn by its author")
        except WorkshopRefused as error:
            raise UploadRefused(str(error)) from error
        self._refresh()
        return told

    def _caller(self, account: str) -> Caller:
        return self._workshop.accounts.caller(account)


def _agrees(escalation: Escalation) -> bool:
    """Consent to what worlds lend anyway, and to nothing else."""
    return not escalation.grants and set(escalation.packages) <= set(PACKAGES)


def _check_asked(bundle: Bundle) -> None:
    asked = [one for one in bundle.manifest.packages if one not in PACKAGES]
    if asked or bundle.manifest.grants:
        what = (asked or list(bundle.manifest.grants))[0]
        raise WorldRefused(
            f"{bundle.manifest} asks for {what!r}; worlds lend {', '.join(PACKAGES)} and nothing "
            "else: a plugin sees its arguments only"
        )
    if bundle.manifest.kind != "plugin":
        raise WorldRefused(f"{bundle.manifest} is a {bundle.manifest.kind}, and no plugin")
