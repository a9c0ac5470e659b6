"""What the page's panel of extensions asks for: searching, installing, updating and removing.

All of it may wait for a workshop, and none of it touches the document: it is called in threads of
its own. What a workshop or a release says are texts of strangers, which the page shows as texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vishwakarma_app.blocks import BlockLibrary
from vishwakarma_app.errors import ExtensionRefused
from vishwakarma_app.extensions import Extension
from vishwakarma_app.manifests import GRANTS
from vishwakarma_app.workshop import Catalogue, Installed, InstalledExtension

__all__ = ["Shelf", "described"]

Json = dict[str, Any]


class Shelf:
    """Installs into a catalogue.

    Args:
        catalogue: what can be run and inserted.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def offered(self) -> Json:
        """What a page can run and insert, and what is installed in whatever state."""
        catalogue = self._catalogue
        return {
            "extensions": [described(one) for one in catalogue.extensions.values()],
            "library": [
                {"name": name, "title": one.title} for name, one in catalogue.library.items()
            ],
            "installed": [_installed(one) for one in catalogue.installed],
            "grants": dict(GRANTS),
            "trouble": catalogue.trouble,
        }

    def search(self, query: str) -> Json:
        """What the workshops that were added offer."""
        installing = self._installing()
        found, failed = installing.search(query)
        return {
            "workshops": [one.url for one in installing.workshops],
            "found": [
                {
                    "name": one.name,
                    "version": one.version,
                    "kind": one.kind,
                    "title": one.title,
                    "description": one.description,
                    "author": one.author,
                    "grants": list(one.grants),
                    "workshop": one.workshop,
                    "shipped": one.shipped,
                }
                for one in found
            ],
            "failed": list(failed),
        }

    def install(self, name: str, workshop: str, agreed: Sequence[str]) -> Json:
        """Install something from a workshop; its name and version."""
        try:
            taken = self._installing().install(name, workshop=workshop, agreed=agreed)
        finally:
            self._catalogue.reload()
        return {"name": taken.name, "version": taken.version}

    def update(self, name: str, agreed: Sequence[str]) -> Json:
        """Update what is installed; its name, the version of before and that of now."""
        try:
            before, taken = self._installing().update(name, agreed=agreed)
        finally:
            self._catalogue.reload()
        return {"name": taken.name, "before": before, "version": taken.version}

    def remove(self, name: str) -> None:
        """Remove what is installed."""
        try:
            self._installing().remove(name)
        finally:
            self._catalogue.reload()

    def refresh(self) -> Json:
        """Get what the workshops signed last; why that failed for some."""
        try:
            failed = self._installing().refresh()
        finally:
            self._catalogue.reload()
        return {"failed": list(failed)}

    def extension(self, name: str) -> Extension:
        """An extension to run; an installed one is verified now."""
        try:
            return self._catalogue.extension(name)
        except ExtensionRefused:
            self._catalogue.reload()  # what was there is not any more, which pages are told
            raise

    def _installing(self) -> Installed:
        if self._catalogue.installing is None:
            raise ExtensionRefused("nothing can be installed into this one")
        return self._catalogue.installing


def described(extension: Extension) -> Json:
    """What a page needs to offer an extension."""
    return {
        "name": extension.name,
        "kind": extension.kind,
        "title": extension.title,
        "suffixes": list(extension.suffixes),
        "parameters": [
            {"name": name, "type": one.type, "default": one.default, "help": one.help}
            for name, one in extension.parameters.items()
        ],
    }


def _installed(one: InstalledExtension) -> Json:
    loaded = one.loaded
    return {
        "name": one.name,
        "version": one.version,
        "workshop": one.workshop,
        "state": one.state,
        "message": one.message,
        "newest": one.newest,
        "title": "" if loaded is None else loaded.title,
        "kind": (
            "" if loaded is None else "blocks" if isinstance(loaded, BlockLibrary) else loaded.kind
        ),
        "grants": list(loaded.grants) if isinstance(loaded, Extension) else [],
    }
