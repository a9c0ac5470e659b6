"""Saving what a guest has, and bringing it back: variables and files, sealed for one session.

A state is sealed with the service's key, for one tenant and one session: what the database holds
under another name is refused when it is restored. What a client is given to keep is sealed for its
tenant only, so that it may come back under another id of the same tenant's.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ringfence.errors import (
    GuestFailure,
    GuestFileError,
    OutputLimitExceeded,
    SandboxClosed,
    StateRefused,
)
from ringfence.runtime.keeping import QUICK
from ringfence.runtime.seal import SavedState, Unsealed, seal, unseal
from ringfence.server.operations.tracing import NoTracing
from ringfence.server.sessions import luggage
from ringfence.server.sessions.record import LostName, bounded
from ringfence_guest.protocol.namespaces import Lost, Saved
from ringfence_guest.protocol.report import Listing

if TYPE_CHECKING:
    from ringfence.async_sandbox import AsyncSandbox
    from ringfence.model import Limits
    from ringfence.server.operations.tracing import Tracing

__all__ = ["Capture", "Files", "Keeper", "Unsaved", "names_of"]

_SAVE_SECONDS = 10.0
"""Seconds, and CPU seconds, that a guest has to hand over its variables."""


class Unsaved(Exception):
    """A guest could not hand over its variables; says why."""


@dataclass(frozen=True, slots=True)
class Files:
    """What became of the files since they were last saved.

    Attributes:
        written: name -> content of those that are new, or others than they were.
        removed: names of those that are gone.
        digests: name -> digest of all that there are.
        sizes: name -> bytes of all that there are.
    """

    written: Mapping[str, bytes]
    removed: frozenset[str]
    digests: dict[str, bytes]
    sizes: dict[str, int]

    def since(self, digests: Mapping[str, bytes]) -> Files:
        """The same of all files, with those as written alone that are others than they were."""
        now = self.digests
        written = {n: one for n, one in self.written.items() if digests.get(n) != now[n]}
        return Files(written, frozenset(digests.keys() - now.keys()), now, self.sizes)


@dataclass(frozen=True, slots=True)
class Capture:
    """A session as it is after a turn.

    Attributes:
        state: its variables, sealed.
        files: its files.
        lost: what is in neither, by name.
    """

    state: bytes
    files: Files
    lost: tuple[LostName, ...]


class Keeper:
    """Seals and opens with one key.

    Args:
        key: the service's; whoever has it can make states.
        tracing: times how long guests take to hand over what they have.
    """

    def __init__(self, key: bytes, tracing: Tracing | None = None) -> None:
        self._key = key
        self._tracing = NoTracing() if tracing is None else tracing

    # --- out of a guest ----------------------------------------------------------------------

    async def capture(
        self,
        box: AsyncSandbox,
        tenant: str,
        session: str,
        digests: Mapping[str, bytes],
        seconds: float | None = None,
    ) -> Capture:
        """Variables and files of a guest between two turns.

        Args:
            box: the guest.
            tenant: what it is sealed for.
            session: what it is sealed for.
            digests: of the files that are saved already.
            seconds: that the guest has for it.

        Raises:
            Unsaved: it could not. Its guest may have ended.
        """
        limits = _saving(box.limits, _SAVE_SECONDS if seconds is None else seconds)
        with self._tracing.span("save") as span:
            span.set(tenant=tenant, engine=box.engine)
            try:
                state, listing = await self._save(box, _context(tenant, session), limits)
                files, refused = await self._read_files(box, listing, digests)
            except (GuestFailure, GuestFileError, SandboxClosed) as error:
                span.set(status="unsaved")
                raise Unsaved(str(error).partition("\n")[0][:300]) from error
            span.set(status="saved")
        return Capture(bytes(state), files, bounded([*names_of(state.lost), *refused]))

    async def _save(
        self, box: AsyncSandbox, context: Mapping[str, str], limits: Limits
    ) -> tuple[SavedState, Listing]:
        """Variables and the names of the files: in one turn, unless they do not cross together."""
        if box.limits.disk:
            try:
                return await box._save_with_files(self._key, context, limits)
            except OutputLimitExceeded:
                if not box.alive:
                    raise
        state = await box.save(key=self._key, context=context, limits=limits)
        return state, await _list(box)

    async def _read_files(
        self, box: AsyncSandbox, listing: Listing, digests: Mapping[str, bytes]
    ) -> tuple[Files, list[LostName]]:
        """Files of a guest, and those that cannot be had."""
        refused = [LostName(name, "file", why) for name, why in listing.refused.items()]
        written: dict[str, bytes] = {}
        now: dict[str, bytes] = {}
        sizes: dict[str, int] = {}
        for name in listing.sizes:
            try:
                content = await box.files.read(name)
            except KeyError:
                continue  # a thread of the guest has removed it meanwhile
            except GuestFileError as error:
                refused.append(LostName(name, "file", error.reason[:300]))
                continue
            digest = (
                _digest(content)
                if len(content) <= QUICK
                else await asyncio.to_thread(_digest, content)
            )
            now[name], sizes[name] = digest, len(content)
            if digests.get(name) != digest:
                written[name] = content
        return Files(written, frozenset(digests.keys() - now.keys()), now, sizes), refused

    @staticmethod
    def digests_of(files: Mapping[str, bytes]) -> dict[str, bytes]:
        """Name -> digest, of files that are saved."""
        return {name: _digest(content) for name, content in files.items()}

    # --- into a guest ------------------------------------------------------------------------

    def opening(self, tenant: str, session: str) -> tuple[bytes, dict[str, str]]:
        """Key and context that a saved state of a session is restored with."""
        return self._key, _context(tenant, session)

    # --- for clients to keep -----------------------------------------------------------------

    def export(self, state: bytes, files: Mapping[str, bytes], tenant: str, session: str) -> bytes:
        """A state of a session and its files, sealed for its tenant to keep.

        Raises:
            StateRefused: it is none of this session's.
        """
        opened = self._open(state, _context(tenant, session))
        own = self._seal(opened, _portable(tenant))
        return luggage.pack(own, files, key=self._key, tenant=tenant) if files else own

    def admit(
        self, state: bytes, tenant: str, session: str, limits: Limits
    ) -> tuple[bytes, dict[str, bytes]]:
        """What :meth:`export` made: a state sealed for a session of the same tenant's, and files.

        Args:
            state: of a client: any bytes.
            tenant: whose it must be.
            session: where it goes.
            limits: of that session.

        Raises:
            StateRefused: it is none of this service's, of another tenant's, or too much.
        """
        files: dict[str, bytes] = {}
        if luggage.has_files(state):
            state, files = luggage.unpack(state, key=self._key, tenant=tenant, limits=limits)
        opened = self._open(state, _portable(tenant), int(limits.value))
        return self._seal(opened, _context(tenant, session)), files

    def move(self, state: bytes, tenant: str, session: str, to: str) -> bytes:
        """A state of one session, sealed for another of the same tenant's.

        Raises:
            StateRefused: it is none of that session's.
        """
        return self._seal(self._open(state, _context(tenant, session)), _context(tenant, to))

    def _open(self, state: bytes, context: Mapping[str, str], limit: int = 1 << 40) -> Unsealed:
        return unseal(state, key=self._key, context=context, limit=limit)

    def _seal(self, opened: Unsealed, context: Mapping[str, str]) -> SavedState:
        import ringfence

        saved = Saved(opened.python, opened.payload, opened.names, opened.lost)
        return seal(
            saved,
            key=self._key,
            context=context,
            engine=opened.engine,
            functions=opened.functions,
            version=ringfence.__version__,
        )


async def _list(box: AsyncSandbox) -> Listing:
    return await box.files.listing() if box.limits.disk else Listing({}, {})


def names_of(lost: tuple[Lost, ...]) -> list[LostName]:
    """What a guest could not keep, as the service tells it."""
    return [LostName(one.name, one.type, one.reason) for one in lost]


def refusal(error: StateRefused) -> str:
    """Why a state was refused, for a client."""
    return str(error)[:300]


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


def _context(tenant: str, session: str) -> dict[str, str]:
    return {"for": "session", "tenant": tenant, "session": session}


def _portable(tenant: str) -> dict[str, str]:
    return {"for": "client", "tenant": tenant}


@lru_cache(256)
def _saving(limits: Limits, seconds: float) -> Limits:
    """The limits of a save: it is no turn of the program's, and short."""
    return limits.replace(wall=seconds, cpu=seconds)
