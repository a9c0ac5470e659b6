"""What can be run and inserted: what is shipped, a person's own, and what is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import ringfence
from vishwakarma_app.blocks import LIBRARY, BlockLibrary, LibraryBlock
from vishwakarma_app.errors import BlockRefused, ExtensionRefused, VishwakarmaError
from vishwakarma_app.extensions import Extension, shipped
from vishwakarma_app.workshop.installed import Installed, InstalledExtension

__all__ = ["Catalogue"]


@dataclass(frozen=True)
class _Seen:
    """What was there at one moment."""

    extensions: Mapping[str, Extension]
    library: Mapping[str, LibraryBlock]
    installed: tuple[InstalledExtension, ...]
    libraries: Mapping[str, str]  # block -> the installed library that it is of
    trouble: str


class Catalogue:
    """All of it by name. What is installed is verified when it is listed, and again whenever it is
    taken: :meth:`extension` and :meth:`blocks_for`. May be used from several threads.

    Args:
        own: a person's own, by name.
        installed: what is installed; None where nothing can be.

    Attributes:
        installing: the same.
        blocks: as :attr:`library`, and always as it is now.
    """

    def __init__(
        self, *, own: Mapping[str, Extension] | None = None, installed: Installed | None = None
    ) -> None:
        self._fixed = {**shipped(), **(own or {})}
        self.installing = installed
        self._seen = self._look()
        self.blocks: Mapping[str, LibraryBlock] = _Live(lambda: self._seen.library)

    def reload(self) -> None:
        """See again what is installed, and whether it still loads."""
        self._seen = self._look()

    @property
    def extensions(self) -> Mapping[str, Extension]:
        """What can be run: shipped ones first."""
        return self._seen.extensions

    @property
    def library(self) -> Mapping[str, LibraryBlock]:
        """What can be inserted: shipped ones first."""
        return self._seen.library

    @property
    def installed(self) -> tuple[InstalledExtension, ...]:
        """What is installed, in whatever state."""
        return self._seen.installed

    @property
    def trouble(self) -> str:
        """Why nothing can be said about what is installed; empty where that is not so."""
        return self._seen.trouble

    @property
    def missing(self) -> str:
        """Why something that is wanted may not be there: what is installed and not loaded."""
        seen = self._seen
        said = [seen.trouble, *(one.message for one in seen.installed if one.loaded is None)]
        return "".join(f"; {one}" for one in said if one)

    def extension(self, name: str) -> Extension:
        """An extension to run: an installed one is verified now.

        Raises:
            NotLoaded: it is installed, and is not loaded.
            ExtensionRefused: there is none.
        """
        if name in self._fixed:
            return self._fixed[name]
        if self.installing is not None and name in self.installing.names():
            found = self.installing.load(name)
            if isinstance(found, Extension):
                return found
            raise ExtensionRefused(f"{name} is a library of blocks, and does not run by itself")
        known = ", ".join(self.extensions)
        raise ExtensionRefused(f"there is no extension {name[:40]!r}; there are {known}")

    def blocks_for(self, block: str) -> Mapping[str, LibraryBlock]:
        """The library to insert a block with; where the block is of an installed one, that is
        verified now.

        Raises:
            NotLoaded: its library is not loaded any more.
            BlockRefused: it is not in its library any more.
        """
        seen = self._seen
        if block not in seen.library and self.missing:
            known = ", ".join(seen.library)
            raise BlockRefused(
                f"there is no block {block[:40]!r}; there are {known}{self.missing}", block
            )
        home = seen.libraries.get(block)
        if home is None or self.installing is None:
            return seen.library
        found = self.installing.load(home)
        if not isinstance(found, BlockLibrary) or block not in found.blocks:
            raise BlockRefused(f"{home} has no block {block} any more", block)
        return MappingProxyType({**seen.library, block: found.blocks[block]})

    def _look(self) -> _Seen:
        extensions, library = dict(self._fixed), dict(LIBRARY)
        libraries: dict[str, str] = {}
        rows = []
        installed: tuple[InstalledExtension, ...] = ()
        trouble = ""
        try:
            if self.installing is not None:
                installed = self.installing.all()
        except (VishwakarmaError, ringfence.RingfenceError, OSError) as error:
            trouble = f"nothing that is installed is loaded: {error}"
        for one in installed:
            row = one
            if isinstance(one.loaded, BlockLibrary):
                if clash := sorted(one.loaded.blocks.keys() & library.keys()):
                    row = _unloaded(one, f"{libraries.get(clash[0], 'something else')} has a block "
                                         f"{clash[0]} as well; remove one of the two")  # fmt: skip
                else:
                    library |= one.loaded.blocks
                    libraries |= dict.fromkeys(one.loaded.blocks, one.name)
            elif one.loaded is not None:
                if one.name in extensions:
                    row = _unloaded(one, "there is an extension of your own of this name")
                else:
                    extensions[one.name] = one.loaded
            rows.append(row)
        return _Seen(
            MappingProxyType(extensions),
            MappingProxyType(library),
            tuple(rows),
            MappingProxyType(libraries),
            trouble,
        )


class _Live(Mapping[str, LibraryBlock]):
    """What another mapping has at the moment of each question."""

    def __init__(self, now: Callable[[], Mapping[str, LibraryBlock]]) -> None:
        self._now = now

    def __getitem__(self, name: str) -> LibraryBlock:
        return self._now()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())


def _unloaded(one: InstalledExtension, why: str) -> InstalledExtension:
    return replace(one, state="refused", message=f"{one.name} is not loaded: {why}", loaded=None)
