"""What the API answers, as JSON values. Texts of plugins and their authors are strangers': the page
shows them as text, and so does everybody else who knows what is good.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ringfence.plugins import Bundle, HookFailure, Manifest
from ringfence.workshop import PluginVersion, Submission
from worldgen.atlas import LinkStatus
from worldgen.catalogue import OWNER, Review
from worldgen.geometry import DEEPEST, PIXELS, SIDE
from worldgen.spec import BIOMES, Terrain
from worldgen.store import World

__all__ = [
    "bundle_view",
    "failure_view",
    "review_view",
    "spec_view",
    "status_view",
    "submission_view",
    "version_view",
    "world_view",
]

_LONGEST = 4_000


def world_view(world: World) -> dict[str, Any]:
    """A world."""
    return {
        "id": world.id,
        "name": world.name,
        "settings": world.settings.plain(),
        "chain": [link.plain() for link in world.chain],
        "draft": None if world.draft is None else [link.plain() for link in world.draft],
        "revision": world.revision,
        "created": world.created,
    }


def manifest_view(manifest: Manifest) -> dict[str, Any]:
    """A manifest."""
    return {
        "name": manifest.name,
        "version": manifest.version_text,
        "author": manifest.author,
        "title": manifest.title,
        "description": manifest.description,
        "entry": manifest.entry,
        "spec": str(manifest.spec),
        "packages": list(manifest.packages),
        "grants": list(manifest.grants),
        "parameters": {
            name: {
                "type": one.type,
                "default": one.default,
                "low": one.low,
                "high": one.high,
                "choices": list(one.choices),
                "unit": one.unit,
                "help": one.help,
            }
            for name, one in manifest.parameters.items()
        },
    }


def review_view(review: Review) -> dict[str, Any]:
    """What the analysis found."""
    return {
        "verdict": review.verdict,
        "findings": [
            {
                "rule": one.rule,
                "severity": one.severity,
                "file": one.file,
                "line": one.line,
                "column": one.column,
                "message": _short(one.message),
                "remedy": _short(one.remedy),
            }
            for one in review.findings[:200]
        ],
        "imports": list(review.imports),
        "undeclared": list(review.undeclared),
    }


def bundle_view(bundle: Bundle, review: Review) -> dict[str, Any]:
    """A plugin with its source."""
    return {
        **manifest_view(bundle.manifest),
        "sha256": bundle.sha256,
        "files": {name: data.decode() for name, data in bundle.files.items()},
        "review": review_view(review),
    }


def version_view(version: PluginVersion) -> dict[str, Any]:
    """A version of a plugin, as the workshop lists it."""
    return {
        "name": version.name,
        "version": version.version,
        "account": version.account,
        "own": version.account == OWNER,
        "title": version.title,
        "description": version.description,
        "author": version.author,
        "status": version.status,
        "reason": version.reason,
        "sha256": version.sha256,
    }


def submission_view(told: Submission) -> dict[str, Any]:
    """What became of an upload."""
    return {
        "id": told.id,
        "name": told.name,
        "version": told.version,
        "title": told.title,
        "state": told.state,
        "reason": _short(told.reason),
        "analysis": told.analysis,
        "trial": told.trial,
        "sha256": told.sha256,
    }


def failure_view(failure: HookFailure) -> dict[str, Any]:
    """What went wrong in a plugin."""
    return {
        "plugin": failure.plugin,
        "hook": failure.hook,
        "kind": failure.kind,
        "field": _short(failure.field),
        "reason": _short(failure.reason),
        "traceback": _short(failure.traceback),
    }


def status_view(links: Iterable[LinkStatus], failures: Iterable[HookFailure]) -> dict[str, Any]:
    """A chain as it stands."""
    return {
        "links": [
            {
                **one.link.plain(),
                "manifest": manifest_view(one.bundle.manifest) if one.bundle else None,
                "withheld": _short(one.withheld),
                "quarantined": failure_view(one.quarantined) if one.quarantined else None,
                "retry": round(one.retry, 1),
                "newest": one.newest,
            }
            for one in links
        ],
        "failures": [failure_view(one) for one in failures],
    }


def spec_view() -> dict[str, Any]:
    """What plugins are written for, and how large a world is."""
    major, minor = Terrain.spec_version
    return {
        "name": Terrain.spec_name,
        "version": f"{major}.{minor}",
        "hooks": [
            {"name": one.name, "rule": one.rule, "signature": one.signature, "doc": one.doc}
            for one in Terrain.hooks.values()
        ],
        "biomes": list(BIOMES),
        "side": SIDE,
        "pixels": PIXELS,
        "deepest": DEEPEST,
    }


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
