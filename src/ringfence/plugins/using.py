"""Plugins as a host uses them, each checked against what the host is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ringfence.errors import ConfigurationError
from ringfence.plugins.bundle import Bundle
from ringfence.plugins.compatibility import check_compatible, check_grants, top_level_modules
from ringfence.plugins.guest import Plugin
from ringfence.plugins.hookspec import HookSpec

__all__ = ["Use", "adopt"]


@dataclass(frozen=True, kw_only=True)
class Use:
    """A plugin as a host uses it.

    Attributes:
        bundle: the plugin.
        parameters: values for its parameters; the others have their defaults.
        name: what answers and failures call it; its own name by default.
    """

    bundle: Bundle
    parameters: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""


def adopt(
    spec: type[HookSpec],
    plugins: Iterable[Bundle | Use],
    lent: frozenset[str],
    standard: tuple[str, ...],
) -> dict[str, Plugin]:
    """The plugins by name, each checked against what this host is."""
    modules = top_level_modules(lent)
    found: dict[str, Plugin] = {}
    if isinstance(plugins, Bundle | Use) or not isinstance(plugins, Iterable):
        raise ConfigurationError(f"plugins must be a list, and not {type(plugins).__name__}")
    for given in plugins:
        use = Use(bundle=given) if isinstance(given, Bundle) else given
        if not (type(use) is Use and type(use.bundle) is Bundle):
            raise ConfigurationError(f"plugins: {given!r} is neither a Bundle nor a Use of one")
        manifest = use.bundle.manifest
        name = use.name or manifest.name
        if name in found:
            raise ConfigurationError(
                f"plugins: {name!r} is there twice; give one of them another name, in its Use"
            )
        check_compatible(manifest, spec)
        check_grants(use.bundle, lent)
        found[name] = Plugin(
            name=name,
            bundle=use.bundle,
            parameters=MappingProxyType(manifest.arguments(use.parameters)),
            packages=tuple(sorted({one for p in manifest.packages for one in modules[p]})),
            standard=standard,
        )
    return found
